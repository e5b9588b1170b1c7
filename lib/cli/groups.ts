// Owns which commands there are, in the groups and the order in which they are listed.

/** Every door of `scripts/` but `tandem` itself. */
export const GROUPS = {
  "get data": ["fetch-dataset", "sample-subset", "check-dataset", "import-logs"],
  run: ["run-pair", "merge", "eval", "init", "pipeline", "retry", "ctl", "worker", "launch"],
  look: ["report", "view", "status", "judge", "annotate"],
  keep: ["archive", "check-ledger", "export-logs"],
  lab: ["demo", "doctor", "warm-images", "warm-agents", "clean", "docs", "completion"],
} as const;

export const COMMANDS: readonly string[] = Object.values(GROUPS).flat();

/** What a newcomer needs, in this order, and why. */
export const FIRST = {
  demo: "see it all: half a minute, no key",
  doctor: "see what is missing here for a real experiment",
  init: "write a study that runs at once (study.toml)",
} as const;
