// Owns the agents' work as text: one column per agent, rows in the order of time, messages across the columns.
import type { MessageEffect } from "../report/effects/effect.ts";
import type { Clock, MessageTimes } from "./clock.ts";
import { type Html, html, type Slot } from "./html.ts";
import { type MessagePlace, messageHtml, messageKinds } from "./message.ts";
import { offset } from "./numbers.ts";
import { type Lane, openingHtml, type ShownStep, shownStep, stepHtml } from "./step.ts";
import { stepId } from "./timeline.ts";
import { walkTools } from "./walk.ts";

export type { Lane } from "./step.ts";

const MOST_COLUMNS = 4;

type StepEvent = {
  readonly kind: "step";
  /** Null when the ledger has no time of it. */
  readonly at: number | null;
  readonly shown: ShownStep;
};
type MessageEvent = {
  readonly kind: "message";
  readonly at: number | null;
  readonly message: MessageTimes;
};
type Event = StepEvent | MessageEvent;

export type Trajectories = {
  readonly lanes: readonly Lane[];
  readonly clock: Clock;
  /** The drawn clock. */
  readonly drawn: Slot;
  /** What each message did, by its number. */
  readonly effects: ReadonlyMap<number, MessageEffect>;
};

/** The clock and the tools, which stay in sight; the opening words to each agent; then everything in order of time. */
export function trajectories({ lanes, clock, drawn, effects }: Trajectories): Html {
  const events = ordered(lanes, clock);
  const rows = rowsOf(events);
  const place: MessagePlace = {
    agents: lanes.map(({ agent_id }) => agent_id),
    steps: new Set(events.flatMap((event) => (event.kind === "step" ? [idOf(event.shown)] : []))),
    effects,
  };
  const columns = `lanes-${Math.min(Math.max(lanes.length, 1), MOST_COLUMNS)}`;
  const problems = lanes
    .filter(({ trajectory }) => trajectory.problem !== null)
    .map(
      ({ agent_id, trajectory }) =>
        html`<p class="missing">${agent_id}: ${trajectory.problem}.</p>`,
    );
  const kinds = events.map((event) =>
    event.kind === "step" ? event.shown.kinds : messageKinds(effects.get(event.message.seq)),
  );
  return html`${problems}<div class="stuck ${columns}">${drawn}${walkTools(kinds)}<div class="row heads" aria-hidden="true"><span class="when"></span>${lanes.map(({ agent_id }, at) => html`<span class="lane-head a${at + 1} in-${at + 1}">${agent_id}</span>`)}</div></div>
<div class="openings">${lanes.map(openingHtml)}</div>
<ol class="transcript ${columns}">
${rows.map((row) => rowOf(row, place))}</ol>`;
}

/** Steps that are only in the trajectory are placed by their number, after those with times. */
function ordered(lanes: readonly Lane[], clock: Clock): Event[] {
  const steps = lanes.flatMap((lane, at) => {
    const timed = clock.steps.filter((step) => step.agent_id === lane.agent_id);
    const known = new Map(timed.map((times) => [times.step, times]));
    const { turns } = lane.trajectory;
    const own = Map.groupBy(turns, ({ step }) => step);
    const said = turns.filter(({ role }) => role === "assistant");
    const numbers = new Set([...known.keys(), ...said.flatMap(({ step }) => step ?? [])]);
    return [...numbers].map((step): StepEvent => {
      const times = known.get(step);
      const shown = shownStep({ lane, at, step, times, turns: own.get(step) ?? [] });
      return { kind: "step", at: times?.asked ?? null, shown };
    });
  });
  const messages = clock.messages.map(
    (message): MessageEvent => ({ kind: "message", at: message.sent, message }),
  );
  const number = (event: Event) =>
    event.kind === "step" ? event.shown.step : (event.message.sent_step ?? 0) + 0.5;
  return [...steps, ...messages].sort((a, b) => {
    if (a.at !== null && b.at !== null && a.at !== b.at) return a.at - b.at;
    if ((a.at === null) !== (b.at === null)) return a.at === null ? 1 : -1;
    return number(a) - number(b);
  });
}

/** Steps of different agents are side by side while no agent has a second one and no message is between. */
function rowsOf(events: readonly Event[]): Event[][] {
  const rows: Event[][] = [];
  for (const event of events) {
    const row = rows.at(-1);
    const fits =
      event.kind === "step" &&
      row?.every((other) => other.kind === "step" && other.shown.at !== event.shown.at);
    if (row && fits) row.push(event);
    else rows.push([event]);
  }
  return rows;
}

function rowOf(row: readonly Event[], place: MessagePlace): Html {
  const at = row[0]?.at ?? null;
  const when = at === null ? "" : offset(at);
  const cells = row.map((event) =>
    event.kind === "message" ? messageHtml(event.message, place) : stepHtml(event.shown),
  );
  return html`<li class="row"${at !== null && html` data-at="${Math.round(at)}"`}><span class="when">${when}</span>${cells}</li>\n`;
}

function idOf({ lane, step }: ShownStep): string {
  return stepId(lane.agent_id, step);
}
