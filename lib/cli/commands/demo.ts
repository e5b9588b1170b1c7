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
  await parts.report(
    { ...args, repo: DEMO_REPO, ...(args.json === true ? WHOLE : ONE_TABLE) },
    { ...context, words: [] },
  );
  out.say(WHERE_NEXT.replaceAll("@LOGS@", args["log-dir"]).replaceAll("@LEDGER@", args.ledger));
  return faults;
}

/** For people, whatever standard output is; for programs on request, so that npm and pipes change nothing. */
const ONE_TABLE = { format: "table", parts: "runs" };
const WHOLE = { format: "json" };

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
    what: "the reference patches, without any messages",
    flags: { setting: "coop", agent: "gold" },
  },
  "demo-coop": {
    what: "two recorded agents, one feature each, exchanging messages",
    flags: { setting: "coop", ...MINI },
  },
  "demo-solo": {
    what: "one recorded agent, both features",
    flags: { setting: "solo", ...MINI },
  },
  "demo-git": {
    what: "two recorded agents who also see each other's branch",
    features: [
      [1, 4],
      [2, 4],
      [3, 5],
    ],
    flags: { setting: "coop", ...MINI, model: "replay/git", git: true },
  },
  "demo-three": {
    what: "three recorded agents, one feature each, exchanging messages",
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

const WHERE_NEXT = `where to look next
  what two agents said and did     @LOGS@/demo-coop/demo_task/task1/features_2_3/{conversation.json,agent1/,agent2/}
  a promise that was broken        @LOGS@/demo-coop/demo_task/task1/features_3_4/{conversation.json,merge.json,eval.json}
  a conflict seen in time          @LOGS@/demo-git/demo_task/task1/features_3_5/{conversation.json,agent1/,agent2/}
  what the third was not told      @LOGS@/demo-three/demo_task/task1/features_1_2_4/{conversation.json,eval.json}
  every attempt in one table       sqlite3 @LEDGER@ 'select run, features, merge_status, path, outcome from outcomes'
  the same as Markdown             npx tandem report -r demo_task --format md
  all of it as pages               npx tandem report --html pages
  the real thing                   README.md, "A real pair"`;
