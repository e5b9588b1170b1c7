// Owns what stands on top of a suite that did not pass: its first failure in the runner's words, and what the reference patches did.
import type { GoldSuite } from "../../db/gold-suites.ts";
import type { SuiteResultRow } from "../../db/schema.ts";
import { firstFailure } from "../eval/first-failure.ts";
import { type Html, html, type Slot } from "./html.ts";
import { count, plural } from "./numbers.ts";
import { verdict } from "./parts.ts";

type Suite = Pick<
  SuiteResultRow,
  "feature_id" | "environment" | "tests_patch" | "tests" | "outcome"
>;

/** Lines of the output around what the failure says. */
const [BEFORE, AFTER] = [2, 8];
const MOST_TESTS = 20;
const LONGEST_LINE = 300;
/** Outputs are looked at to here; more is not read for one page. */
const MOST_CHARACTERS = 2_000_000;

/** The first failure that the output tells of, with the lines around it; null where no runner's form is recognised. */
export function failureHtml({ tests }: Suite, output: string): Slot {
  const failed = failing(tests).map(({ name }) => name);
  const failure = firstFailure(output.slice(0, MOST_CHARACTERS), failed);
  if (failure === undefined) return null;
  const { test, says, path, line } = failure;
  const lines = linesAround(output, says);
  return html`<div class="first-failure"><h4>The first failure</h4><p>${test !== null && html`<b>${test}</b>`}${path !== null && html` at <code>${path}:${line}</code>`}</p>${lines === undefined ? says !== null && html`<pre tabindex="0">${says}</pre>` : html`<pre tabindex="0">${lines}</pre>`}</div>`;
}

/** The part of an output around the first line with these words; undefined where it is not in one line. */
export function linesAround(output: string, words: string | null): string | undefined {
  if (words === null) return undefined;
  const at = output.indexOf(words);
  if (at < 0) return undefined;
  const [before, after] = [output.slice(0, at).split("\n"), output.slice(at).split("\n")];
  const lines = [
    ...before.slice(-BEFORE - 1, -1),
    `${before.at(-1)}${after[0]}`,
    ...after.slice(1, AFTER + 1),
  ];
  return lines
    .map((line) => cutLine(line))
    .join("\n")
    .replace(/^\n+|\s+$/g, "");
}

function cutLine(line: string): string {
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE).toWellFormed()} ⋯`;
}

const failing = (tests: Suite["tests"]) =>
  tests.filter(({ status }) => status !== "passed" && status !== "skipped");

/** Results of the reference patches that can be held against a suite's: of the same feature, tests and surroundings. */
export function goldOf(suite: Suite, gold: readonly GoldSuite[]): GoldSuite[] {
  const same = gold.filter(
    ({ suite: other }) =>
      other.feature_id === suite.feature_id &&
      other.tests_patch === suite.tests_patch &&
      other.environment === suite.environment,
  );
  return (["alone", "merged"] as const).flatMap((on) => same.find((one) => one.on === on) ?? []);
}

const ON = {
  alone: "the feature's reference patch",
  merged: "the pair's reference patches, merged",
} as const;

/** What the same tests said of the reference patches, and of each test that failed here. */
export function goldHtml(suite: Suite, gold: readonly GoldSuite[]): Html {
  if (gold.length === 0)
    return html`<div class="gold-beside"><h4>The reference patches</h4><p class="missing">No result of the same tests in the same surroundings: <code>tandem check-dataset</code> makes one.</p></div>`;
  const bad = failing(suite.tests);
  const heads = gold.map(({ on }) => html`<th scope="col">${ON[on]}</th>`);
  const rows = bad
    .slice(0, MOST_TESTS)
    .map(
      ({ name, status }) =>
        html`<tr><th scope="row" class="words">${name}</th><td>${status}</td>${gold.map((one) => html`<td>${statusIn(one, name)}</td>`)}</tr>`,
    );
  const whole = gold.map(
    ({ suite: { outcome, passed, failed } }) =>
      html`<td>${verdict(outcome, outcome === "passed")}, ${count(passed)} of ${count(passed + failed)}</td>`,
  );
  const more = bad.length - MOST_TESTS;
  return html`<div class="gold-beside"><h4>The reference patches</h4><div class="scroll" tabindex="0" role="group" aria-label="Beside the reference patches"><table><caption>The tests that failed here, on the reference patches</caption><thead><tr><th scope="col">test</th><th scope="col">here</th>${heads}</tr></thead><tbody><tr><th scope="row">the suite</th><td>${verdict(suite.outcome, false)}</td>${whole}</tr>${rows}</tbody></table></div>${more > 0 && html`<p>and ${plural(more, "more test")} that failed</p>`}</div>`;
}

function statusIn({ suite }: GoldSuite, name: string): string {
  return suite.tests.find((test) => test.name === name)?.status ?? "not named";
}
