// Owns the figures that look inside runs: sections of conflicts, and messages by number.

import { runColor } from "./charts.ts";
import { type Bin, histograms } from "./charts-within.ts";
import type { RunData, SiteData } from "./data.ts";
import { html } from "./html.ts";
import { count, plural } from "./numbers.ts";
import type { Figure } from "./parts.ts";
import { SOURCES } from "./source.ts";

const MOST_SECTIONS = 12;
const MOST_MESSAGES = 24;
/** So that a few values do not make bars as wide as the page. */
const FEWEST_BINS = 8;

/** Sections of conflicts: how large conflicts are. */
export function sectionsFigure({ runs }: SiteData): Figure {
  const bins = runs.flatMap((run) =>
    binsOf(run, { values: run.sections, most: MOST_SECTIONS, what: "conflict", unit: "section" }),
  );
  return {
    id: "sections",
    title: "Sections of a conflict",
    caption: html`How many places conflict in one naive merge. Score of a conflict: 20 · sections + 2 · lines between the markers.`,
    sources: [SOURCES.conflictRate, SOURCES.anatomy],
    missing: bins.length === 0 ? "No naive merge conflicts." : undefined,
    draw: (kit, width) => [
      histograms(
        kit,
        {
          bins,
          domain: domainOf(bins, 1, MOST_SECTIONS),
          label: "sections",
          title: "Sections of conflicts by run",
        },
        width,
      ),
    ],
    data: {
      columns: binColumns("sections", "conflicts"),
      rows: bins.map(({ run, bin, n }) => [run, bin, count(n)]),
    },
  };
}

/** How many messages attempts exchanged. */
export function messagesFigure({ runs }: SiteData): Figure {
  const talking = runs.filter(({ run, kind }) => kind === "coop" && run.model !== null);
  const bins = talking.flatMap((run) => {
    const values = run.rows.flatMap(({ messages }) => messages ?? []);
    return binsOf(run, { values, most: MOST_MESSAGES, what: "attempt", unit: "message" });
  });
  return {
    id: "messages",
    title: "Messages of an attempt",
    caption: html`Coop attempts by the number of messages that all agents sent together.`,
    sources: [SOURCES.outcomesView, SOURCES.firstMessages],
    missing: bins.length === 0 ? "No coop run of a model." : undefined,
    draw: (kit, width) => [
      histograms(
        kit,
        {
          bins,
          domain: domainOf(bins, 0, MOST_MESSAGES),
          label: "messages",
          title: "Messages by attempt and run",
        },
        width,
      ),
    ],
    data: {
      columns: binColumns("messages", "attempts"),
      rows: bins.map(({ run, bin, n }) => [run, bin, count(n)]),
    },
  };
}

type Counted = {
  readonly values: readonly number[];
  readonly most: number;
  readonly what: string;
  readonly unit: string;
};

function binsOf(run: RunData, { values, most, what, unit }: Counted): Bin[] {
  const color = runColor(run);
  const name = (value: number) => (value >= most ? `${most}+` : String(value));
  const byValue = Map.groupBy(
    [...values].sort((a, b) => a - b),
    name,
  );
  return [...byValue].map(([bin, own]) => ({
    run: run.name,
    color,
    bin,
    n: own.length,
    note: `${run.name}: ${plural(own.length, what)} with ${bin} ${unit}${bin === "1" ? "" : "s"}`,
  }));
}

/** All values up to the largest that occurs, so that gaps show as gaps. */
function domainOf(bins: readonly Bin[], first: number, most: number): string[] {
  const largest = Math.max(...bins.map(({ bin }) => Number.parseInt(bin, 10)));
  const last = Math.max(largest, Math.min(most - 1, first + FEWEST_BINS - 1));
  const whole = Array.from({ length: Math.min(last, most - 1) - first + 1 }, (_, at) =>
    String(first + at),
  );
  return last >= most ? [...whole, `${most}+`] : whole;
}

function binColumns(value: string, what: string) {
  return [{ title: "run" }, { title: value }, { title: what, number: true }];
}
