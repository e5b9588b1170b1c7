// Owns the remarks that stand beside a verdict: marks of its suites, files left out of the merge, and verdicts that contradict each other.
import type { AttemptPage } from "../../db/pages.ts";
import { type Html, html, joined, type Slot } from "./html.ts";
import { plural } from "./numbers.ts";
import { tag } from "./parts.ts";
import type { StoryInput } from "./story-input.ts";
import { MARK_WORDS } from "./story-words.ts";

const MOST_FILES = 8;

/** A list, each remark with a link to its place; nothing where there is nothing to remark. */
export function marksList(
  page: AttemptPage,
  passed: boolean | null,
  marksOf: StoryInput["marksOf"],
): Slot {
  const remarks = [
    ...suiteMarks(page, marksOf),
    ...contradiction(page, passed),
    ...page.sides.flatMap((side) => sideRemarks(side)),
  ];
  return (
    remarks.length > 0 &&
    html`<div class="remarks"><h3>Marks</h3><ul>${remarks.map((remark) => html`<li>${remark}</li>`)}</ul></div>`
  );
}

function suiteMarks({ suites }: AttemptPage, marksOf: StoryInput["marksOf"]): Html[] {
  return suites.flatMap(({ tested, suite }) =>
    marksOf(suite).map((mark) => {
      const words = MARK_WORDS[mark];
      const place = html`<a href="#${encodeURIComponent(`suite-${tested}-${suite.feature_id}`)}">feature ${suite.feature_id}'s suite</a>`;
      return html`${tag(mark)} ${place} (${tested})${words !== null && ` ${words}`}`;
    }),
  );
}

function contradiction({ imported }: AttemptPage, passed: boolean | null): Html[] {
  const theirs = imported?.passed ?? null;
  if (theirs === null || passed === null || theirs === passed) return [];
  return [
    html`${tag("contradicted")} the <a href="#further">imported verdict</a> is ${theirs ? "passed" : "failed"}, this report's is ${passed ? "passed" : "failed"}`,
  ];
}

function sideRemarks({ agent_id, left_out, marked }: AttemptPage["sides"][number]): Html[] {
  const place = html`<a href="#patches">${agent_id}'s patch</a>`;
  const out =
    left_out.length > 0 &&
    html`${tag("left out")} ${plural(left_out.length, "file")} of ${place}: ${files(left_out.map(({ path, rule }) => html`<code>${path}</code> (${rule})`))}`;
  const kept =
    marked.length > 0 &&
    html`${tag("could change how tests are run")} ${place}: ${files(marked.map(({ path, part }) => html`<code>${path}</code> (${part})`))}`;
  return [out, kept].filter((remark) => remark !== false);
}

function files(named: readonly Html[]): Slot {
  const more = named.length - MOST_FILES;
  return [joined(named.slice(0, MOST_FILES), ", "), more > 0 && ` and ${more} more`];
}
