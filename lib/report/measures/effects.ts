// Owns what a report says messages did: answers and their time, promises about files and whether they were kept.
import type { Ledger } from "../../../db/ledger.ts";
import { sumOf } from "../../core/lists.ts";
import { attemptedIn } from "../effects/attempted.ts";
import type { JudgedPromise, MessageEffect } from "../effects/effect.ts";
import { effectsOf } from "../effects/effects.ts";
import type { ReportLine } from "../line.ts";
import { spreadOf } from "../stats/index.ts";
import { byRun, type MeasureScope, shareOf } from "./measure.ts";

/** With fewer a share would look surer than it is. */
export const FEWEST_FOR_A_SHARE = 10;

type Counted = {
  readonly run: string;
  readonly messages: number;
  readonly read: number;
  readonly read_unknown: number;
  readonly answers: readonly NonNullable<MessageEffect["answer"]>[];
  readonly promises: readonly (JudgedPromise & { readonly asked: boolean })[];
};

/**
 * One line per run with a message. A text that was sent to several agents is a message to each; what its sender promises in it is one
 * promise, what it asks is a request to each.
 */
export function effectLines(ledger: Ledger, scope: MeasureScope): ReportLine[] {
  const counted = [...attemptedIn(ledger, scope)].map(({ run, attempted }) =>
    countedOf(run, effectsOf(attempted)),
  );
  return byRun(counted, scope).map(([run, own]) => lineOf(run, own));
}

function countedOf(run: string, effects: readonly MessageEffect[]): Counted {
  const own = new Set<string>();
  const promises = effects.flatMap(({ sender, promises: all }) =>
    all.flatMap((promise) => {
      const asked = promise.by !== sender;
      const key = JSON.stringify([sender, promise.kind, promise.paths, promise.quote]);
      if (!asked && own.has(key)) return [];
      if (!asked) own.add(key);
      return [{ ...promise, asked }];
    }),
  );
  return {
    run,
    messages: effects.length,
    read: effects.filter(({ read }) => read === true).length,
    read_unknown: effects.filter(({ read }) => read === null).length,
    answers: effects.flatMap(({ answer }) => answer ?? []),
    promises,
  };
}

function lineOf(run: string, own: readonly Counted[]): ReportLine {
  const answers = own.flatMap((one) => one.answers);
  const promises = own.flatMap((one) => one.promises);
  const heard = sumOf(own, ({ read, read_unknown }) => read + read_unknown);
  const made = promises.filter(({ asked }) => !asked);
  const asked = promises.filter((promise) => promise.asked);
  return {
    run,
    attempts: own.length,
    messages: sumOf(own, ({ messages }) => messages),
    messages_read: sumOf(own, ({ read }) => read),
    reading_unknown: sumOf(own, ({ read_unknown }) => read_unknown),
    answered: answers.length,
    answered_share: heard < FEWEST_FOR_A_SHARE ? null : shareOf(answers.length, heard),
    answer_steps: spreadOf(answers.map(({ steps }) => steps)).median,
    answer_ms: spreadOf(answers.map(({ duration_ms }) => duration_ms)).median,
    ...statuses("promises", made),
    ...statuses("requests", asked),
  };
}

/** Counts by status, and the share kept of what could be decided. */
function statuses(name: "promises" | "requests", promises: readonly JudgedPromise[]): ReportLine {
  const count = (status: JudgedPromise["status"]) =>
    promises.filter((promise) => promise.status === status).length;
  const [kept, broken] = [count("kept"), count("broken")];
  const share = kept + broken < FEWEST_FOR_A_SHARE ? null : shareOf(kept, kept + broken);
  return {
    [name]: promises.length,
    [`${name}_kept`]: kept,
    [`${name}_broken`]: broken,
    [`${name}_open`]: count("open"),
    [`${name}_kept_share`]: share,
  };
}
