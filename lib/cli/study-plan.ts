// Owns printing what a study would do, without doing any of it.
import { agentNeeds } from "../agent/registry.ts";
import { loadBackend } from "../sandbox/registry.ts";
import type { Study } from "../study/file.ts";
import type { ArmRow } from "../study/plan-rows.ts";
import type { Row } from "./output.ts";
import { needsDataset, resolveStudy } from "./resolve-study.ts";
import type { Call } from "./step.ts";

type PlanCall = Call & {
  readonly study: Study;
  readonly dataset_dir: string;
  readonly arms: string[];
};

/** Prints one row per arm, and the pairs, cost, time and what the study can show. Returns 0: nothing can break. */
export async function planStudy(call: PlanCall): Promise<number> {
  const { study, dataset_dir, out, args } = call;
  if (await needsDataset(call)) {
    out.say(`study ${study.name}: the dataset is fetched first; its pairs are known after that`);
    for (const { name, run } of study.arms) out.emit({ arm: name, run, todo: "after dataset" });
    return 0;
  }
  const { ledger, pairs, found } = await resolveStudy(call);
  const { armStates } = await import("../study/state.ts");
  const { studyPlan } = await import("../study/plan.ts");
  const log_dir = String(args["log-dir"]);
  const states = await armStates({ study, arms: found, ledger, log_dir, dataset_dir });
  const arms = found.map(({ arm, run, config, attempts }, index) => ({
    ...{ name: arm.name, run, config, attempts: attempts.length },
    done: states[index] ?? { run: 0, merge: 0, eval: 0, again: [] },
  }));
  const plan = studyPlan({ study, ledger, arms, pairs });
  for (const row of plan.arms) out.emit(out.json ? { ...row } : shortRow(row));
  for (const line of plan.lines) out.say(line);
  const { backend, unsafe_local, backend_options } = study.sandbox;
  const { networkLine } = await loadBackend(backend);
  const needs = new Set(found.map(({ config }) => agentNeeds(config.agent).needs_gateway ?? false));
  for (const needs_gateway of needs)
    out.say(networkLine(backend_options, { unsafe_local, needs_gateway }));
  return 0;
}

/** For people, who have the rest in the lines: what is left of each arm. */
function shortRow({ arm, run, attempts, to_run, to_merge, to_evaluate }: ArmRow): Row {
  return { arm, run, attempts, to_run, to_merge, to_evaluate };
}
