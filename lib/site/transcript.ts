// Owns the agents' work as text: one column per agent, rows in the order of time, messages across the columns.
import type { Clock, MessageTimes, StepTimes } from "./clock.ts";
import { type Html, html, type Slot } from "./html.ts";
import { clip, duration, firstLine, offset, usd } from "./numbers.ts";
import { pre } from "./parts.ts";
import { stepId, unreadText } from "./timeline.ts";
import { callText, contentText, type Trajectory, type Turn } from "./trajectory.ts";

const MOST_CHARACTERS = 6000;
const SUMMARY_CHARACTERS = 160;

/** An agent with its turns; `file` is where they are, as people name it. */
export type Lane = {
  readonly agent_id: string;
  readonly trajectory: Trajectory;
  readonly file: string;
};
/** What an agent did in one step; times are null when the ledger has none. */
type StepEvent = {
  readonly kind: "step";
  readonly lane: number;
  readonly step: number;
  readonly at: number | null;
  readonly times: StepTimes | undefined;
};
type MessageEvent = {
  readonly kind: "message";
  readonly at: number | null;
  readonly message: MessageTimes;
};
type Event = StepEvent | MessageEvent;

/** The opening words to each agent, then everything in order of time. */
export function transcript(lanes: readonly Lane[], clock: Clock): Html {
  const events = ordered(lanes, clock);
  const rows = rowsOf(events);
  const count = Math.min(Math.max(lanes.length, 1), 4);
  const problems = lanes
    .filter(({ trajectory }) => trajectory.problem !== null)
    .map(
      ({ agent_id, trajectory }) =>
        html`<p class="missing">${agent_id}: ${trajectory.problem}.</p>`,
    );
  return html`${problems}<div class="openings">${lanes.map(opening)}</div>
<ol class="transcript lanes-${count}">
<li class="row heads" aria-hidden="true"><span class="when"></span>${lanes.map(({ agent_id }, at) => html`<span class="lane-head a${at + 1} in-${at + 1}">${agent_id}</span>`)}</li>
${rows.map((row) => rowOf(row, lanes))}</ol>`;
}

function opening({ agent_id, trajectory, file }: Lane): Slot {
  const first = trajectory.turns.findIndex(({ role }) => role === "assistant");
  const said = trajectory.turns
    .slice(0, first < 0 ? undefined : first)
    .filter(({ role }) => role === "system" || role === "user");
  if (said.length === 0) return null;
  return html`<details class="opening"><summary>What ${agent_id} was told</summary>${said.map((turn) => html`<p class="label">${turn.role}</p>${text(contentText(turn.content), file)}`)}</details>`;
}

/** Steps that are only in the trajectory are placed by their number, after those with times. */
function ordered(lanes: readonly Lane[], clock: Clock): Event[] {
  const steps = lanes.flatMap(({ agent_id, trajectory }, lane) => {
    const timed = clock.steps.filter((step) => step.agent_id === agent_id);
    const known = new Map(timed.map((times) => [times.step, times]));
    const numbers = new Set([
      ...known.keys(),
      ...trajectory.turns
        .filter(({ role }) => role === "assistant")
        .flatMap(({ step }) => step ?? []),
    ]);
    return [...numbers].map(
      (step): StepEvent => ({
        kind: "step",
        lane,
        step,
        at: known.get(step)?.asked ?? null,
        times: known.get(step),
      }),
    );
  });
  const messages = clock.messages.map(
    (message): MessageEvent => ({ kind: "message", at: message.sent, message }),
  );
  const number = (event: Event) =>
    event.kind === "step" ? event.step : (event.message.sent_step ?? 0) + 0.5;
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
      row?.every((other) => other.kind === "step" && other.lane !== event.lane);
    if (row && fits) row.push(event);
    else rows.push([event]);
  }
  return rows;
}

function rowOf(row: readonly Event[], lanes: readonly Lane[]): Html {
  const [first] = row;
  const when = first?.at === null || first === undefined ? "" : offset(first.at);
  const cells = row.map((event) =>
    event.kind === "message"
      ? messageCell(event.message, lanes)
      : stepCell(event, lanes[event.lane]),
  );
  return html`<li class="row"><span class="when">${when}</span>${cells}</li>\n`;
}

