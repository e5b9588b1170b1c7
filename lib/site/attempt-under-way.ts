// Owns the page of an attempt that is being made: its steps so far, from the record that its process writes.
import type { FollowedLine } from "../attempt/followed.ts";
import { parseAttemptKey } from "../core/keys.ts";
import { shortDuration } from "../core/text.ts";
import type { ActiveUnit } from "../status/status.ts";
import { dollars } from "../status/text.ts";
import type { Clock, StepTimes } from "./clock.ts";
import { type Html, html } from "./html.ts";
import { link, OVERVIEW, PAIRS, pagePath, tableState } from "./links.ts";
import { facts } from "./parts.ts";
import { SOURCES, sourceNote } from "./source.ts";
import { NARROW_TIMELINE, timeline } from "./timeline.ts";
import { callText } from "./trajectory.ts";
import { type Lane, trajectories } from "./transcript.ts";
import { cancelButton } from "./under-way-tables.ts";

export type AttemptUnderWay = {
  readonly unit: ActiveUnit;
  readonly lines: readonly FollowedLine[];
  /** Whether whoever has the token may steer. */
  readonly steer: boolean;
};

/** `demo_task, task 1, features 1 + 2`. */
export function titleOfKey(attempt_key: string): string {
  const { repo, task_id, features, try: attempt } = parseAttemptKey(attempt_key);
  return `${repo}, task ${task_id}, features ${features.join(" + ")}${attempt > 1 ? `, try ${attempt}` : ""}`;
}

/** What the last step of an attempt was, in one line: who, which step, and its command or else its text. */
export function lastStep(lines: readonly FollowedLine[]): string | undefined {
  const line = lines.at(-1);
  const turn = line?.turns.findLast(({ role }) => role === "assistant");
  if (line === undefined || turn === undefined) return undefined;
  const call = turn.tool_calls?.[0];
  return `${line.agent_id}, step ${line.step}: ${call === undefined ? turn.content : callText(call)}`;
}

/** The page's content. Steps have the same ids as on the finished attempt's page: a reader's place stays theirs. */
export function attemptUnderWay({ unit, lines, steer }: AttemptUnderWay): Html {
  const from = pagePath(unit.unit);
  const steps = unit.agents.map(({ agent_id, steps: n }) => `${agent_id} ${n}`).join(", ");
  return html`<nav class="way" aria-label="Back"><a href="${link(from, OVERVIEW, "under-way")}">Under way</a><a href="${link(from, PAIRS, tableState({ run: unit.run }))}">${unit.run}</a></nav>
<h1>${titleOfKey(unit.unit)}</h1>
<div data-follow="steps">${facts([
    ["state", "under way"],
    ["run", unit.run],
    ["stage", unit.step],
    ["now", unit.doing],
    ["steps", steps],
    ["for", shortDuration(unit.age_ms)],
    ["cost so far", dollars(unit.cost_usd, unit.unpriced)],
  ])}</div>
${steer && html`<p class="tools">${cancelButton(unit)}</p>`}
${stepsSection("Trajectories so far", lines)}`;
}

/** The steps that are noted of an attempt whose trajectories are not kept: it is under way, or was broken off. */
export function stepsSection(title: string, lines: readonly FollowedLine[]): Html {
  const clock = clockOfLines(lines);
  const lanes = clock.agents.map((agent_id) => laneOf(agent_id, lines));
  const wide = timeline(clock);
  const drawn =
    wide &&
    html`<div class="wide">${wide}</div><div class="narrow scroll" tabindex="0" role="region" aria-label="Clock">${timeline(clock, NARROW_TIMELINE)}</div>`;
  const shown =
    lines.length === 0
      ? html`<p class="missing">No step is noted yet. Agents that ask no model leave none, and neither do those whose logs are elsewhere.</p>`
      : trajectories({ lanes, clock, drawn, effects: new Map() });
  return html`<section class="block" id="trajectories"><h2>${title}</h2>${shown}${sourceNote([SOURCES.underWay])}</section>`;
}

function laneOf(agent_id: string, lines: readonly FollowedLine[]): Lane {
  const turns = lines
    .filter((line) => line.agent_id === agent_id)
    .flatMap((line) => line.turns)
    .map((turn) => ({
      ...turn,
      tool_calls: (turn.tool_calls ?? []).map((call) => ({ ...call })),
    }));
  return {
    agent_id,
    file: "the trajectory, once it is kept",
    trajectory: { turns, problem: null },
  };
}

/** Milliseconds since the first call. What an agent does between two calls counts as commands, and what it does now as none. */
function clockOfLines(lines: readonly FollowedLine[]): Clock {
  const start = Math.min(...lines.map(({ asked_at }) => Date.parse(asked_at)));
  const agents = [...new Set(lines.map(({ agent_id }) => agent_id))].sort();
  const steps = agents.flatMap((agent_id) => {
    const own = lines.filter((line) => line.agent_id === agent_id);
    return own.map((line, at): StepTimes => {
      const asked = Math.max(0, Date.parse(line.asked_at) - start);
      const answered = asked + line.model_ms;
      const next = own[at + 1];
      const done = Math.max(
        answered,
        next === undefined ? answered : Date.parse(next.asked_at) - start,
      );
      return {
        ...{ agent_id, step: line.step, asked, answered, done },
        row: rowOf(line, done - answered),
      };
    });
  });
  return { agents, steps, messages: [], end: Math.max(1, ...steps.map(({ done }) => done)) };
}

function rowOf(line: FollowedLine, exec_ms: number): StepTimes["row"] {
  const { agent_id, step, asked_at, model_ms, cost_usd } = line;
  const { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens } = line;
  return {
    ...{ attempt_key: "", agent_id, step, started_at: asked_at, model_ms, exec_ms, cost_usd },
    ...{ input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens: 0 },
    commands: line.turns.at(-1)?.tool_calls?.length ?? 0,
    ...{ exit_code: null, messages_sent: 0, messages_received: 0, helper: null },
  };
}
