import { expect, test } from "bun:test";
import { memoryLedger } from "../../db/ledger.fixture.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import { partContext } from "./context.ts";
import { readFindings } from "./findings.ts";
import { rowsOf } from "./rows.fixture.ts";

const run = (name: string, tasks: readonly string[], about: Partial<OutcomeRow> = {}) =>
  rowsOf(tasks, { run: name, ...about });
const solo = (tasks: readonly string[], about: Partial<OutcomeRow> = {}) =>
  run("s", tasks, { setting: "solo", path: "solo", merge_status: null, ...about });
const coop = (tasks: readonly string[], about: Partial<OutcomeRow> = {}) => run("c", tasks, about);
const gold = (tasks: readonly string[]) => run("g", tasks, { agent: "gold", model: null });
const told = async (rows: readonly OutcomeRow[]) => {
  using ledger = memoryLedger();
  const { headline, sentences, items, notes } = await readFindings(
    partContext({
      ...{ ledger, rows, policy: "union", narrowed: false },
      ...{ gold: () => new Map(), published: () => [] },
    }),
  );
  return { headline, text: [...sentences, ...items, ...notes].join(" ") };
};
/** Thirty tasks of which the first so many are one text, the rest another. */
const thirty = (first: number, one: string, other: string) =>
  Array.from({ length: 30 }, (_, at) => (at < first ? one : other));

const TABLE: [what: string, rows: OutcomeRow[], headline: string, ...text: RegExp[]][] = [
  ["nothing at all", [], "No results yet", /^No pair is evaluated yet\.$/],
  [
    "nothing that is scored",
    coop(["--x"]),
    "No results yet",
    /^No pair is evaluated yet\. 1 attempt met a fault, .* and 2 attempts wait for a verdict: they are in no rate\.$/,
  ],
  [
    "gold alone",
    gold(["1101"]),
    "The merged reference patches passed 3 of 4 pairs",
    /no agents to compare/,
  ],
  [
    "one arm, and gold, which is nobody to compare with",
    [...coop(["10"]), ...gold(["11"])],
    "Coop passed 1 of 2 pairs",
    /between 9 % and 91 % \(95 % Wilson interval\)/,
    /a solo run of the same agent and model/,
  ],
  ["solo without coop", solo(["110"]), "Solo passed 2 of 3 pairs", /a coop run of the same/],
  [
    "two solo runs that share no pair",
    [...solo(["11"]), ...solo(["--10"], { run: "t" })],
    "2 runs, and no comparison is possible yet",
    /All of them are solo: without a coop run/,
  ],
  [
    "unpaired: solo and coop on other pairs",
    [...solo(["11--"]), ...coop(["--10"])],
    "2 runs, and no comparison is possible yet",
    /have no scored pair in common/,
    /4 attempts wait for a verdict/,
  ],
  [
    "the gap of one task",
    [...solo(["1111111110"]), ...coop(["1111100000"]), ...gold(["1111111000"])],
    "Coop passed 4 of 10 pairs fewer than solo; this can be chance",
    /^Solo passed 9 of 10 pairs, coop passed 5\. With ten pairs of one task this can be chance \(exact McNemar test: p = 0\.125\)\. Both are mini, m\.$/,
  ],
  [
    "tiny: one pair",
    [...solo(["1"]), ...coop(["0"])],
    "Coop passed 1 of 1 pair fewer than solo; this can be chance",
    /With one pair of one task this can be chance/,
  ],
  [
    "no difference",
    [...solo(["1100"]), ...coop(["1001"])],
    "Solo and coop each passed 2 of 4 pairs",
    /does not show that they are equally good/,
  ],
  [
    "attempts left out",
    [...solo(["1111x"]), ...coop(["10-1-"])],
    "Coop passed 1 of 3 pairs fewer than solo; this can be chance",
    /2 pairs left out of the comparison: 1 scored only in solo, 1 scored in neither\./,
    /1 attempt met a fault, .* and 2 attempts wait/,
  ],
  [
    "a gap that thirty tasks show",
    [...solo(thirty(25, "11", "10")), ...coop(thirty(6, "11", "00"))],
    "Coop's pass rate was 71.7 points below solo's on 60 pairs",
    /Chance alone would rarely show that much/,
  ],
  [
    "two models: each has its finding, and subjects that say which",
    [
      ...[...solo(["1111"]), ...coop(["1100"])],
      ...solo(["1111"], { run: "s2", model: "n" }),
      ...coop(["1111"], { run: "c2", model: "n" }),
    ],
    "Coop passed fewer pairs than solo in 1 of 2 comparisons; each difference can be chance",
    /mini, m: Solo passed 4 of 4 pairs, coop passed 2\./,
    /mini, n: Solo passed 4 of 4 pairs, coop passed 4\./,
  ],
  [
    "two studies of one model: subjects are the runs",
    [...[...solo(["1111"]), ...coop(["1100"])], ...coop(["1110"], { run: "again-coop" })],
    "Coop passed fewer pairs than solo in 2 of 2 comparisons; each difference can be chance",
    /again-coop passed 3\./,
  ],
  [
    "runs of one setting",
    [...coop(["1100"]), ...coop(["1110"], { run: "d", model: "n" })],
    "c passed 1 of 4 pairs fewer than d; this can be chance",
    /c passed 2 of 4 pairs, d passed 3\./,
  ],
  [
    "task files that differ",
    [...solo(["11"]), ...coop(["10"], { task_hash: "other" })],
    "2 runs, and no comparison is possible yet",
    /Not compared, because task files differ between their editions of the dataset: s and c\./,
  ],
];

test.each(TABLE)("a finding of %s", async (_, rows, headline, ...texts) => {
  const found = await told(rows);
  expect(found.headline).toBe(headline);
  for (const text of texts) expect(found.text).toMatch(text);
});

test("many runs without a gap are not compared one with all others", async () => {
  const rows = Array.from({ length: 7 }, (_, at) =>
    coop(["10"], { run: `r${at}`, model: `m${at}` }),
  );
  expect((await told(rows.flat())).headline).toBe("7 runs, and no comparison is possible yet");
});
