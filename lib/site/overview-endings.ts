// Owns the figures about how pairs ended: passes by path, failures by outcome and by where they began.

import type { OutcomeRow } from "../../db/outcomes.ts";
import { type Part, stacked } from "./charts.ts";
import type { SiteData } from "./data.ts";
import { html } from "./html.ts";
import { count, percent } from "./numbers.ts";
import { type Figure, legendOf } from "./parts.ts";
import { SOURCES } from "./source.ts";

const PASSES = [
  ["clean", "pass", "passed: merged cleanly"],
  ["solo", "solo-pass", "passed: one agent's patch (solo)"],
  ["identical", "identical", "passed: identical patches"],
  ["union", "union", "passed: union merge"],
  ["one patch", "one-patch", "passed: one patch alone"],
] as const;
const FAILURES = [
  ["conflict", "conflict", "conflict"],
  ["failed", "failed", "tests failed"],
  ["empty patch", "empty", "empty patch"],
  ["patch too large", "too-large", "patch too large"],
  ["patch does not apply", "apply", "patch does not apply"],
  ["limit reached", "limit", "limit reached"],
  ["refused", "refused", "refused by the model's provider"],
  ["tests timed out", "timeout", "tests timed out"],
  ["no tests ran", "no-tests", "no tests ran"],
] as const;
/** So that a bar is whole whatever the ledger holds. */
const OTHERWISE = ["", "unknown", "otherwise"] as const;
const CAUSES = [
  ["own feature broken", "failed", "own feature broken before the merge"],
  ["patch lost", "empty", "patch lost"],
  ["conflict", "conflict", "conflict"],
  ["broken by merging", "broken", "clean merge, but broken by it"],
  ["", "unknown", "not told apart"],
] as const;

/** What became of all pairs: passes by path, failures by outcome. */
export function endingsFigure({ runs }: SiteData): Figure {
  const parts = runs.flatMap(({ name, rows }) => {
    const scored = rows.filter(({ passed, fault }) => passed !== null && fault === null);
    const count = (key: string, label: string, is: (row: OutcomeRow) => boolean) => ({
      key,
      name: label,
      pairs: scored.filter(is).length,
    });
    const passes = PASSES.map(([path, key, label]) =>
      count(key, label, (row) => row.passed === true && row.path === path),
    );
    const failures = FAILURES.map(([outcome, key, label]) =>
      count(key, label, (row) => row.passed === false && row.outcome === outcome),
    );
    const told = [...passes, ...failures];
    const rest = scored.length - told.reduce((sum, { pairs }) => sum + pairs, 0);
    return sharesOf(
      name,
      [...told, { key: "unknown", name: OTHERWISE[2], pairs: rest }],
      scored.length,
    );
  });
  return partsFigure(parts, {
    id: "endings",
    title: "How pairs ended",
    caption: html`Every scored pair once: passes by the way to the tested tree, failures by outcome. Rates under different policies are not comparable.`,
    sources: [SOURCES.report, SOURCES.outcomesQuery, SOURCES.pathsQuery],
    words: [...PASSES, ...FAILURES, OTHERWISE],
    missing: "No pair is evaluated yet.",
  });
}

/** Where failures began. */
export function causesFigure({ runs }: SiteData): Figure {
  const parts = runs.flatMap(({ name, rows }) => {
    const failed = rows.filter(({ passed, fault }) => passed === false && fault === null);
    const counted = CAUSES.map(([cause, key, label]) => ({
      key,
      name: label,
      pairs: failed.filter((row) => (row.cause ?? "") === cause).length,
    }));
    return sharesOf(name, counted, failed.length);
  });
  return partsFigure(parts, {
    id: "causes",
    title: "Where failures began",
    caption: html`Failed pairs only. Each agent's patch is also tested alone with its own suite: that tells a feature that was broken from the start from one that merging broke.`,
    sources: [SOURCES.report, SOURCES.scores],
    words: CAUSES,
    missing: "No pair failed.",
  });
}

function sharesOf(
  label: string,
  counted: readonly { key: string; name: string; pairs: number }[],
  total: number,
): Part[] {
  return counted
    .filter(({ pairs }) => pairs > 0)
    .map((part) => ({ ...part, label, share: part.pairs / total }));
}

type PartsText = Pick<Figure, "id" | "title" | "caption" | "sources"> & {
  readonly words: readonly (readonly [string, string, string])[];
  readonly missing: string;
};

function partsFigure(parts: readonly Part[], { words, missing, ...rest }: PartsText): Figure {
  const labels = [...new Set(parts.map(({ label }) => label))];
  const present = new Set(parts.map(({ key }) => key));
  return {
    ...rest,
    legend: legendOf(
      words.filter(([, key]) => present.has(key)).map(([, key, label]) => ({ key, label })),
    ),
    missing: parts.length === 0 ? missing : undefined,
    draw: (kit, width) => [stacked(kit, { parts, labels, title: rest.title }, width)],
    data: {
      columns: [
        { title: "run" },
        { title: "ended" },
        { title: "pairs", number: true },
        { title: "share", number: true },
      ],
      rows: parts.map(({ label, name, pairs, share }) => [
        label,
        name,
        count(pairs),
        percent(share),
      ]),
    },
  };
}
