// Owns one message between agents as HTML: who, when it was read, its text, and what it did.
import type { JudgedPromise, MessageEffect, NamedPath } from "../report/effects/effect.ts";
import type { MessageTimes } from "./clock.ts";
import { type Html, html, joined, type Slot } from "./html.ts";
import { duration, offset, plural } from "./numbers.ts";
import type { StepKind } from "./step-kinds.ts";
import { stepId, unreadText } from "./timeline.ts";

/** What is around a message on its page. */
export type MessagePlace = {
  /** In the order of the columns. */
  readonly agents: readonly string[];
  /** Ids of the steps that the page has. */
  readonly steps: ReadonlySet<string>;
  /** What each message did, by its number. */
  readonly effects: ReadonlyMap<number, MessageEffect>;
};

/** What a message is filtered by. */
export function messageKinds(effect: MessageEffect | undefined): readonly StepKind[] {
  const isBroken = effect?.promises.some(({ status }) => status === "broken") === true;
  return isBroken ? ["message", "broken"] : ["message"];
}

/** A message across the columns of its agents. */
export function messageHtml(message: MessageTimes, place: MessagePlace): Html {
  const { agents, effects } = place;
  const { seq, sender, recipient, content, sent_step } = message;
  const [from, to] = [sender, recipient].map((agent) => agents.indexOf(agent) + 1);
  const known = from !== undefined && to !== undefined && from > 0 && to > 0;
  const way = !known ? "across" : from < to ? "right" : "left";
  const span = known ? ` from-${Math.min(from, to)} to-${Math.max(from, to)}` : "";
  const sent = sent_step === null ? null : html` in ${stepLink(place, sender, sent_step)}`;
  return html`<div class="message ${way} a${from ?? 0}${span}" id="message-${seq}" data-kinds="${messageKinds(effects.get(seq)).join(" ")}"><p class="message-head"><b>${sender}</b> <span aria-label="to">→</span> <b>${recipient}</b>${sent}, ${readText(message, place)}</p><blockquote>${content}</blockquote>${effectHtml(effects.get(seq), place)}</div>`;
}

function readText(
  { recipient, read, unread, read_step, sent }: MessageTimes,
  place: MessagePlace,
): Slot {
  if (read === null && read_step === null)
    return unread === true
      ? html`<span class="verdict v-warn">${unreadText(unread)}</span>`
      : unreadText(unread);
  const wait = read === null || sent === null ? "" : ` (after ${duration(read - sent)})`;
  const at = read === null ? "" : ` at ${offset(read)}${wait}`;
  return html`read${at}${read_step !== null && html`, ${stepLink(place, recipient, read_step)}`}`;
}

/** A link where the page has that step, else its number. */
function stepLink({ steps }: MessagePlace, agent_id: string, step: number): Slot {
  const id = stepId(agent_id, step);
  return steps.has(id)
    ? html`<a href="#${encodeURIComponent(id)}">step ${step}</a>`
    : `step ${step}`;
}

/** What its reader did next, as rules find it. */
function effectHtml(effect: MessageEffect | undefined, place: MessagePlace): Slot {
  if (effect === undefined) return null;
  const lines = [
    ...effect.promises.map((promise) => promiseLine(promise, effect, place)),
    editedLine(effect, place),
    namedLine(effect, place),
    answerLine(effect),
  ].filter((line) => line !== null);
  return (
    lines.length > 0 &&
    html`<p class="label">What it did, found by rule</p><ul class="effects">${lines.map((line) => html`<li>${line}</li>`)}</ul>`
  );
}

const STATUS = { kept: "v-pass", broken: "v-fail", open: "v-none" } as const;

/** `promise kept: agent2 leaves alone src/parse.ts, from “…”. Why (step 4)`. */
function promiseLine(
  { by, status, kind, paths, only, quote, why, step }: JudgedPromise,
  { sender }: MessageEffect,
  place: MessagePlace,
): Html {
  const [word, touch, leave] =
    by === sender
      ? ["promise", "changes", "leaves alone"]
      : ["request", "is to change", "is to leave alone"];
  const does = kind === "touch" ? `${touch}${only ? " only" : ""}` : leave;
  const shown = step !== null && html` (${stepLink(place, by, step)})`;
  return html`<span class="verdict ${STATUS[status]}">${word} ${status}</span>: ${by} ${does} ${codes(paths)}, from “${quote.replace(/[.,;:]+$/, "")}”. ${why}${shown}`;
}

function editedLine({ reader, edited, read }: MessageEffect, place: MessagePlace): Slot {
  if (edited === null || read !== true) return null;
  if (edited.length === 0) return html`${reader} edited nothing until the next message it read`;
  const first = [...Map.groupBy(edited, ({ path }) => path)].map(
    ([path, [edit]]) =>
      html`${codes([path])}${edit && html` (${stepLink(place, edit.agent_id, edit.step)})`}`,
  );
  return html`${reader} then edited ${joined(first, ", ")}`;
}

/** Of the files that it names, those that the line above does not tell of. */
function namedLine({ reader, named, edited }: MessageEffect, place: MessagePlace): Slot {
  const others = named.filter((one) => !edited?.some(({ path }) => path === one.path));
  if (others.length === 0) return null;
  return html`names ${joined(
    others.map((one) => html`${codes([one.path])}: ${touched(one, reader, place)}`),
    "; ",
  )}`;
}

function touched({ in_patch, step }: NamedPath, reader: string, place: MessagePlace): Slot {
  if (step !== null) return html`${reader} edited it in ${stepLink(place, reader, step)}`;
  if (in_patch === null) return `whether ${reader} changed it is not known`;
  return in_patch ? `in ${reader}'s patch` : `not in ${reader}'s patch`;
}

function answerLine({ reader, read, answered, answer }: MessageEffect): Slot {
  if (answer === null) return read === true && !answered ? `${reader} did not answer it` : null;
  const took = [
    answer.steps === null ? [] : [plural(answer.steps, "step")],
    answer.duration_ms === null ? [] : [duration(answer.duration_ms)],
  ].flat();
  const after = took.length === 0 ? "" : ` after ${took.join(", ")}`;
  return html`${reader} <a href="#message-${answer.seq}">answered</a>${after}`;
}

function codes(paths: readonly string[]): Html {
  return joined(
    paths.map((path) => html`<code>${path}</code>`),
    ", ",
  );
}
