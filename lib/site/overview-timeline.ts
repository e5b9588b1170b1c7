// Owns the figure of when agents talk: every message at its share of the attempt's duration.
import { runColor } from "./charts.ts";
import { type Tick, ticks } from "./charts-within.ts";
import type { SiteData } from "./data.ts";
import { html } from "./html.ts";
import { count, duration, percent, plural } from "./numbers.ts";
import type { Figure } from "./parts.ts";
import { SOURCES } from "./source.ts";

/** When agents talk: each message at its share of the attempt's duration. */
export function timelineFigure({ runs, messages }: SiteData): Figure {
  const colors = new Map(runs.map((run) => [run.name, runColor(run)]));
  const rows = messages.flatMap((message): Tick[] => {
    if (message.sent_at === null || message.wall_ms <= 0) return [];
    const after = Date.parse(message.sent_at) - Date.parse(message.started_at);
    const share = Math.min(1, Math.max(0, after / message.wall_ms));
    if (Number.isNaN(share)) return [];
    const note = `${message.attempt_key}: ${message.sender} after ${duration(after)} (${percent(share)})${message.unread === 1 ? ", never read" : ""}`;
    return [
      {
        run: message.run,
        color: colors.get(message.run) ?? "var(--ink)",
        share,
        unread: message.unread === null ? null : message.unread === 1,
        note,
      },
    ];
  });
  const byRun = [...Map.groupBy(rows, ({ run }) => run)];
  return {
    id: "timeline",
    title: "When messages are sent",
    caption: html`Every message at its share of the attempt's duration. An agreement has to come early to help.`,
    sources: [SOURCES.messageTimes],
    missing: rows.length === 0 ? "No message with a known time." : undefined,
    draw: (kit, width) => [ticks(kit, gathered(rows), width)],
    data: {
      columns: [
        { title: "run" },
        { title: "messages", number: true },
        { title: "in the first quarter", number: true },
        { title: "never read", number: true },
      ],
      rows: byRun.map(([run, own]) => [
        run,
        count(own.length),
        count(own.filter(({ share }) => share < 0.25).length),
        own.every(({ unread }) => unread === null)
          ? "unknown"
          : count(own.filter(({ unread }) => unread).length),
      ]),
    },
  };
}

/** More ticks than this are drawn together. */
const MOST_TICKS = 400;

/**
 * One tick for all messages of a run in the same part of the duration, if there are many: they would hide each other.
 */
function gathered(rows: readonly Tick[]): readonly Tick[] {
  if (rows.length <= MOST_TICKS) return rows;
  const runs = new Set(rows.map(({ run }) => run)).size;
  const parts = Math.max(20, Math.floor(MOST_TICKS / runs));
  const groups = Map.groupBy(rows, ({ run, share }) => `${Math.floor(share * parts)} ${run}`);
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const share = Math.min(1, (Math.floor(first.share * parts) + 0.5) / parts);
    return [
      {
        ...first,
        share,
        note: `${first.run}: ${plural(own.length, "message")} about ${percent(share)}`,
      },
    ];
  });
}
