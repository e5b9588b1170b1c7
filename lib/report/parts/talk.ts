// Owns the part `talk`: what talking costs.
import { ATTEMPTS, count, RUN, rate, usd } from "../columns.ts";
import { scopeOf } from "../context.ts";
import { talkLines } from "../measures/talking.ts";
import type { Part } from "../part.ts";
import { SOURCES } from "../source.ts";

export const part: Part = {
  name: "talk",
  label: "What talking costs",
  summary:
    "An action is a command, or a message sent or read. Tokens and cost are those of whole steps in which a message was sent or read; unknown attempts have no steps written down.",
  empty: "no run is coop",
  by: ["run"],
  columns: {
    ...RUN,
    unknown_attempts: count("attempts whose steps are not known: outside all below"),
    messages: count("messages sent", { hidden_if_zero: true }),
    ...ATTEMPTS,
    silent_attempts: count("attempts without a message"),
    sends: count("messages sent in known steps"),
    receives: count("messages read in known steps"),
    actions: count("commands run, messages sent without one, and messages read"),
    overhead: rate("(sends + receives) / actions"),
    overhead_q1: rate("first quartile of the overhead of attempts"),
    overhead_median: rate("median of the overhead of attempts"),
    overhead_q3: rate("third quartile of the overhead of attempts"),
    talk_steps: count("steps in which a message was sent or read"),
    talk_tokens: count("tokens of the steps in which a message was sent or read"),
    talk_token_share: rate("talk_tokens / tokens of all calls, summaries included"),
    talk_cost_usd: usd("US dollars of the steps in which a message was sent or read"),
    talk_cost_share: rate("talk_cost_usd / cost of all calls"),
  },
  source: [SOURCES.measures, SOURCES.spread],
  rows: (context) => talkLines(context.ledger, scopeOf(context)),
  chapter: "Talking",
  slow: true,
};
