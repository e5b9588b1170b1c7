// Owns what changed between the runs that an arm has had.
import type { Ledger } from "../../db/ledger.ts";
import type { RunRow } from "../../db/schema.ts";
import { goingOn } from "../agent/earlier-prompts.ts";
import { BEFORE } from "../attempt/config.ts";
import { writtenOf } from "../config/kinds.ts";
import type { Setting } from "../config/setting.ts";
import { rowsOf, SETTINGS, studyKey } from "../config/settings.ts";
import { editionOfHash } from "../dataset/edition.ts";
import { namedRuns, type StudyArm } from "./runs.ts";

/** The other runs of an arm, latest first. */
export function earlierRuns(ledger: Ledger, { arm, run }: Pick<StudyArm, "arm" | "run">): RunRow[] {
  return namedRuns(ledger, arm.run)
    .named.filter((row) => row.run !== run)
    .sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
}

/** Fields of a configuration that no setting holds by its own name, and what they are for people. */
const MADE = {
  agent_sha256: "the agent's file",
  agent_config_sha256: "agent_config",
  replay_of: "replay",
} as const;

/** What is made of a file or a run is told by {@link MADE}. */
const isKept = ({ identity }: Setting) => identity !== undefined && identity !== "made";

/** `max_steps changed 40 → 50, agent_config changed`: how the arm differs from one of its earlier runs. */
export function armChange(
  ledger: Ledger,
  earlier: RunRow,
  { config: made, edition }: Pick<StudyArm, "config" | "edition">,
): string {
  const was: Readonly<Record<string, unknown>> = { ...BEFORE, ...earlier.config };
  const now: Readonly<Record<string, unknown>> = goingOn(made, was);
  const settings = rowsOf(SETTINGS, isKept).flatMap(([name, setting]) => {
    if (!(name in now) || was[name] === now[name]) return [];
    const [before, after] = [was[name], now[name]].map((value) => writtenOf(setting.kind, value));
    return `${studyKey(name, setting)} changed ${before ?? "none"} → ${after ?? "none"}`;
  });
  const others = Object.entries(MADE).flatMap(([name, text]) =>
    was[name] === now[name] ? [] : `${text} changed`,
  );
  const editions = [earlier.edition ?? undefined, edition].map(
    (hash) => hash && editionOfHash(ledger, hash),
  );
  const edited =
    editions[0] && editions[1] && editions[0] !== editions[1]
      ? [`edition changed ${editions.join(" → ")}`]
      : [];
  return [...settings, ...others, ...edited].join(", ") || "its configuration changed";
}
