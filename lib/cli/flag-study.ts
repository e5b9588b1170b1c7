// Owns a pipeline made of flags: it is a study with one arm, and its pairs flow like any study's.

import { defaultValue } from "../config/settings.ts";
import { DERIVED_POLICIES } from "../core/vocabulary.ts";
import type { FlowTarget } from "../study/flow-plan.ts";
import { wholeNumber } from "./args.ts";
import { type EngineFlags, isQueued } from "./engine.ts";
import { modelOptions } from "./models.ts";
import { commandOptions } from "./options.ts";
import { configRequest } from "./run-config.ts";
import { suiteOptions } from "./sandbox.ts";
import type { Call } from "./step.ts";
import { flow } from "./study.ts";

type Flags = Parameters<typeof commandOptions>[0]["args"] &
  Parameters<typeof configRequest>[0] &
  Parameters<typeof modelOptions>[0] &
  EngineFlags & {
    readonly name?: string | undefined;
    readonly tries?: string | undefined;
    readonly concurrency?: string | undefined;
    readonly force?: boolean | undefined;
  };
export type FlagFlow = Omit<Call, "args"> & { readonly args: Flags };

/**
 * Takes the pairs that the call's words name as far as the target. Returns the number of units that are not done, and the
 * keys of the attempts that came through.
 */
export async function flowOfFlags(
  call: FlagFlow,
  target: FlowTarget,
  shown: FlowTarget | "report",
) {
  const { planRun } = await import("../stages/run.ts");
  const { args } = call;
  const models = {
    ...modelOptions(args),
    ...(isQueued(args) ? { redis: undefined } : {}),
  };
  const { timeout_ms, premerge, suites } = suiteOptions(args);
  const options = {
    ...(await commandOptions({ ...call, ledger: await call.ledger() })),
    ...configRequest(args),
    ...models,
    name: args.name,
    tries: wholeNumber("--tries", args.tries, 1),
  };
  const { name, ...planned } = await planRun(options);
  const { backend, unsafe_local, backend_options, dataset_dir } = options;
  const { model_calls, max_outage_ms, prices_file, same_server, redis, budget_usd = null } = models;
  return await flow({
    ...call,
    ...{ dataset_dir, target, shown },
    found: [{ ...planned, run: name, prices_file, same_server }],
    study: {
      ...{ name, redis, budget_usd, max_outage_ms },
      sandbox: { backend, unsafe_local, backend_options },
      retries: { faults: 0, wait_ms: 0 },
      concurrency: {
        pairs: wholeNumber("-c", args.concurrency, 1) ?? 20,
        suites,
        model_calls,
      },
      evaluation: {
        policies: DERIVED_POLICIES,
        timeout_ms: timeout_ms ?? defaultValue("timeout_ms"),
        premerge: premerge ?? defaultValue("premerge"),
      },
    },
    more: { force: args.force === true, keep_changed: true, keep_going: true },
  });
}
