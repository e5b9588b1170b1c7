// Owns what of a page steers work: buttons that say what is asked, which assets/steer.js sends with the reader's token.
import type { ArmStatus } from "../status/arm.ts";
import type { Status } from "../status/status.ts";
import { faultCount } from "../status/text.ts";
import { type Html, html } from "./html.ts";
import { table } from "./parts.ts";

/** Something that was asked here and is in no ledger: what was refused, and faults that were queued again. */
export type Said = {
  /** UTC, ISO 8601. */
  readonly at: string;
  readonly by: string;
  readonly what: string;
  readonly state: string;
};
export type Steer = {
  /** The study of each run that is one's. */
  readonly studies: ReadonlyMap<string, string>;
  /** The latest first. */
  readonly said: readonly Said[];
};
/** What a button asks; `confirm` is asked of the reader before. */
type Ask = {
  readonly do: "pause" | "resume" | "cancel" | "concurrency" | "retry";
  readonly name: string;
  readonly keys?: readonly string[];
  readonly confirm?: string;
};

export function askButton(word: string, { confirm, ...ask }: Ask): Html {
  return html`<button type="button" data-ask="${JSON.stringify(ask)}"${confirm !== undefined && html` data-confirm="${confirm}"`} aria-label="${word} ${ask.keys?.join(" ") ?? ask.name}">${word}</button> `;
}

/** Whether something is being done to a run, or left to be done. */
export function isOpen(arm: ArmStatus): boolean {
  const { total, done, active, waiting, paused, cancelled_whole } = arm;
  const left = total !== null && done < total;
  return active + waiting > 0 || left || paused !== null || cancelled_whole !== null;
}

/** Studies first, then their runs, and runs alone: what may be asked of each. */
export function steerTable({ arms }: Status, steer: Steer | undefined): Html | undefined {
  const open = arms.filter(isOpen);
  if (steer === undefined || open.length === 0) return undefined;
  const groups = Map.groupBy(open, ({ run }) => steer.studies.get(run));
  const rows = [...groups].flatMap(([study, own]) =>
    study === undefined
      ? own.map((arm) => runRow(arm, true))
      : [studyRow(study, own), ...own.map((arm) => runRow(arm, false))],
  );
  return table({
    caption: "Steer: the same as tandem ctl and tandem retry",
    columns: [{ title: "study or run" }, { title: "ask" }, { title: "attempts at a time" }],
    rows,
  });
}

function studyRow(name: string, arms: readonly ArmStatus[]) {
  const paused = arms.every((arm) => arm.paused !== null);
  return [
    `study ${name}`,
    paused
      ? askButton("Resume", { do: "resume", name })
      : askButton("Pause", { do: "pause", name }),
    width(name),
  ];
}

function runRow(arm: ArmStatus, alone: boolean) {
  const { run: name, paused, cancelled_whole, faults } = arm;
  const broken = faultCount(faults);
  const buttons = [
    paused === null && cancelled_whole === null
      ? askButton("Pause", { do: "pause", name })
      : askButton("Resume", { do: "resume", name }),
    broken > 0 ? askButton("Retry faults", { do: "retry", name }) : null,
    cancelled_whole === null
      ? askButton("Cancel", {
          ...{ do: "cancel", name },
          confirm: `Stop all attempts of ${name}, and leave it undone until it is resumed?`,
        })
      : null,
  ];
  return [`run ${name}`, html`${buttons}`, alone ? width(name) : "its study's"];
}

/** The number stands next to its button. */
function width(name: string): Html {
  return html`<span class="number-ask"><input type="number" min="1" max="10000" step="1" name="at-a-time ${name}" aria-label="attempts at a time of ${name}"> ${askButton("Set", { do: "concurrency", name })}</span>`;
}
