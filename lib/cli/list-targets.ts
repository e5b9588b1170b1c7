// Owns `pipeline --list`: what can be asked for, read from declarations and the study's file alone.
import { changedSettings, frozenOf } from "../config/frozen.ts";
import { armRequest, loadStudy, type Study } from "../study/file.ts";
import type { Output, Row } from "./output.ts";
import { TARGETS, WHAT_TARGETS_DO } from "./targets.ts";

type Asked = { readonly study: string | undefined; readonly sets: readonly string[] };

/** Prints one row per target, and one per arm of the study if there is one. Throws UsageError for what is not a study. */
export async function listTargets(out: Output, { study, sets }: Asked): Promise<number> {
  const arms = study === undefined ? [] : loadStudy(study, sets).arms.map(armRow);
  const targets = TARGETS.map((target) => ({ target, does: WHAT_TARGETS_DO[target] }));
  for (const rows of [targets, arms]) await print(out, rows);
  return 0;
}

function armRow(arm: Study["arms"][number]): Row {
  const request = armRequest(arm);
  const { agent, setting, model, ...frozen } = frozenOf(request);
  const settings = changedSettings(frozen, ["backend"]).join(", ");
  const { replay = null } = request;
  return { arm: arm.name, run: arm.run, setting, agent, model, replay, tries: arm.tries, settings };
}

/** JSON lines, or a table of its own. */
async function print(out: Output, rows: readonly Row[]): Promise<void> {
  if (out.json) for (const row of rows) out.emit(row);
  else if (rows.length > 0) {
    const { renderTable } = await import("../report/table.ts");
    out.text(renderTable(rows, { width: process.stdout.columns }));
  }
}
