// Owns what a name means where work is steered: a run, or a study with its runs, those too that are yet to be made.
import type { Ledger } from "../../db/ledger.ts";
import type { ControlRow } from "../../db/schema.ts";
import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";

export type Target = Pick<ControlRow, "scope" | "name"> & { readonly runs: readonly string[] };
type Runs = { readonly runs: Pick<Ledger["runs"], "all" | "studies"> };

/** The run of this name, else the study. Throws UsageError for a name of neither. */
export function targetNamed({ runs }: Runs, name: string): Target {
  const studies = runs.studies();
  const known = new Set([...runs.all().map(({ run }) => run), ...studies.keys()]);
  if (known.has(name)) return { scope: "run", name, runs: [name] };
  const names = new Set(studies.values());
  if (names.has(name)) return studyTarget({ runs }, name);
  throw new UsageError(unknownName("study or run", name, [...names, ...known]));
}

/** A study by its name, whether anything of it was begun or not. */
export function studyTarget({ runs }: Runs, name: string): Target {
  const own = [...runs.studies()].filter(([, study]) => study === name).map(([run]) => run);
  return { scope: "study", name, runs: own };
}

/** The run of an arm, named alone or as its run. Throws UsageError where the study has none of the name. */
export function armNamed({ scope, name, runs }: Target, arm: string): Target {
  const run = runs.find((one) => one === arm || (scope === "study" && one === `${name}-${arm}`));
  if (run !== undefined) return { scope: "run", name: run, runs: [run] };
  const arms = scope === "run" ? runs : runs.map((one) => armOf(name, one));
  throw new UsageError(`--arm: ${unknownName("arm", arm, arms)}`);
}

const armOf = (study: string, run: string) =>
  run.startsWith(`${study}-`) ? run.slice(study.length + 1) : run;