function messageCell(
  { seq, sender, recipient, content, sent_step, read, unread, read_step, sent }: MessageTimes,
  lanes: readonly Lane[],
): Html {
  const place = (agent: string) => lanes.findIndex(({ agent_id }) => agent_id === agent) + 1;
  const [from, to] = [place(sender), place(recipient)];
  const way = from === 0 || to === 0 ? "across" : from < to ? "right" : "left";
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const wait = read === null || sent === null ? "" : ` (after ${duration(read - sent)})`;
  const taken =
    read === null
      ? unread === true
        ? html`<span class="verdict v-warn">${unreadText(unread)}</span>`
        : unreadText(unread)
      : `read at ${offset(read)}${wait}${read_step === null ? "" : `, step ${read_step}`}`;
  const span = way === "across" ? "" : ` from-${low} to-${high}`;
  return html`<div class="message ${way} a${from}${span}" id="message-${seq}"><p class="message-head"><b>${sender}</b> <span aria-label="to">→</span> <b>${recipient}</b>${sent_step !== null && ` in step ${sent_step}`}, ${taken}</p><blockquote>${content}</blockquote></div>`;
}

function stepCell({ step, times, lane: at }: StepEvent, lane: Lane | undefined): Slot {
  if (lane === undefined) return null;
  const turns = lane.trajectory.turns.filter((turn) => turn.step === step);
  const answers = turns.filter(({ role }) => role === "assistant");
  const commands = answers.flatMap(({ tool_calls }) => tool_calls.map(callText));
  const thought = answers
    .map(({ content }) => contentText(content))
    .filter((said) => said.trim() !== "");
  const gist = firstLine(thought.join("\n"), SUMMARY_CHARACTERS);
  return html`<details class="step a${at + 1} in-${at + 1}" id="${stepId(lane.agent_id, step)}"><summary><span class="step-head"><b>${step}</b> <span class="who">${lane.agent_id}</span> ${badge(times)}</span>${gist !== "" && html`<span class="gist">${gist}</span>`}${commands.length > 0 && html`<code class="gist">${firstLine(commands.join("\n"), SUMMARY_CHARACTERS)}</code>`}</summary><div class="step-body">${thought.map((said) => html`<p class="thought">${clipped(said, lane.file)}</p>`)}${body(turns, lane)}${times && numbers(times)}</div></details>`;
}

/** Commands and what came back, in their order; a turn from before the answer comes before it. */
function body(turns: readonly Turn[], { file, trajectory }: Lane): Html[] {
  const opens = trajectory.turns.findIndex(({ role }) => role === "assistant");
  return turns.flatMap((turn) => {
    const content = contentText(turn.content);
    if (turn.role === "assistant")
      return turn.tool_calls.map(
        (asked) =>
          html`<div class="command"><span class="label">command</span>${text(callText(asked), file)}</div>`,
      );
    if (opens < 0 || trajectory.turns.indexOf(turn) < opens) return [];
    const label =
      turn.role === "tool"
        ? "output"
        : turn.role === "summary"
          ? `summary in place of older turns${turn.reason === undefined ? "" : `: ${turn.reason}`}`
          : "told";
    return [
      html`<div class="${turn.role === "tool" ? "output" : "told"}"><span class="label">${label}</span>${text(content, file)}</div>`,
    ];
  });
}

function badge(times: StepTimes | undefined): Slot {
  if (times === undefined) return null;
  const { exit_code, messages_sent, messages_received, commands, helper } = times.row;
  return html`${helper !== null && html`<span class="tag">helper ${helper}</span> `}${exit_code !== null && exit_code !== 0 && html`<span class="tag v-fail">exit ${exit_code}</span> `}${commands > 1 && html`<span class="tag">${commands} commands</span> `}${messages_received > 0 && html`<span class="tag">reads ${messages_received}</span> `}${messages_sent > 0 && html`<span class="tag">sends ${messages_sent}</span>`}`;
}

function numbers({ row, asked }: StepTimes): Html {
  const input = row.input_tokens + row.cache_read_tokens + row.cache_write_tokens;
  // No call reads nothing: a server that reported no tokens did not use none.
  const tokens =
    input + row.output_tokens === 0
      ? "tokens unknown"
      : `${input} tokens in (${row.cache_read_tokens} cached), ${row.output_tokens} out`;
  return html`<p class="numbers">${offset(asked)}: model ${duration(row.model_ms)}, commands ${duration(row.exec_ms)}; ${tokens}; ${usd(row.cost_usd)}</p>`;
}

function text(content: string, file: string): Html {
  return pre(clip(content.replaceAll("\r\n", "\n"), MOST_CHARACTERS), file);
}

function clipped(content: string, file: string): Slot {
  const { head, omitted, tail } = clip(content, MOST_CHARACTERS);
  return omitted === 0
    ? head
    : [head, ` ⋯ ${omitted} characters left out here; all of it is in ${file} ⋯ `, tail];
}
