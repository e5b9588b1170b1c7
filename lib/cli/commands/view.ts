// Owns the work of `view`: the report's pages served from the running ledger, with every change as it happens.

import { UsageError } from "../../core/fault.ts";
import { POLICIES } from "../../core/vocabulary.ts";
import { oneOf, wholeNumber } from "../args.ts";
import type { VIEW_FLAGS } from "../flags/view.ts";
import type { CommandContext } from "../step.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  out,
  signal,
  ledger: open,
}: CommandContext<typeof VIEW_FLAGS>): Promise<number> {
  const { serveView } = await import("../../site/serve.ts");
  const { isLoopback } = await import("../../site/host.ts");
  const policy = await oneOf("--policy", args.policy, POLICIES);
  const port = wholeNumber("--port", args.port) ?? 0;
  if (port > HIGHEST_PORT)
    throw new UsageError(`--port takes a number up to ${HIGHEST_PORT}, not "${args.port}"`);
  const ledger = await open();
  const { follow } = await import("../../../db/follow.ts");
  const { listedRuns } = await import("../../select/named-runs.ts");
  const runs = listedRuns(ledger, args.name);
  const { host: hostname, "log-dir": log_dir } = args;
  const steer = args.steer === true;
  if (steer && !isLoopback(hostname))
    throw new UsageError(
      `--steer is for this machine alone: omit --host, or name 127.0.0.1, not "${hostname}"`,
    );
  await using steering = steer
    ? await (await import("../steering.ts")).openSteering({ ledger, log_dir, runs })
    : undefined;
  await using served = serveView({
    ...{ ledger, steering },
    current: follow(ledger),
    log_dir,
    policy,
    runs,
    hostname,
    port,
    signal,
  });
  // Immediately, rather than as a row of a table that is printed at the end.
  const token = steering?.is_new === true ? steering.token : undefined;
  out.text(out.json ? JSON.stringify({ url: served.url, ...(token && { token }) }) : served.url);
  if (token !== undefined && !out.json) out.text(`token: ${token}`);
  out.say("the pages follow the ledger; Ctrl-C ends");
  await ended(signal);
  return 0;
}

const HIGHEST_PORT = 65_535;

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
