// Owns the parts of an attempt's page, in their order, each under its heading.
import { join } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { AttemptPage } from "../../db/pages.ts";
import type { Policy, RunRow } from "../../db/schema.ts";
import { isGold } from "../core/gold.ts";
import { attemptedOnPage } from "../report/effects/attempted.ts";
import { effectsOf } from "../report/effects/effects.ts";
import { clockOf } from "./clock.ts";
import type { ConflictText } from "./conflicts.ts";
import { type Html, html, type Slot } from "./html.ts";
import { isKey } from "./links.ts";
import { sentBy } from "./origins.ts";
import { packed } from "./packed.ts";
import { agentsTable, featuresSection, furtherSection, verdictsTable } from "./pair-facts.ts";
import { marksList } from "./pair-marks.ts";
import { mergeSection, patchesOf, patchesSection } from "./pair-merge.ts";
import { SOURCES, type Source, sourceNote } from "./source.ts";
import type { Lane } from "./step.ts";
import { suitesSection } from "./suites.ts";
import { NARROW_TIMELINE, timeline } from "./timeline.ts";
import { readTrajectory } from "./trajectory.ts";
import { trajectories } from "./transcript.ts";
import { KEYS } from "./walk.ts";

export type PartsOf = {
  readonly ledger: Ledger;
  readonly log_dir: string;
  readonly policy: Policy;
  readonly row: OutcomeRow;
  readonly run: RunRow | undefined;
  readonly conflict: ConflictText | undefined;
};

export type PagePart = {
  readonly id: string;
  readonly title: string;
  readonly body: Slot;
  readonly sources: readonly Source[];
};

/** What the page has of a finished attempt. */
export function pageParts(page: AttemptPage, options: PartsOf): PagePart[] {
  const { ledger, conflict, run } = options;
  const { attempt } = page;
  const folder = attempt.attempt_key;
  const fileOf = (agent_id: string) => `${folder}/${run?.setting === "solo" ? "solo" : agent_id}`;
  const lanes = lanesOf(page, options, fileOf);
  const sent = lanes.map(({ agent_id, trajectory }) => sentBy(agent_id, trajectory));
  const patches = patchesOf(ledger, page);
  const features = featuresSection(ledger.dataset.featuresAt(attempt), attempt.features);
  const merge = mergeSection({ page, patches, conflict, folder, sent });
  return [
    part("verdict", "Verdict", verdictBody(page, options), [SOURCES.scores, SOURCES.attempt]),
    part("agents", "Agents", html`${agentsTable(page, run?.config ?? {})}${features}`, [
      SOURCES.attempt,
    ]),
    part("trajectories", "Trajectories", trajectoriesBody(page, options, lanes), [
      SOURCES.clock,
      SOURCES.attempt,
    ]),
    part("patches", "Patches", packed(patchesSection(page, patches, fileOf)), [SOURCES.attempt]),
    part("merge", "Merge", packed(merge), [SOURCES.attempt, SOURCES.anatomy, SOURCES.conflicts]),
    part("suites", "Suites", packed(suitesSection(page, ledger)), [SOURCES.suites]),
    ...further(page),
  ];
}

/** A part under its heading. */
export function partHtml({ id, title, body, sources }: PagePart): Html {
  return html`<section class="block" id="${id}"><h2>${title}</h2>${body}${sources.length > 0 && sourceNote(sources)}</section>\n`;
}

export function part(
  id: string,
  title: string,
  body: Slot,
  sources: readonly Source[] = [],
): PagePart {
  return { id, title, body, sources };
}

function verdictBody(page: AttemptPage, { ledger, policy, row }: PartsOf): Html {
  const theirs = page.imported && ledger.scores.of(row.attempt_key, "imported");
  const scores = theirs === undefined ? page.scores : [...page.scores, theirs];
  const compared = ledger.marks.comparing();
  const marks = marksList(page, policy === "imported" ? null : row.passed, (suite) => [
    ...suite.marks,
    ...compared(suite),
  ]);
  return html`${verdictsTable(scores, policy)}${marks}`;
}

function lanesOf(
  page: AttemptPage,
  { log_dir, row }: PartsOf,
  fileOf: (agent_id: string) => string,
): Lane[] {
  return page.agents.map(({ agent_id }) => ({
    agent_id,
    file: `${fileOf(agent_id)}/trajectory.json`,
    trajectory: isKey(row.attempt_key)
      ? readTrajectory(join(log_dir, fileOf(agent_id)))
      : { turns: [], problem: "the attempt's key names no folder" },
  }));
}

function trajectoriesBody(
  page: AttemptPage,
  { ledger, run }: PartsOf,
  lanes: readonly Lane[],
): Html {
  const isSilent =
    page.steps.length === 0 && lanes.every((lane) => lane.trajectory.turns.length === 0);
  if (isSilent) {
    const why =
      run !== undefined && isGold(run)
        ? "the reference patches were handed in as they are"
        : "these agents left no steps";
    return html`<p class="missing">No trajectory: ${why}.</p>`;
  }
  const clock = clockOf(page);
  const turns = lanes.map(({ agent_id, trajectory }) => ({ agent_id, turns: trajectory.turns }));
  const effects = new Map(
    effectsOf(attemptedOnPage(ledger, page, turns)).map((effect) => [effect.seq, effect]),
  );
  const wide = timeline(clock);
  const drawn =
    wide &&
    html`<div class="wide">${wide}</div><div class="narrow scroll" tabindex="0" role="region" aria-label="Clock">${timeline(clock, NARROW_TIMELINE)}</div>`;
  const legend =
    wide &&
    html`<p class="legend-note">Light: the model at work. Solid: its commands, in red where one failed. Arrows: messages, from sending to reading; broken off where no reading is known. Bars and arrows lead to the text. The frame is what is in sight below.</p>`;
  return html`${legend}${KEYS}${packed(trajectories({ lanes, clock, drawn, effects }))}`;
}

function further(page: AttemptPage): PagePart[] {
  if (page.superseded.length === 0 && page.labels.length === 0 && page.imported === undefined)
    return [];
  return [part("further", "Further records", furtherSection(page), [SOURCES.attempt])];
}
