import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CAUSES, OUTCOMES, PATHS } from "../core/vocabulary.ts";
import { loadPart } from "../report/parts/registry.ts";

const asset = (name: string) => readFileSync(join(import.meta.dir, "assets", name), "utf8");
const COLOURS = new Map(
  [...asset("colours.css").matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(
    ([, name = "", light = "", dark = ""]) => [name, { light, dark }] as const,
  ),
);
const WHO = ["coop", "solo", "gold"];
const SCHEMES = ["light", "dark"] as const;

type Scheme = (typeof SCHEMES)[number];
const colour = (name: string, scheme: Scheme) => {
  const found = COLOURS.get(name)?.[scheme];
  if (found === undefined) throw new RangeError(`no colour ${name}`);
  return found;
};

const linear = (hex: string) =>
  [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];

/** Björn Ottosson 2020: a space in which a distance is what an eye sees. */
function oklab(hex: string): [number, number, number] {
  const [r, g, b] = linear(hex);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const distance = (a: string, b: string) => {
  const [one, other] = [oklab(a), oklab(b)];
  return Math.hypot(...one.map((value, at) => value - (other[at] ?? 0)));
};
const light = (hex: string) => {
  const [r, g, b] = linear(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a: string, b: string) => {
  const [less = 0, more = 0] = [light(a), light(b)].sort((x, y) => x - y);
  return (more + 0.05) / (less + 0.05);
};
const couples = (names: readonly string[]) =>
  names.flatMap((a, at) => names.slice(at + 1).map((b) => [a, b] as const));

/** The keys of every piece that a bar of this part can have. */
async function keysOf(name: string, column: string, values: readonly string[]) {
  const part = await loadPart(name);
  const rows = [...values, "unheard of"].map((value) => ({ run: "r", [column]: value, pairs: 1 }));
  const chart = part.chart?.(rows, () => "coop");
  if (chart?.form !== "shares") throw new TypeError(`${name} has no bars`);
  return [...new Set(chart.rows.map(({ key }) => key))];
}

const BARS: [name: string, column: string, values: readonly string[]][] = [
  ["outcomes", "outcome", OUTCOMES],
  ["paths", "path", PATHS],
  ["causes", "cause", CAUSES],
];

describe("one colour has one meaning", () => {
  test("no two meanings of charts share a colour", () => {
    const keys = [...COLOURS.keys()].filter((name) => name.startsWith("k-"));
    for (const scheme of SCHEMES)
      for (const [a, b] of couples([...keys, ...WHO])) {
        const far = distance(colour(a, scheme), colour(b, scheme)) > 0.025;
        expect({ scheme, a, b, far }).toEqual({ scheme, a, b, far: true });
      }
  });

  test.each(BARS)(
    "every piece of the chart of %s has its own, far from the others",
    async (name, column, values) => {
      const keys = await keysOf(name, column, values);
      const tokens = keys.map((key) => (WHO.includes(key) ? key : `k-${key}`));
      for (const key of keys) expect(asset("keys.css")).toContain(`.k-${key} {`);
      for (const scheme of SCHEMES) {
        for (const [a, b] of couples(tokens)) {
          const far = distance(colour(a, scheme), colour(b, scheme)) > 0.045;
          expect({ scheme, a, b, far }).toEqual({ scheme, a, b, far: true });
        }
        for (const token of tokens)
          expect([token, contrast(colour(token, scheme), colour("on-key", scheme)) >= 4.5]).toEqual(
            [token, true],
          );
      }
    },
  );

  test("who worked and conflicts are told apart where they are drawn together, and seen on the page", () => {
    for (const scheme of SCHEMES)
      for (const [a, b] of couples([...WHO, "k-conflict", "paper"])) {
        const far = distance(colour(a, scheme), colour(b, scheme)) > 0.08;
        expect({ scheme, a, b, far }).toEqual({ scheme, a, b, far: true });
      }
  });
});
