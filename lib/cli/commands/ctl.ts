// Owns the work of `ctl`: asks work under way for something, or shows what was asked.
import type { Ledger } from "../../../db/ledger.ts";
import type { Verb } from "../../control/ask.ts";
import type { Target } from "../../control/target.ts";
import { UsageError } from "../../core/fault.ts";
import { plural } from "../../core/text.ts";
import { wholeNumber } from "../args.ts";
import type { CTL_FLAGS } from "../flags/ctl.ts";
import { givenKeys } from "../keys.ts";
import type { Output } from "../output.ts";
import type { CommandContext } from "../step.ts";

/** Does the work; returns 0, as a request is not a unit. */
export async function run({
  args,
  words,
  every,
  out,
  ledger: open,
}: CommandContext<typeof CTL_FLAGS>): Promise<number> {
  const [name, verb, ...keys] = words;
  const concurrency = wholeNumber("-c", args.concurrency, 1);
  const arms = every("--arm");
  const ledger = await open();
  const target = name === undefined ? undefined : await targetOf(ledger, name);
  const wanted = verb === undefined ? undefined : await verbNamed(verb, name ?? "");
  if (target === undefined || (wanted === undefined && concurrency === undefined)) {
    if (arms.length > 0 || concurrency !== undefined)
      throw new UsageError("say what is to be done: tandem ctl NAME pause, resume, cancel or -c N");
    return await show(ledger, out, target);
  }
  const { ask } = await import("../../control/ask.ts");
  const { asker, requestLine } = await import("../../control/say.ts");
  const { requests, passed_over } = ask(ledger, {
    ...{ target, verb: wanted, concurrency, arms },
    keys: await givenKeys(keys),
    asked_by: asker(),
  });
  const { shownRequests } = await import("../../control/show.ts");
  const asked = new Set(requests.map(({ id }) => id));
  const shown = shownRequests(ledger, target).filter(({ id }) => asked.has(id));
  for (const row of shown) out.emit(row);
  for (const { key, why } of passed_over) out.warn(`${key}: ${why}, so nothing was asked of it`);
  for (const row of requests.slice(0, MOST_SAID)) out.say(requestLine(row));
  if (requests.length > MOST_SAID) out.say(`and ${requests.length - MOST_SAID} more`);
  const working = Math.max(0, ...shown.map(({ processes }) => processes));
  if (requests.length > 0) out.say(whoObeys(working, target, wanted));
  return 0;
}

const MOST_SAID = 5;

function whoObeys(working: number, { scope, name }: Target, verb: Verb | undefined): string {
  if (working > 0) return `${plural(working, "process", "processes")} will obey within seconds`;
  const later = verb === "resume" ? "does what is left" : "obeys it";
  return `no process works on ${scope} ${name} now: the next one that does ${later}`;
}

async function targetOf(ledger: Ledger, name: string): Promise<Target> {
  const { studyTarget, targetNamed } = await import("../../control/target.ts");
  if (!name.endsWith(".toml")) return targetNamed(ledger, name);
  const { loadStudy } = await import("../../study/file.ts");
  return studyTarget(ledger, loadStudy(name).name);
}

async function verbNamed(word: string, name: string): Promise<Verb> {
  const { VERBS } = await import("../../control/ask.ts");
  const found = VERBS.find((verb) => verb === word);
  if (found !== undefined) return found;
  if (word === "retry")
    throw new UsageError(
      `to queue faults again: tandem retry -n ${name}; to take up what was cancelled: tandem ctl ${name} resume KEY`,
    );
  const { unknownName } = await import("../../core/nearest.ts");
  throw new UsageError(unknownName("verb", word, VERBS));
}

async function show(ledger: Ledger, out: Output, target: Target | undefined): Promise<number> {
  const { shownRequests } = await import("../../control/show.ts");
  const rows = shownRequests(ledger, target);
  for (const row of rows) out.emit(out.json ? row : shortRow(row));
  if (rows.length === 0)
    out.say(target === undefined ? "nothing is asked of any work" : `nothing was asked of it`);
  return 0;
}

/** For people: what is said twice, or not at all, is omitted. */
function shortRow(
  row: ReturnType<typeof import("../../control/show.ts")["shownRequests"]>[number],
) {
  const { at, scope, name, verb, unit, concurrency, asked_by, holds, processes, obeying } = row;
  const subject = unit ?? `${scope} ${name}`;
  const what = concurrency === null ? verb : `${verb} ${concurrency}`;
  const obeyed = row.applied_at === null ? "not yet" : `${obeying} of ${processes}`;
  return { at: at.slice(0, 19), asked: what, of: subject, by: asked_by, holds, obeyed };
}
