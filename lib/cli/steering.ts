// Owns how the live view steers and annotates: by the work of `ctl`, `retry` and `annotate`, on a connection of its own.
import { randomBytes } from "node:crypto";
import type { Ledger } from "../../db/ledger.ts";
import { type Asked, ask } from "../control/ask.ts";
import { asker, requestText } from "../control/say.ts";
import { targetNamed } from "../control/target.ts";
import { asFault, UsageError } from "../core/fault.ts";
import { plural } from "../core/text.ts";
import { annotate } from "../labels/annotate.ts";
import type { AnnotateAsk, Done, SteerAsk, Steering } from "../site/posts.ts";
import { retry } from "../stages/retry.ts";
import { TOKEN_VARIABLE } from "./flags/view.ts";

/** While SQLite waits, the view cannot answer any request; so the wait is done here, in short turns. */
const BUSY_MS = 100;
const LONGEST_MS = 5000;
const PAUSE_MS = 250;
const SHORTEST_TOKEN = 16;

type Options = {
  readonly ledger: Pick<Ledger, "path">;
  readonly log_dir: string;
  /** Only these may be steered and annotated; all when absent. */
  readonly runs?: readonly string[] | undefined;
  /** How long a ledger that another program holds is waited for, milliseconds. */
  readonly patience_ms?: number | undefined;
};

/** `is_new`: the token was made here, so it still has to be shown. */
export type OpenSteering = Steering & AsyncDisposable & { readonly is_new: boolean };

/** Throws UsageError for a token that is too short, and what opening the ledger to write throws. */
export async function openSteering(options: Options): Promise<OpenSteering> {
  const given = process.env[TOKEN_VARIABLE] || undefined;
  const token = tokenOf(given);
  const { openLedger } = await import("../../db/ledger.ts");
  const ledger = openLedger(options.ledger.path);
  ledger.query(`PRAGMA busy_timeout = ${BUSY_MS}`);
  const by = asker();
  const { patience_ms = LONGEST_MS } = options;
  const around = { ...options, ledger, by: `${by} (view)` };
  return {
    ...{ token, by: around.by, is_new: given === undefined },
    steer: (asked) => inTurn(() => steer(around, asked), patience_ms),
    annotate: (asked) => inTurn(() => say(around, by, asked), patience_ms),
    async [Symbol.asyncDispose]() {
      ledger.close();
    },
  };
}

/** What the variable holds, else a new one: 192 random bits. */
function tokenOf(given: string | undefined): string {
  if (given === undefined) return randomBytes(24).toString("base64url");
  if (given.length >= SHORTEST_TOKEN && /^[\x21-\x7e]+$/.test(given)) return given;
  throw new UsageError(
    `${TOKEN_VARIABLE} must have ${SHORTEST_TOKEN} characters or more, without spaces: unset it to have one made`,
  );
}

/** Does it once no other program holds the ledger. Throws Fault `ledger_locked` when patience is over. */
async function inTurn<T>(act: () => T, patience_ms: number): Promise<T> {
  const until = performance.now() + patience_ms;
  for (;;) {
    try {
      return act();
    } catch (error) {
      if (asFault(error).code !== "ledger_locked" || performance.now() > until) throw error;
      await Bun.sleep(PAUSE_MS);
    }
  }
}

type Around = Options & { readonly ledger: Ledger; readonly by: string };

function steer({ ledger, log_dir, runs, by: asked_by }: Around, asked: SteerAsk): Done {
  const target = targetNamed(ledger, asked.name);
  const hidden = target.runs.find((run) => runs !== undefined && !runs.includes(run));
  if (hidden !== undefined)
    throw new UsageError(`this view does not show ${hidden}: it cannot steer it`);
  const { keys, concurrency } = asked;
  if (asked.do === "retry") {
    const filters = { run: asked.name, keys, dataset_dir: "" };
    const units = retry({ ledger, filters, dry: false, log_dir, asked_by });
    const what = `retry ${asked.name}`;
    const state = `taken: ${plural(units.length, "unit")} queued again`;
    return {
      said: `${plural(units.length, "unit")} of ${asked.name} queued again`,
      note: { what, state },
    };
  }
  if (asked.do === "concurrency" && concurrency === undefined)
    throw new UsageError("say how many attempts at a time");
  const verb = asked.do === "concurrency" ? undefined : asked.do;
  return saidOf(ask(ledger, { target, verb, concurrency, keys, asked_by }));
}

function saidOf({ requests, passed_over }: Asked): Done {
  const [first] = passed_over;
  if (requests.length === 0 && first !== undefined)
    throw new UsageError(`${first.key}: ${first.why}, so nothing was asked of it`);
  return { said: `asked: ${requests.map(requestText).join("; ")}` };
}

function say({ ledger, runs }: Around, asker: string, asked: AnnotateAsk): Done {
  const { attempt_key, remove, by = asker, message, measure, label, note } = asked;
  const run = attempt_key.split("/")[0] ?? "";
  if (runs !== undefined && !runs.includes(run))
    throw new UsageError(`this view does not show ${run}: it cannot annotate it`);
  if (remove !== undefined) {
    if (!ledger.annotations.remove(remove, by))
      throw new UsageError(`${by} has no annotation ${remove}`);
    return { said: `annotation ${remove} is removed` };
  }
  const row = annotate(ledger, { attempt_key, message, measure, label, note, by });
  return { said: `annotation ${row.id} is kept` };
}
