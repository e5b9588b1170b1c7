// Owns studies for tests of their flow: on the demo task, in a folder and a ledger of their own, run in this process.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { type Ledger, openLedger } from "../../db/ledger.ts";
import { temporaryFolder } from "../core/testing.ts";
import { sandboxesOf } from "../engine/places.ts";
import { finishedUnits } from "./done.ts";
import { parseStudy, type Study } from "./file.ts";
import { runFlow } from "./flow.ts";
import type { FlowEvent, FlowOptions } from "./flow-plan.ts";
import { studyPairs } from "./pairs.ts";
import { studyArms } from "./runs.ts";

/** The gold agent on two of the demo's pairs: it asks no model and needs no sandbox. */
export const GOLD = `name = "s"
[pairs]
keys = ["demo_task/task1/features_1_2", "demo_task/task1/features_2_3"]
[arms.gold]
agent = "gold"
[sandbox]
unsafe_local = true
[retries]
faults = 0
`;
export const [G12, G23] = ["1_2", "2_3"].map(
  (features) => `s-gold/demo_task/task1/features_${features}`,
) as [string, string];

const NEVER = new AbortController().signal;

/**
 * A folder with a ledger; `run(text)` takes a study as far as it is told and gives what was said of its units. Begins with
 * what another place has, if one is given.
 */
export function studyPlace(like?: {
  readonly ledger: Ledger;
  readonly at: (name: string) => string;
}) {
  const folder = temporaryFolder("tandem-study");
  const at = (name: string) => join(folder.path, name);
  like?.ledger.query("PRAGMA wal_checkpoint(TRUNCATE)");
  if (like) cpSync(like.at("."), folder.path, { recursive: true });
  const ledger = openLedger(at("ledger.sqlite"));
  const dataset_dir = at("dataset");
  const read = (text: string, sets: string[] = []) =>
    parseStudy(text, { path: at("study.toml"), sets });
  const armsOf = async (study: Study, arms: readonly string[] = []) => {
    const pairs = await studyPairs({ pairs: study.pairs, ledger, dataset_dir, signal: NEVER });
    return await studyArms(study, { ledger, pairs, arms });
  };
  return {
    ledger,
    at,
    read,
    armsOf,
    async run(text: string, more: Partial<FlowOptions> & { readonly sets?: string[] } = {}) {
      const { sets = [], ...fields } = more;
      const study = read(text, sets);
      const events: FlowEvent[] = [];
      const report = await runFlow({
        ...{ study, arms: await armsOf(study), target: "eval", ledger, dataset_dir },
        ...{ log_dir: at("logs"), concurrency: 1, keep_going: false, signal: NEVER, drain: NEVER },
        on_unit: (event) => events.push(event),
        on_event: () => undefined,
        ...fields,
      });
      return { ...report, events };
    },
    /** Keys of what is merged or judged already. */
    async finished(text: string, target: "merge" | "eval"): Promise<string[]> {
      const study = read(text);
      const places = { ledger, log_dir: at("logs"), dataset_dir };
      const backend = await sandboxesOf(places, study.sandbox);
      const around = { ...places, study, backend, signal: NEVER, drain: NEVER };
      const found = await finishedUnits({ ...around, arms: await armsOf(study) }, target);
      return [...found.keys()];
    },
    [Symbol.dispose]() {
      ledger.close();
      folder[Symbol.dispose]();
    },
  };
}
