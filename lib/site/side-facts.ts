// Owns what is compared of attempts besides their patches: verdicts and costs in a table, messages row by row.
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { AttemptWork } from "../../db/pages.ts";
import { clockOf, type MessageTimes } from "./clock.ts";
import { type Html, html, type Slot } from "./html.ts";
import { link, pagePath } from "./links.ts";
import { costText, count, duration, offset, plural } from "./numbers.ts";
import { verdict } from "./parts.ts";
import { unreadText } from "./timeline.ts";

/** An attempt as the page of its pair has it; `page` is undefined where a fault prevented it. */
export type SideAttempt = { readonly row: OutcomeRow; readonly page: AttemptWork | undefined };

/** `demo-coop`, or `demo-coop, try 2`. */
export function sideName({ run, try: attempt }: OutcomeRow): string {
  return attempt > 1 ? `${run}, try ${attempt}` : run;
}

const FACTS: readonly (readonly [string, (one: SideAttempt) => Slot])[] = [
  ["outcome", ({ row }) => outcomeOf(row)],
  ["path", ({ row }) => row.path],
  ["failure began", ({ row }) => row.cause],
  ["setting", ({ row }) => row.setting],
  ["agent", ({ row }) => (row.model === null ? row.agent : `${row.agent}, ${row.model}`)],
  ["naive merge", ({ row }) => row.merge_status],
  ["in conflict", ({ page }) => conflictText(page)],
  ["steps", ({ row }) => row.steps !== null && count(row.steps)],
  ["messages", ({ row }) => row.messages !== null && count(row.messages)],
  ["cost", ({ row }) => costText(row)],
  ["time", ({ row }) => row.wall_ms !== null && duration(row.wall_ms)],
];

function outcomeOf({ fault, outcome, passed }: OutcomeRow): Html {
  if (fault !== null) return html`<span class="verdict v-none">fault: ${fault}</span>`;
  return verdict(outcome, passed);
}

function conflictText(page: AttemptWork | undefined): Slot {
  const naive = page?.merges.find(({ strategy }) => strategy === "naive");
  if (naive?.status !== "conflicts") return null;
  return `${plural(naive.sections, "section")}, ${plural(naive.lines, "line")}, ${plural(naive.files, "file")}`;
}

/** A row per fact, a column per attempt: assets/side.js shows two of them. */
export function factsTable(attempts: readonly SideAttempt[], from: string): Html {
  const heads = attempts.map(
    ({ row }, at) =>
      html`<th scope="col" data-attempt="${at}"><a href="${link(from, pagePath(row.attempt_key))}">${sideName(row)}</a></th>`,
  );
  const rows = FACTS.map(([name, of]) => ({ name, values: attempts.map(of) }))
    .filter(({ values }) => values.some((value) => value !== null && value !== false))
    .map(
      ({ name, values }) =>
        html`<tr><th scope="row">${name}</th>${values.map((value, at) => html`<td class="words" data-attempt="${at}">${value === null || value === false ? "–" : value}</td>`)}</tr>\n`,
    );
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Verdicts and costs"><table class="side-facts"><caption>The names open the attempts' pages; a mark ≠ stands where the two differ</caption>
<thead><tr><th scope="col">what</th>${heads}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

/** The first message of each attempt beside the first of the others, and so on. */
export function talkRows(attempts: readonly SideAttempt[], from: string): Html {
  const talks = attempts.map(({ row, page }) => ({
    row,
    messages: page === undefined ? [] : clockOf({ ...page, steps: [], calls: [] }).messages,
  }));
  const most = Math.max(0, ...talks.map(({ messages }) => messages.length));
  const rows = Array.from({ length: most }, (_, n) => {
    const cells = talks.flatMap(({ row, messages }, at) => {
      const message = messages[n];
      const place = `${link(from, pagePath(row.attempt_key))}#message-${message?.seq}`;
      return message === undefined ? [] : [messageCell(message, { row, at, place })];
    });
    return html`<li class="pairing" data-row>${cells}</li>\n`;
  });
  return html`<ol class="talks">${rows}</ol>`;
}

function messageCell(
  message: MessageTimes,
  { row, at, place }: { row: OutcomeRow; at: number; place: string },
): Html {
  const { sender, recipient, content, sent, sent_step, read, unread } = message;
  const fate = read === null ? unreadText(unread) : `read at ${offset(read)}`;
  const when = sent === null ? "" : `${offset(sent)}, `;
  const step = sent_step === null ? "" : `step ${sent_step}, `;
  return html`<div class="cell talk" data-attempt="${at}"><p class="cell-name">${sideName(row)}</p><p class="message-head"><a href="${place}">${sender} → ${recipient}</a>, ${when}${step}${fate}</p><blockquote>${content}</blockquote></div>`;
}
