// Owns the drawing of an attempt's clock: one lane per agent, its steps as bars, its messages as arrows between lanes.
import type { Clock, MessageTimes, StepTimes } from "./clock.ts";
import { type Html, html } from "./html.ts";
import { duration, firstLine, offset } from "./numbers.ts";

const LANE = 40;
const BAR = 14;
const TOP = 2;
const LEFT = 66;
const RIGHT = 14;
const NOTE = 120;

const WIDE_TIMELINE = 1200;
/** Scrolled sideways on a small screen, so that its text stays readable. */
export const NARROW_TIMELINE = 640;

/** The lanes; nothing when no time is known. Bars link to their steps below. */
export function timeline(clock: Clock, width = WIDE_TIMELINE): Html | undefined {
  const { agents, steps, messages, end } = clock;
  if (steps.length === 0 && messages.every(({ sent }) => sent === null)) return undefined;
  const x = (ms: number) => round(LEFT + (ms / end) * (width - LEFT - RIGHT));
  const lane = (agent_id: string) => TOP + agents.indexOf(agent_id) * LANE + LANE / 2;
  const height = TOP + agents.length * LANE + 24;
  const lanes = agents.map(
    (agent, at) =>
      html`<g class="lane a${at + 1}"><line x1="${LEFT}" x2="${width - RIGHT}" y1="${lane(agent)}" y2="${lane(agent)}"/><text x="0" y="${lane(agent) + 4}">${agent}</text></g>`,
  );
  const bars = steps
    .filter(({ agent_id }) => agents.includes(agent_id))
    .map((step) => bar(step, { x, y: lane(step.agent_id), at: agents.indexOf(step.agent_id) + 1 }));
  const arrows = messages
    .filter(
      ({ sender, recipient, sent }) =>
        sent !== null && agents.includes(sender) && agents.includes(recipient),
    )
    .map((message) => arrow(message, { x, lane, end, at: agents.indexOf(message.sender) + 1 }));
  const label = `${steps.length} steps of ${agents.join(", ")} and ${messages.length} messages on one clock of ${duration(end)}; the same follows as text`;
  return html`<svg class="timeline" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="${label}" data-left="${LEFT}" data-right="${width - RIGHT}" data-end="${end}">
<defs>${agents.map((_, at) => html`<marker id="head${at + 1}-${width}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head a${at + 1}" d="M0,0.5L8,4L0,7.5z"/></marker>`)}</defs>
${axis({ x, end, height, width })}${lanes}${bars}${arrows.map((make) => make(width))}</svg>`;
}

type Place = { readonly x: (ms: number) => number; readonly y: number; readonly at: number };

/** Light: the model at work; solid: its commands. */
function bar({ agent_id, step, asked, answered, done, row }: StepTimes, { x, y, at }: Place): Html {
  const [from, turn] = [x(asked), x(answered)];
  const to = Math.max(x(done), turn + 1.5);
  const failed = row.exit_code !== null && row.exit_code !== 0;
  const title = `${agent_id}, step ${step}, ${offset(asked)}: model ${duration(row.model_ms)}, ${row.commands === 1 ? "1 command" : `${row.commands} commands`} ${duration(row.exec_ms)}${row.exit_code === null ? "" : `, exit status ${row.exit_code}`}`;
  return html`<a href="#${encodeURIComponent(stepId(agent_id, step))}" class="a${at}${failed && " failed"}"><title>${title}</title><rect class="think" x="${from}" y="${y - BAR / 2}" width="${round(Math.max(0, turn - from))}" height="${BAR}"/><rect class="act" x="${turn}" y="${y - BAR / 2}" width="${round(Math.max(1.5, to - turn - 0.6))}" height="${BAR}"/></a>`;
}

type Lanes = {
  readonly x: (ms: number) => number;
  readonly lane: (agent: string) => number;
  readonly end: number;
  readonly at: number;
};

/** From the sender's lane when it was sent to the reader's when it was read; one without a known reading ends half way. */
function arrow(message: MessageTimes, { x, lane, end, at }: Lanes): (width: number) => Html {
  const { sender, recipient, sent, read, unread, seq, content } = message;
  const [from, to] = [lane(sender), lane(recipient)];
  const sign = to > from ? 1 : -1;
  const start = { x: x(sent ?? 0), y: from + (sign * BAR) / 2 };
  const stop =
    read === null
      ? { x: Math.min(start.x + 10, x(end)), y: (from + to) / 2 }
      : { x: Math.max(x(read), start.x), y: to - sign * (BAR / 2) };
  const title = `${sender} to ${recipient}, sent ${offset(sent ?? 0)}, ${read === null ? unreadText(unread) : `read ${offset(read)}`}: ${firstLine(content, NOTE)}`;
  return (width) =>
    html`<a href="#message-${seq}" class="arrow a${at}${unread === true && " unread"}"><title>${title}</title><line class="hit" x1="${start.x}" y1="${start.y}" x2="${stop.x}" y2="${stop.y}"/><line x1="${start.x}" y1="${start.y}" x2="${stop.x}" y2="${stop.y}" marker-end="url(#head${at}-${width})"/></a>`;
}

/** The text for a message without a time of reading. */
export function unreadText(unread: boolean | null): string {
  return unread === true ? "never read" : "time of reading unknown";
}

function axis({
  x,
  end,
  height,
  width,
}: {
  x: (ms: number) => number;
  end: number;
  height: number;
  width: number;
}): Html {
  const step = niceStep(end, width < 600 ? 4 : 8);
  const marks = Array.from({ length: Math.floor(end / step) + 1 }, (_, at) => at * step);
  const base = height - 18;
  return html`<g class="axis" aria-hidden="true">${marks.map((ms) => html`<line x1="${x(ms)}" x2="${x(ms)}" y1="${TOP}" y2="${base}"/><text x="${x(ms)}" y="${height - 4}">${offset(ms)}</text>`)}</g>`;
}

/** 1, 2 or 5 of a decimal unit below a minute; above that, minutes that people count in. */
function niceStep(end: number, most: number): number {
  const least = end / most;
  const decimal = [1, 2, 5].flatMap((digit) =>
    [1, 10, 100, 1000, 10_000].map((unit) => digit * unit),
  );
  const minutes = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480].map((minute) => minute * 60_000);
  const steps = [...decimal, ...minutes].sort((a, b) => a - b);
  return steps.find((step) => step >= least) ?? least;
}

export function stepId(agent_id: string, step: number): string {
  return `${agent_id}-step-${step}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
