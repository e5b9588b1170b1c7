// Owns the page of one attempt: what happened and why, the parts that show it, and the way to other attempts.

import type { Ledger } from "../../db/ledger.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { Policy, RunRow } from "../../db/schema.ts";
import { pairOfRow } from "../report/report.ts";
import type { ConflictText } from "./conflicts.ts";
import { type Html, html, type Slot } from "./html.ts";
import { link, PAIRS, pagePath, sideLink, tableState } from "./links.ts";
import type { Neighbours } from "./neighbours.ts";
import { costText, duration } from "./numbers.ts";
import { faultsTable } from "./pair-facts.ts";
import { type PagePart, pageParts, part, partHtml } from "./pair-parts.ts";
import { storySection } from "./pair-story.ts";
import { facts, verdict } from "./parts.ts";
import { SOURCES, sourceNote } from "./source.ts";

export type PairOptions = {
  readonly ledger: Ledger;
  readonly log_dir: string;
  readonly policy: Policy;
  readonly neighbours: Neighbours;
  readonly run: RunRow | undefined;
  readonly conflict: ConflictText | undefined;
};

/** The content of an attempt's page. */
export function pairPage(options: PairOptions): Html {
  const { ledger, neighbours, policy, conflict } = options;
  const { row } = neighbours;
  const page = ledger.pages.attempt(row.attempt_key);
  const faults = ledger.pages.faults(row.attempt_key);
  const parts = [
    ...(faults.length > 0
      ? [part("faults", "Faults", faultsTable(faults), [SOURCES.faultsQuery])]
      : []),
    ...(page === undefined ? [unfinished()] : pageParts(page, { ...options, row })),
    part("same", "The same pair elsewhere", elsewhere(neighbours)),
  ];
  return html`${way(neighbours)}
<h1>${titleOf(row)}</h1>
${storySection({ ledger, policy, row, page, faults, conflict })}
${summary(row)}
<div class="attempt">${outline(parts)}<div class="attempt-parts">
${parts.map(partHtml)}</div></div>`;
}

function unfinished(): PagePart {
  const text = html`<p class="missing">This attempt has not finished: a fault prevented it.</p>`;
  return part("verdict", "Verdict", text);
}

/** The parts of the page; the page's script adds the steps that matter under their part. */
function outline(parts: readonly PagePart[]): Html {
  const entries = parts.map(
    ({ id, title }) => html`<li data-part="${id}"><a href="#${id}">${title}</a></li>`,
  );
  return html`<nav class="outline" aria-label="Contents"><details open><summary>Contents</summary><ul>${entries}</ul></details></nav>`;
}

/** `go_chi_task, task 26, features 1 + 2`. */
export function titleOf({ repo, task_id, features, try: attempt }: OutcomeRow): string {
  const times = attempt > 1 ? `, try ${attempt}` : "";
  return `${repo}, task ${task_id}, features ${features.replaceAll(",", " + ")}${times}`;
}

function summary(row: OutcomeRow): Html {
  return facts([
    [
      "outcome",
      row.fault === null
        ? verdict(row.outcome, row.passed)
        : html`<span class="verdict v-none">fault: ${row.fault}</span>`,
    ],
    ["path", row.path],
    ["failure began", row.cause],
    ["run", row.run],
    ["setting", row.setting],
    ["agent", row.model === null ? row.agent : `${row.agent}, ${row.model}`],
    ["naive merge", row.merge_status],
    ["steps", row.steps],
    ["messages", row.messages],
    ["cost", costText(row)],
    ["time", row.wall_ms === null ? null : duration(row.wall_ms)],
  ]);
}

/** Links back to the table, and to the pairs before and after. */
function way({ row, previous, next }: Neighbours): Html {
  const from = pagePath(row.attempt_key);
  const to = (other: OutcomeRow | undefined, rel: "prev" | "next", text: (title: string) => Slot) =>
    other &&
    html`<a rel="${rel}" href="${link(from, pagePath(other.attempt_key))}" title="${titleOf(other)}">${text(`${other.task_id}: ${other.features.replaceAll(",", " + ")}`)}</a>`;
  return html`<nav class="way" aria-label="Pairs of this run"><a href="${link(from, PAIRS, tableState({ run: row.run }))}">${row.run}</a>${to(previous, "prev", (title) => `← ${title}`)}${to(next, "next", (title) => `${title} →`)}</nav>`;
}

function elsewhere({ row, same }: Neighbours): Html {
  const from = pagePath(row.attempt_key);
  const lines = same.map((other) => {
    const name = `${other.run}${other.try > 1 ? `, try ${other.try}` : ""}`;
    const here = other.attempt_key === row.attempt_key;
    return html`<li>${here ? html`<b aria-current="page">${name}</b>` : html`<a href="${link(from, pagePath(other.attempt_key))}">${name}</a>`} ${!here && html`(<a href="${sideLink(pairOfRow(row), row.attempt_key, other.attempt_key, from)}">compare with it</a>)`} <span class="size">${other.setting}, ${other.agent}</span> ${other.fault === null ? verdict(other.outcome, other.passed) : "fault"}${other.path !== null && html` <span class="tag">${other.path}</span>`}</li>`;
  });
  return html`<ul class="same">${lines}</ul>${sourceNote([SOURCES.outcomes])}`;
}
