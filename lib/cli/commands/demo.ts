// Owns the work of `demo`: recorded agents on the demo task, together and alone, through every stage to a report.

import type { ArgsDef } from "citty";
import { pairKey } from "../../core/keys.ts";
import { DEFAULT_AGENT } from "../../core/vocabulary.ts";
import { DEMO_REPO } from "../../dataset/read.ts";
import { bubblewrapWorks } from "../../sandbox/local/isolation.ts";
import type { DEMO_FLAGS } from "../flags/demo.ts";
import type { CommandContext, Part } from "../step.ts";

/** The commands that every run of the demo goes through, and the last one. */
type Parts = Readonly<Record<"run" | "merge" | "eval" | "report", Part>>;

/** Does the work; returns the number of units that met a fault. */
export async function run(
  context: CommandContext<typeof DEMO_FLAGS>,
  parts: Parts,
): Promise<number> {
  const { args, out, signal } = context;
  const unsafe = !bubblewrapWorks();
  if (unsafe)
    out.say(
      "no bubblewrap here: the recorded commands run without isolation (they are part of Tandem, in git)",
    );
  const shared = { ...args, "unsafe-local": unsafe, concurrency: "4", quiet: true };
  let faults = 0;
  for (const [name, run] of Object.entries(RUNS)) {
    if (signal.aborted) return faults;
    out.say(`${name}: ${run.what}`);
    faults += await runEvaluated(run, { ...shared, name }, { ...context, parts });
  }
  if (args.json === true) {
    await parts.report({ ...args, repo: DEMO_REPO, format: "json" }, { ...context, words: [] });
    return faults;
  }
  const { demoEnd } = await import("../demo-end.ts");
  const runs = Object.entries(RUNS).map(([run, { what }]) => ({ run, what }));
  out.text(await demoEnd({ ledger: await context.ledger(), runs, places: args, signal }));
  return faults;
}

type DemoRun = {
  readonly what: string;
  /** Features of the only pairs (or threes) that take part; all ten pairs when absent. */
  readonly features?: readonly (readonly number[])[];
  /** Of run-pair. */
  readonly flags: Readonly<Record<string, string | boolean>>;
};

const MINI = { agent: DEFAULT_AGENT, model: "replay/demo" };

const RUNS: Readonly<Record<string, DemoRun>> = {
  "demo-gold": {
    what: "reference patches, no messages",
    flags: { setting: "coop", agent: "gold" },
  },
  "demo-coop": {
    what: "two agents who send messages",
    flags: { setting: "coop", ...MINI },
  },
  "demo-solo": {
    what: "one agent, both features",
    flags: { setting: "solo", ...MINI },
  },
  "demo-git": {
    what: "two agents with shared branches",
    features: [
      [1, 4],
      [2, 4],
      [3, 5],
    ],
    flags: { setting: "coop", ...MINI, model: "replay/git", git: true },
  },
  "demo-three": {
    what: "three agents who send messages",
    features: [
      [1, 2, 3],
      [1, 2, 4],
    ],
    flags: { setting: "coop", ...MINI, model: "replay/three" },
  },
};

type Shared = Omit<CommandContext<ArgsDef>, "args">;

/** One run from its agents to its verdicts; prints nothing itself. Returns the number of faults. */
async function runEvaluated(
  { features, flags }: DemoRun,
  common: Readonly<Record<string, unknown>>,
  { out, parts, ...context }: Shared & { readonly parts: Parts },
): Promise<number> {
  // A terminal shows the board; plain lines between the demo's own would only hide them.
  const quiet = out.quiet || !process.stderr.isTTY;
  const shared = {
    ...context,
    out: { ...out, quiet, say: () => undefined, emit: () => undefined },
  };
  const words = (features ?? []).map((numbers) =>
    pairKey({ repo: DEMO_REPO, task_id: 1, features: numbers }),
  );
  const whose = words.length > 0 ? {} : { repo: DEMO_REPO };
  const ran = await parts.run({ ...common, ...flags, ...whose }, { ...shared, words });
  const merged = await parts.merge(common, { ...shared, words: [] });
  const evaluated = await parts.eval(common, { ...shared, words: [] });
  return ran + merged + evaluated;
}
