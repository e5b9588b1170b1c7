// Owns what a name means where finished runs are asked for: a run, or all runs of a study.
import type { Ledger } from "../../db/ledger.ts";
import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";

/** The part of a ledger that names need. */
type Runs = { readonly runs: Pick<Ledger["runs"], "find" | "all" | "studies"> };

/** The run of this name, else the runs of the study of this name (none may be made yet). Throws UsageError for a name of neither. */
export function runsNamed({ runs }: Runs, name: string): string[] {
  if (runs.find(name) !== undefined) return [name];
  const studies = runs.studies();
  const made = runs.all().map(({ run }) => run);
  const names = new Set(studies.values());
  if (names.has(name)) return made.filter((run) => studies.get(run) === name);
  throw new UsageError(unknownName("run", name, [...made, ...names]));
}

/** The runs that a list such as `first,other` names, each once; undefined when there is no list. Throws as {@link runsNamed}. */
export function listedRuns(ledger: Runs, list: string | undefined): string[] | undefined {
  if (list === undefined) return undefined;
  const names = list.split(",").map((name) => name.trim());
  return [...new Set(names.flatMap((name) => runsNamed(ledger, name)))];
}
