// Owns showing the suites' results: which tree, which feature, test by test, with the raw output.
import type { Ledger } from "../../db/ledger.ts";
import type { AttemptPage } from "../../db/pages.ts";
import { TESTED_TREES } from "../eval/policies/registry.ts";
import { type Html, html } from "./html.ts";
import { bytes as byteSize, clip, count, duration, plural, shortHash } from "./numbers.ts";
import { pre, verdict } from "./parts.ts";

type Suite = AttemptPage["suites"][number];

const MOST_TESTS = 300;
const MOST_CHARACTERS = 8000;

/** Suites by the tree they ran on, each with its raw output and its marks. */
export function suitesSection(
  suites: readonly Suite[],
  ledger: Pick<Ledger, "scores" | "marks">,
): Html {
  const compared = ledger.marks.comparing();
  const outputOf = (hash: string) => ledger.scores.output(hash);
  const marksOf = ({ suite: one }: Suite) => [...one.marks, ...compared(one)];
  if (suites.length === 0) return html`<p class="missing">No suite was run.</p>`;
  const order = Object.keys(TESTED_TREES);
  const trees = [...Map.groupBy(suites, ({ tested }) => tested)].sort(
    ([a], [b]) => order.indexOf(a) - order.indexOf(b),
  );
  return html`${trees.map(([tested, own]) => html`<section class="tree"><h3>On ${TESTED_TREES[tested]}</h3>${own.map((one) => suite(one, outputOf, marksOf(one)))}</section>`)}`;
}

function suite(
  { suite: result, tested }: Suite,
  outputOf: (hash: string) => Uint8Array | undefined,
  marks: readonly string[],
): Html {
  const { feature_id, outcome, passed, failed, skipped, errors, duration_ms, exit_code } = result;
  const counts = [
    `${count(passed)} passed`,
    `${count(failed)} failed`,
    ...(skipped > 0 ? [`${count(skipped)} skipped`] : []),
    ...(errors > 0 ? [plural(errors, "error")] : []),
  ];
  const bad = outcome !== "passed";
  return html`<details class="suite" id="suite-${tested}-${feature_id}"${bad && html` open`}><summary><b>Feature ${feature_id}</b>: ${verdict(outcome, outcome === "passed")}, ${counts.join(", ")} <span class="size">${duration(duration_ms)}${exit_code !== null && `, exit status ${exit_code}`}${marks.length > 0 && `; ${marks.join(", ")}`}</span></summary>${tests(result.tests)}${raw(result, outputOf)}<p class="numbers">tree <code title="${result.tree}">${shortHash(result.tree)}</code>, environment <code title="${result.environment}">${shortHash(result.environment)}</code>, suite <code title="${result.suite_key}">${shortHash(result.suite_key)}</code>, tests patch <code title="${result.tests_patch}">${shortHash(result.tests_patch)}</code></p></details>`;
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
  { output, suite_key, tests: named }: Suite["suite"],
  outputOf: (hash: string) => Uint8Array | undefined,
): Html {
  const found = outputOf(output);
  if (found === undefined) return html`<p class="missing">The ledger has no output of it.</p>`;
  const text = new TextDecoder().decode(found).replaceAll("\r\n", "\n");
  return html`<details class="raw"${named.length === 0 && html` open`}><summary>Raw output (${byteSize(found.length)})</summary>${pre(clip(text, MOST_CHARACTERS), `the ledger, outputs.hash ${output.slice(0, 12)} of suite ${suite_key.slice(0, 12)}`)}</details>`;
}
