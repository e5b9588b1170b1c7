// Owns what a check of the ledger can find, and what to do about each.

/** `wrong`: something is missing or was changed. The others are reported and do no harm. */
const FINDINGS = {
  "missing file": { wrong: true },
  "changed file": { wrong: true },
  "missing folder": { wrong: true },
  "damaged patch": {
    wrong: true,
    hint: "restore the ledger from a copy, or the run from an archive",
  },
  "damaged output": {
    wrong: true,
    hint: "restore the ledger from a copy, or test again with eval --force",
  },
  "damaged ledger": { wrong: true, hint: "restore the ledger from a copy" },
  "lost parent": { wrong: true, hint: "restore the ledger from a copy" },
  "decided twice": { wrong: true, hint: "this is a defect of Tandem: report it with the journal" },
  "unknown folder": {
    wrong: false,
    hint: "left by a kill between files and row, or still being written: it counts nowhere and may be deleted",
  },
  "unknown file": {
    wrong: false,
    hint: "it was added after the attempt was done: it counts nowhere",
  },
  "not moved yet": { wrong: false, hint: "run the same command again: it moves the folder" },
} as const satisfies Record<string, { wrong: boolean; hint?: string }>;

export type FindingKind = keyof typeof FINDINGS;
/** `key`: the attempt, unit, patch or output it is about. `path`: where to look, null when that is the ledger. */
export type Finding = {
  readonly key: string;
  readonly finding: FindingKind;
  readonly path: string | null;
  readonly hint: string;
};

export function isWrong({ finding }: Finding): boolean {
  return FINDINGS[finding].wrong;
}

/** A finding about the ledger's own rows. */
export function ledgerFinding(
  finding: Exclude<FindingKind, "missing file" | "changed file" | "missing folder">,
  key: string,
  path: string | null = null,
): Finding {
  return { key, finding, path, hint: FINDINGS[finding].hint };
}

/** The command that makes a file of an attempt again. */
export function fileFinding(
  finding: "missing file" | "changed file" | "missing folder",
  key: string,
  { name, path }: { readonly name: string; readonly path: string },
): Finding {
  const step = name.startsWith("merge") ? "merge" : name === "eval.json" ? "eval" : "run-pair";
  const hint = `restore the run from an archive, or do it again: ${step} --force ${key}`;
  return { key, finding, path, hint };
}
