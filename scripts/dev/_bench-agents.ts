// Owns what `bench agents` runs: many scripted attempts at once, on a ledger and logs of their own.
import { join } from "node:path";
import { openLedger } from "../../db/ledger.ts";
import { wholeNumber } from "../../lib/cli/args.ts";
import type { Row } from "../../lib/cli/output.ts";
import { scratch } from "../../lib/core/files.ts";
import { sandboxesOf } from "../../lib/engine/places.ts";
import { bubblewrapWorks } from "../../lib/sandbox/local/isolation.ts";
import { indexDemo } from "../../lib/select/select.ts";
import { taskFinder } from "../../lib/select/task-files.ts";
import type { BenchContext } from "./_bench-args.ts";
import { benchAgents } from "./bench-attempts.ts";

const ATTEMPTS = 200;

/** Local sandboxes, with bubblewrap where it works: the scripted commands are ours. */
export async function agentsRows({ args, signal, out }: BenchContext): Promise<Row[]> {
  await using folder = scratch(args["log-dir"], "bench");
  using ledger = openLedger(join(folder.path, "ledger.sqlite"));
  indexDemo(ledger);
  const log_dir = join(folder.path, "logs");
  const places = { ledger, log_dir, dataset_dir: args["dataset-dir"] };
  const attempts = wholeNumber("--limit", args.limit, 1) ?? ATTEMPTS;
  out.say(`${attempts} attempts at once, two agents each`);
  return await benchAgents({
    ledger,
    log_dir,
    attempts,
    signal,
    backend: await sandboxesOf(places, { unsafe_local: !bubblewrapWorks() }),
    taskOf: taskFinder(ledger, places.dataset_dir),
  });
}
