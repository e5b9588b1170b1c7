"""Makes drawn.json: repeats, bootstrap, sign flips and retention, by other means: enumeration, and exact fractions.
In this folder: python3 make.py && bunx biome format --write drawn.json"""
import itertools, json, math, platform, random
from fractions import Fraction


def share(events):
    events = list(events)
    return sum(events) / len(events)


def repeats(n, c, k):
    """Every way to take k of n tries of which the first c passed."""
    takes = list(itertools.combinations([i < c for i in range(n)], k))
    return [n, c, k, share(any(take) for take in takes), share(all(take) for take in takes)]


def observations(rng, sizes):
    return [[rng.choice([-1, 0, 0, 0, 0.5, 1]), f"c{c:02}"] for c, size in enumerate(sizes) for _ in range(size)]


def clusters_of(rows):
    names = sorted({name for _, name in rows})
    return [[value for value, name in rows if name == wanted] for wanted in names]


def quantile(values, p):
    values = sorted(values)
    place = (len(values) - 1) * p
    low = math.floor(place)
    return values[low] + (values[math.ceil(place)] - values[low]) * (place - low)


def bootstrap(rows, draws, seed):
    """Resamples whole lists of values."""
    rng, clusters = random.Random(seed), clusters_of(rows)
    means = []
    for _ in range(draws):
        values = [v for _ in clusters for v in clusters[rng.randrange(len(clusters))]]
        means.append(sum(values) / len(values))
    return {"draws": draws, "seed": seed, "low": quantile(means, 0.025), "high": quantile(means, 0.975)}


def bootstrap_all(rows):
    """Every ordered resample, once: the interval that more draws come nearer to."""
    clusters = clusters_of(rows)
    means = []
    for drawn in itertools.product(clusters, repeat=len(clusters)):
        values = [v for values in drawn for v in values]
        means.append(sum(values) / len(values))
    return {"low": quantile(means, 0.025), "high": quantile(means, 0.975)}


def flips(rows):
    """Flips the values themselves, all ways, clusters without a difference included."""
    clusters = clusters_of(rows)
    seen = abs(sum(v for v, _ in rows))
    signs = itertools.product([1, -1], repeat=len(clusters))
    return share(abs(sum(s * v for s, own in zip(way, clusters) for v in own)) >= seen for way in signs)


def flips_drawn(rows, draws, seed):
    """One randrange a block of 30 clusters that differ; a set bit turns a cluster."""
    rng = random.Random(seed)
    sums = [sum(own) for own in clusters_of(rows) if sum(own) != 0]
    reached = 0
    for _ in range(draws):
        signs = []
        for start in range(0, len(sums), 30):
            block = sums[start : start + 30]
            drawn = rng.randrange(2 ** len(block))
            signs += [-1 if drawn >> bit & 1 else 1 for bit in range(len(block))]
        reached += abs(sum(s * v for s, v in zip(signs, sums))) >= abs(sum(sums))
    return {"draws": draws, "seed": seed, "p": (reached + 1) / (draws + 1)}


def solo_rate(tries):
    scored = [t for t in tries if t in "01"]
    return Fraction(scored.count("1"), len(scored)) if scored else None


def curves(table, models, panel_for, pairs):
    """Buckets by exact fractions; areas likewise."""
    results, pooled = {}, {"solo": {}, "coop": {}}
    for model in models:
        raw = {p: 1 - sum(solo_rate(table[m]["solo"][p]) for m in panel_for(model)) / len(panel_for(model)) for p in pairs}
        least, most = min(raw.values()), max(raw.values())
        both = [p for p in pairs if solo_rate(table[model]["coop"][p]) is not None]
        counts = {}
        for setting in ("solo", "coop"):
            counts[setting] = {}
            for p in both:
                d = (raw[p] - least) / (most - least)
                bucket = min(9, math.floor(d * 10))
                for into in (counts[setting], pooled[setting]):
                    k, n = into.get(bucket, (0, 0))
                    tries = table[model][setting][p]
                    into[bucket] = (k + tries.count("1"), n + tries.count("1") + tries.count("0"))
        results[model] = counts
    return [summed(m, c) for m, c in results.items()] + [summed(None, pooled)]


def summed(model, counts):
    areas = {}
    for setting, buckets in counts.items():
        points = [(Fraction(2 * b + 1, 20), Fraction(k, n)) for b, (k, n) in sorted(buckets.items())]
        areas[setting] = sum((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in zip(points, points[1:]))
    points = {s: [[b, k, n] for b, (k, n) in sorted(c.items())] for s, c in counts.items()}
    return {"model": model, "points": points, "auc_solo": float(areas["solo"]), "auc_coop": float(areas["coop"]),
            "retention": float(areas["coop"] / areas["solo"])}


def retention(rng, models, count, most_tries):
    """Tries of a pair as a word: 1 passed, 0 failed, x fault, . pending."""
    skill = {m: rng.uniform(0.3, 0.9) for m in models}
    table = {m: {"solo": [], "coop": []} for m in models}
    for _ in range(count):
        hard = rng.random()
        for m in models:
            for setting, factor in (("solo", 1), ("coop", 0.6)):
                chance = skill[m] * (1 - hard) * factor * 1.4
                tries = rng.randint(1, most_tries)
                word = "".join("1" if rng.random() < chance else "x" if rng.random() < 0.04 else "." if rng.random() < 0.02 else "0" for _ in range(tries))
                table[m][setting].append(word)
    pairs = [p for p in range(count) if all(solo_rate(table[m]["solo"][p]) is not None for m in models)]
    return {
        "table": {m: {s: " ".join(words) for s, words in own.items()} for m, own in table.items()},
        "pairs": len(pairs),
        "plain": curves(table, models, lambda _: models, pairs),
        "leave_one_out": curves(table, models, lambda m: [o for o in models if o != m], pairs),
    }


rng = random.Random(20260113)
few, some = observations(rng, [3, 1, 7, 2]), observations(rng, [5, 9, 1, 4, 4, 6, 12, 3, 5, 5])
many, wide = observations(rng, [rng.randint(1, 9) for _ in range(34)]), observations(rng, [2] * 70)
vectors = {
    "made_with": {"program": "CPython, standard library only", "version": platform.python_version(), "code": open("make.py").read()},
    "repeats": [repeats(n, c, k) for n in (1, 2, 3, 5, 8) for c in range(n + 1) for k in range(1, n + 1)],
    "bootstrap": [{"rows": rows, **bootstrap(rows, draws, seed)} for rows, draws, seed in ((few, 999, 1), (some, 10000, 2601), (many, 2000, 7))],
    "bootstrap_all": {"rows": few, **bootstrap_all(few)},
    "sign_flip": [{"rows": rows, "p": flips(rows)} for rows in (few, some, observations(rng, [4, 4]), observations(rng, [2] * 13))],
    "sign_flip_drawn": [{"rows": rows, **flips_drawn(rows, draws, seed)} for rows, draws, seed in ((many, 5000, 3), (wide, 3000, 4))],
    "retention": [retention(rng, ["a", "b", "c"], 60, 2), retention(rng, ["m1", "m2", "m3", "m4", "m5"], 120, 1)],
}
open("drawn.json", "w").write(json.dumps(vectors))
