// Owns the step `view`: the report's pages served from the running ledger, with every change as it happens.

import { oneOf, PLACE_ARGS, wholeNumber } from "../lib/cli/args.ts";
import { COMMON_ARGS, defineStep, main } from "../lib/cli/step.ts";
import { UsageError } from "../lib/core/fault.ts";
import { DEFAULT_POLICY, POLICIES } from "../lib/core/vocabulary.ts";

const HIGHEST_PORT = 65_535;

export const view = defineStep({
  name: "view",
  summary: "Serve the report's pages live from the ledger, on this machine only",
  reads: () => "read",
  args: {
    name: { type: "string", alias: "n", description: "only these runs", valueHint: "run,run" },
    port: {
      type: "string",
      description: "port to listen on; 0 takes a free one",
      valueHint: "n",
      default: "8017",
    },
    host: {
      type: "string",
      description: "address to listen on",
      valueHint: "address",
      default: "127.0.0.1",
    },
    policy: {
      type: "string",
      description: `${POLICIES.join(", ")}: which trees may pass, and whose verdict`,
      valueHint: "policy",
      default: DEFAULT_POLICY,
    },
    "log-dir": PLACE_ARGS["log-dir"],
    ...COMMON_ARGS,
  },
  async run({ args, out, signal, ledger: open }) {
    const { serveView } = await import("../lib/site/serve.ts");
    const policy = await oneOf("--policy", args.policy, POLICIES);
    const port = wholeNumber("--port", args.port) ?? 0;
    if (port > HIGHEST_PORT)
      throw new UsageError(`--port takes a number up to ${HIGHEST_PORT}, not "${args.port}"`);
    const ledger = await open();
    const { follow } = await import("../db/follow.ts");
    const { listedRuns } = await import("../lib/select/named-runs.ts");
    const runs = listedRuns(ledger, args.name);
    const { host: hostname, "log-dir": log_dir } = args;
    await using served = serveView({
      ledger,
      current: follow(ledger),
      log_dir,
      policy,
      runs,
      hostname,
      port,
      signal,
    });
    // At once, and not as a row of a table that is printed at the end.
    out.text(out.json ? JSON.stringify({ url: served.url }) : served.url);
    out.say("the pages follow the ledger; Ctrl-C ends");
    await ended(signal);
    return 0;
  },
});

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

if (import.meta.main) await main(view);
