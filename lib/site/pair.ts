// Owns the page of one attempt: who did what and when, the patches, their merge, the suites, and the verdict.

import { join } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { AttemptPage } from "../../db/pages.ts";
import type { Policy, RunRow } from "../../db/schema.ts";
import { isGold } from "../core/gold.ts";
import { sumText } from "../core/money.ts";
import { clockOf } from "./clock.ts";
import type { ConflictText } from "./conflicts.ts";
import { type Html, html, type Slot } from "./html.ts";
import { isKey, link, PAIRS, pagePath, tableState } from "./links.ts";
import type { Neighbours } from "./neighbours.ts";
import { duration, usd } from "./numbers.ts";
import { packed } from "./packed.ts";
import {
  agentsTable,
  faultsTable,
  featuresSection,
  furtherSection,
  verdictsTable,
} from "./pair-facts.ts";
import { mergeSection, patchesOf, patchesSection } from "./pair-merge.ts";
import { facts, verdict } from "./parts.ts";
import { SOURCES, type Source, sourceNote } from "./source.ts";
import { suitesSection } from "./suites.ts";
import { NARROW_TIMELINE, timeline } from "./timeline.ts";
import { readTrajectory } from "./trajectory.ts";
import { type Lane, transcript } from "./transcript.ts";

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
  const { ledger, neighbours } = options;
  const { row } = neighbours;
  const page = ledger.pages.attempt(row.attempt_key);
  const faults = ledger.pages.faults(row.attempt_key);
  const parts =
    page === undefined
      ? html`<p class="missing">This attempt has not finished: a fault prevented it.</p>`
      : attemptParts(page, options);
  return html`${way(neighbours)}
<h1>${titleOf(row)}</h1>
${summary(row)}
${faults.length > 0 && html`<section class="block" id="faults"><h2>Faults</h2>${faultsTable(faults)}${sourceNote([SOURCES.faultsQuery])}</section>`}
${parts}
<section class="block" id="same"><h2>The same pair elsewhere</h2>${elsewhere(neighbours)}</section>`;
}

/** `go_chi_task, task 26, features 1 + 2`. */
export function titleOf({ repo, task_id, features, try: attempt }: OutcomeRow): string {
  const times = attempt > 1 ? `, try ${attempt}` : "";
  return `${repo}, task ${task_id}, features ${features.replaceAll(",", " + ")}${times}`;
}

function attemptParts(page: AttemptPage, options: PairOptions): Html {
  const { ledger, policy, conflict, run, log_dir } = options;
  const { attempt } = page;
  const key = attempt.attempt_key;
  const fileOf = (agent_id: string) => `${key}/${run?.setting === "solo" ? "solo" : agent_id}`;
  const lanes = page.agents.map(
    ({ agent_id }): Lane => ({
      agent_id,
      file: `${fileOf(agent_id)}/trajectory.json`,
      trajectory: isKey(key)
        ? readTrajectory(join(log_dir, fileOf(agent_id)))
        : { turns: [], problem: "the attempt's key names no folder" },
    }),
  );
  const clock = clockOf(page);
  const theirs = ledger.scores.of(key, "imported");
  const scores = theirs === undefined ? page.scores : [...page.scores, theirs];
  const patches = patchesOf(ledger, page);
  const [drawn, narrow] = [timeline(clock), timeline(clock, NARROW_TIMELINE)];
  const silent =
    page.steps.length === 0 && lanes.every(({ trajectory }) => trajectory.turns.length === 0);
  const block = (id: string, title: string, body: Slot, sources: readonly Source[] = []) =>
    html`<section class="block" id="${id}"><h2>${title}</h2>${body}${sources.length > 0 && sourceNote(sources)}</section>\n`;
  return html`<nav class="contents" aria-label="Contents"><ul><li><a href="#verdict">Verdict</a></li><li><a href="#agents">Agents</a></li><li><a href="#trajectories">Trajectories</a></li><li><a href="#patches">Patches</a></li><li><a href="#merge">Merge</a></li><li><a href="#suites">Suites</a></li></ul></nav>
${block("verdict", "Verdict", verdictsTable(scores, policy), [SOURCES.scores, SOURCES.attempt])}${block("agents", "Agents", html`${agentsTable(page, run?.config ?? {})}${featuresSection(ledger.dataset.featuresAt(attempt), attempt.features)}`, [SOURCES.attempt])}${block(
  "trajectories",
  "Trajectories",
  silent
    ? html`<p class="missing">No trajectory: ${run !== undefined && isGold(run) ? "the reference patches were handed in as they are" : "these agents left no steps"}.</p>`
    : html`${drawn && html`<div class="wide">${drawn}</div><div class="narrow scroll" tabindex="0" role="region" aria-label="Clock">${narrow}</div><p class="legend-note">Light: the model at work. Solid: its commands, in red where one failed. Arrows: messages, from sending to reading; broken off where no reading is known. Bars and arrows lead to the text.</p>`}<p class="tools"><button type="button" id="unfold" hidden>Open all steps</button></p>${packed(transcript(lanes, clock))}`,
  [SOURCES.clock, SOURCES.attempt],
)}${block("patches", "Patches", packed(patchesSection(page, patches, fileOf)), [SOURCES.attempt])}${block("merge", "Merge", packed(mergeSection({ page, patches, conflict, folder: key })), [SOURCES.attempt, SOURCES.anatomy, SOURCES.conflicts])}${block(
  "suites",
  "Suites",
  packed(suitesSection(page.suites, ledger)),
  [SOURCES.suites],
)}${further(page)}`;
}

function further(page: AttemptPage): Slot {
  if (page.superseded.length === 0 && page.labels.length === 0 && page.imported === undefined)
    return null;
  return html`<section class="block" id="further"><h2>Further records</h2>${furtherSection(page)}${sourceNote([SOURCES.attempt])}</section>`;
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

function costText({ cost_usd, known_usd: known }: OutcomeRow): string {
  const unknown = cost_usd === null ? 1 : 0;
  return sumText({ known, unknown }, (sum) => (sum === null ? "unknown" : usd(sum)));
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
    return html`<li>${here ? html`<b aria-current="page">${name}</b>` : html`<a href="${link(from, pagePath(other.attempt_key))}">${name}</a>`} <span class="size">${other.setting}, ${other.agent}</span> ${other.fault === null ? verdict(other.outcome, other.passed) : "fault"}${other.path !== null && html` <span class="tag">${other.path}</span>`}</li>`;
  });
  return html`<ul class="same">${lines}</ul>${sourceNote([SOURCES.outcomes])}`;
}
