// Owns calling an export for tests, and reading what it wrote.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesOf } from "../../core/artefacts.ts";
import type { exchangePlace } from "../tree.fixture.ts";
import { type ExportRequest, type ExportUnit, exportLogs } from "./export.ts";

export type Place = ReturnType<typeof exchangePlace>;

/** Exports runs of a place to its folder `out`, in the released form unless said otherwise. */
export async function write(
  place: Place,
  runs: readonly string[],
  options: Partial<ExportRequest> = {},
): Promise<ExportUnit[]> {
  const units: ExportUnit[] = [];
  await exportLogs({
    ledger: place.ledger,
    log_dir: place.log_dir,
    runs,
    select: { dataset_dir: place.at("dataset") },
    out_dir: place.at("out"),
    form: "released",
    signal: new AbortController().signal,
    on_unit: (unit) => units.push(unit),
    ...options,
  });
  return units;
}

/** Every file below a folder: whole JSON as its value, anything else as its bytes. */
export function contents(folder: string): Record<string, unknown> {
  return Object.fromEntries(
    filesOf(folder).map((path) => {
      const text = readFileSync(join(folder, path), "latin1");
      return [path, path.endsWith(".json") ? parsedOr(text) : text];
    }),
  );
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
