// Owns showing the suites' results: which tree, which feature, what failed first beside the reference patches, test by test.
import type { GoldSuite } from "../../db/gold-suites.ts";
import type { Ledger } from "../../db/ledger.ts";
import type { AttemptPage } from "../../db/pages.ts";
import { TESTED_TREES } from "../eval/policies/registry.ts";
import { type Html, html, type Slot } from "./html.ts";
import { bytes as byteSize, clip, count, duration, plural, shortHash } from "./numbers.ts";
import { pre, verdict } from "./parts.ts";
import { failureHtml, goldHtml, goldOf } from "./suites-failed.ts";

type Suite = AttemptPage["suites"][number];

const MOST_TESTS = 300;
const MOST_CHARACTERS = 8000;

/** Suites by the tree they ran on, each with its raw output and its marks. */
export function suitesSection(
  { suites, attempt }: Pick<AttemptPage, "suites" | "attempt">,
  ledger: Pick<Ledger, "scores" | "marks" | "goldSuites">,
): Html {
  if (suites.length === 0) return html`<p class="missing">No suite was run.</p>`;
  const compared = ledger.marks.comparing();
  const bad = suites.some(({ suite: one }) => one.outcome !== "passed");
  const room: Room = {
    outputOf: (hash) => ledger.scores.output(hash),
    marksOf: ({ suite: one }) => [...one.marks, ...compared(one)],
    gold: bad ? ledger.goldSuites.ofPair(attempt) : [],
  };
  const order = Object.keys(TESTED_TREES);
  const trees = [...Map.groupBy(suites, ({ tested }) => tested)].sort(
    ([a], [b]) => order.indexOf(a) - order.indexOf(b),
  );
  return html`${trees.map(([tested, own]) => html`<section class="tree"><h3>On ${TESTED_TREES[tested]}</h3>${own.map((one) => suite(one, room))}</section>`)}`;
}

type Room = {
  readonly outputOf: (hash: string) => Uint8Array | undefined;
  readonly marksOf: (one: Suite) => readonly string[];
  readonly gold: readonly GoldSuite[];
};

function suite(one: Suite, { outputOf, marksOf, gold }: Room): Html {
  const { suite: result, tested } = one;
  const { feature_id, outcome, passed, failed, skipped, errors, duration_ms, exit_code } = result;
  const marks = marksOf(one);
  const counts = [
    `${count(passed)} passed`,
    `${count(failed)} failed`,
    ...(skipped > 0 ? [`${count(skipped)} skipped`] : []),
    ...(errors > 0 ? [plural(errors, "error")] : []),
  ];
  const bad = outcome !== "passed";
  const found = outputOf(result.output);
  const output = found && new TextDecoder().decode(found).replaceAll("\r\n", "\n");
  const beside = bad && goldHtml(result, goldOf(result, gold));
  const first = bad && output !== undefined && failureHtml(result, output);
  return html`<details class="suite" id="suite-${tested}-${feature_id}"${bad && html` open`}><summary><b>Feature ${feature_id}</b>: ${verdict(outcome, outcome === "passed")}, ${counts.join(", ")} <span class="size">${duration(duration_ms)}${exit_code !== null && `, exit status ${exit_code}`}${marks.length > 0 && `; ${marks.join(", ")}`}</span></summary>${(first || beside) && html`<div class="columns failed">${first}${beside}</div>`}${tests(result.tests)}${raw(result, found?.length, output)}<p class="numbers">tree <code title="${result.tree}">${shortHash(result.tree)}</code>, environment <code title="${result.environment}">${shortHash(result.environment)}</code>, suite <code title="${result.suite_key}">${shortHash(result.suite_key)}</code>, tests patch <code title="${result.tests_patch}">${shortHash(result.tests_patch)}</code></p></details>`;
}

/** What did not pass comes first. */
function tests(all: Suite["suite"]["tests"]): Html {
  if (all.length === 0) return html`<p class="missing">The output names no single test.</p>`;
  const sorted = [
    ...all.filter(({ status }) => status !== "passed"),
    ...all.filter(({ status }) => status === "passed"),
  ];
  const shown = sorted.slice(0, MOST_TESTS);
  const rest = sorted.length - shown.length;
  return html`<ul class="tests">${shown.map(({ name, status }) => html`<li class="t-${status === "passed" ? "pass" : status === "skipped" ? "skip" : "fail"}"><span class="status">${status}</span> ${name}</li>`)}</ul>${rest > 0 && html`<p>and ${plural(rest, "more passed test")}</p>`}`;
}

function raw(
  { output: hash, suite_key, tests: named }: Suite["suite"],
  size: number | undefined,
  output: string | undefined,
): Slot {
  if (size === undefined || output === undefined)
    return html`<p class="missing">The ledger has no output of it.</p>`;
  return html`<details class="raw"${named.length === 0 && html` open`}><summary>Raw output (${byteSize(size)})</summary>${pre(clip(output, MOST_CHARACTERS), `the ledger, outputs.hash ${hash.slice(0, 12)} of suite ${suite_key.slice(0, 12)}`)}</details>`;
}
