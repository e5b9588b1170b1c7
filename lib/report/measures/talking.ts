// Owns what talking costs: messages sent and read among all actions, and the tokens and dollars of the steps that talk.

import type { Ledger } from "../../../db/ledger.ts";
import type { TalkRow } from "../../../db/measures.ts";
import { sumOf } from "../../core/lists.ts";
import type { ReportLine } from "../line.ts";
import { knownSum, spreadOf } from "../stats/index.ts";
import { byRun, type MeasureScope, shareOf } from "./measure.ts";

/**
 * One line per coop run. Overhead = messages sent and read / all actions of all agents; an action is a command that was
 * run (one that sends is one action, a message sent without a command is another) or a message that was read. It is
 * over the attempts whose steps are known, the others are `unknown_attempts`; `overhead_median` and its quartiles are
 * over attempts with an action. `talk_tokens` and `talk_cost_usd` are whole steps in which a message was sent or read,
 * their shares are of everything that these attempts' agents used, summaries included. `silent_attempts` have no
 * message.
 */
export function talkLines(ledger: Ledger, scope: MeasureScope): ReportLine[] {
  return byRun(ledger.measures.talk(scope), scope).map(([run, own]) => {
    const known = own.filter(({ actions }) => actions !== null);
    const sum = (field: Counted) => knownSum(known.map((row) => row[field]));
    const talks = knownSum([sum("sends"), sum("receives")]);
    return {
      run,
      attempts: own.length,
      unknown_attempts: own.length - known.length,
      silent_attempts: own.filter(({ messages }) => messages === 0).length,
      messages: sumOf(own, ({ messages }) => messages),
      sends: sum("sends"),
      receives: sum("receives"),
      actions: sum("actions"),
      overhead: shareOf(talks, sum("actions")),
      ...overheadSpread(known),
      talk_steps: sum("talk_steps"),
      talk_tokens: sum("talk_tokens"),
      talk_token_share: shareOf(sum("talk_tokens"), sum("tokens")),
      talk_cost_usd: sum("talk_cost_usd"),
      talk_cost_share: shareOf(sum("talk_cost_usd"), sum("cost_usd")),
    };
  });
}

type Counted = Exclude<keyof TalkRow, "run" | "attempt_key">;

function overheadSpread(rows: readonly TalkRow[]): ReportLine {
  const shares = rows.flatMap(
    ({ sends, receives, actions }) => shareOf(knownSum([sends, receives]), actions) ?? [],
  );
  const { q1, median, q3 } = spreadOf(shares);
  return { overhead_q1: q1, overhead_median: median, overhead_q3: q3 };
}
