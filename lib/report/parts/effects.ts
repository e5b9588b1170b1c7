// Owns the part `effects`: what messages did, by rules: answers, promises about files, requests.
import { type Columns, count, number, RUN, rate } from "../columns.ts";
import { scopeOf } from "../context.ts";
import { effectLines, FEWEST_FOR_A_SHARE } from "../measures/effects.ts";
import type { Part } from "../part.ts";
import { SOURCES } from "../source.ts";

const FEW = { missing: `fewer than ${FEWEST_FOR_A_SHARE}: see the counts` };
const NO_STEPS = { missing: "no answer whose steps are known" };

export const part: Part = {
  name: "effects",
  label: "What messages did",
  summary:
    "By rules for English: what a message's sender says that it will change or leave alone is a promise, what it asks of its reader a request; both only where a path is named. Kept or broken by the patches that were handed in; open: the rules cannot tell.",
  empty: "no message was sent",
  by: ["run"],
  columns: {
    ...RUN,
    attempts: count("attempts with a message"),
    messages: count("messages sent, one per reader"),
    messages_read: count("messages that their reader read"),
    reading_unknown: count("messages of logs that do not tell of reading", {
      hidden_if_zero: true,
    }),
    answered: count("messages whose reader wrote back to the sender after reading"),
    answered_share: rate("answered / messages that were read, or whose reading is unknown", FEW),
    answer_steps: number(
      "median steps of the reader from the one that read to the one that answered, both counted",
      NO_STEPS,
    ),
    answer_ms: number("median milliseconds of those steps, models and commands", NO_STEPS),
    ...statuses("promises", "what senders say that they will change or leave alone"),
    ...statuses("requests", "what senders ask readers to change or leave alone"),
  },
  source: [
    SOURCES.measures,
    { file: "db/handed.ts", names: ["handedStore"] },
    { file: "lib/report/effects/effects.ts", names: ["effectsOf"] },
    { file: "lib/report/effects/promises.ts", names: ["promisesIn"] },
    { file: "lib/report/effects/judge.ts", names: ["judgeOf"] },
  ],
  rows: (context) => effectLines(context.ledger, scopeOf(context)),
  chapter: "Talking",
  slow: true,
};

function statuses(name: "promises" | "requests", what: string): Columns {
  return {
    [name]: count(`${what}, where a path is named`),
    [`${name}_kept`]: count(`${name} that the patch of who is bound keeps`),
    [`${name}_broken`]: count(`${name} that the patch of who is bound breaks`),
    [`${name}_open`]: count(`${name} that the rules cannot decide`),
    [`${name}_kept_share`]: rate(`${name}_kept / (${name}_kept + ${name}_broken)`, FEW),
  };
}
