// Owns the demo: recorded agents on the demo task, together and alone, through every step to a report.
import { bubblewrapWorks } from "../lib/sandbox/isolation.ts";
import { PLACE_ARGS } from "./_args.ts";
import { COMMON_ARGS, defineStep, invoke, main } from "./_step.ts";
import { pipeline } from "./pipeline.ts";
import { report } from "./report.ts";

const RUNS = [
  {
    name: "demo-gold",
    setting: "coop",
    agent: "gold",
    what: "the reference patches, written without talking",
  },
  {
    name: "demo-coop",
    setting: "coop",
    agent: "mini",
    model: "replay/demo",
    what: "two recorded agents, one feature each, talking",
  },
  {
    name: "demo-solo",
    setting: "solo",
    agent: "mini",
    model: "replay/demo",
    what: "one recorded agent, both features",
  },
] as const;

export const demo = defineStep({
  name: "demo",
  summary:
    "Run the demo task coop and solo, merge, evaluate, report: no key, no Docker, no network",
  args: {
    force: { type: "boolean", description: "do it all again" },
    "log-dir": PLACE_ARGS["log-dir"],
    ...COMMON_ARGS,
  },
  async run(context) {
    const { args, out } = context;
    const unsafe = !bubblewrapWorks();
    if (unsafe)
      out.say(
        "no bubblewrap here: the recorded commands run without isolation (they are ours, and in git)",
      );
    let faults = 0;
    for (const { what, ...run } of RUNS) {
      out.say(`${run.name}: ${what}`);
      const flags = {
        ...args,
        ...run,
        repo: "demo_task",
        "unsafe-local": unsafe,
        concurrency: "4",
        quiet: true,
      };
      faults += await invoke(pipeline, flags, {
        ...context,
        words: ["eval"],
        out: { ...out, say: () => undefined, emit: () => undefined },
      });
    }
    await invoke(
      report,
      { ...args, repo: "demo_task", format: out.json ? "json" : "table" },
      { ...context, words: [] },
    );
    out.say(WHERE_NEXT.replaceAll("@LOGS@", args["log-dir"]).replaceAll("@LEDGER@", args.ledger));
    return faults;
  },
});

const WHERE_NEXT = `where to look next
  what two agents said and did     @LOGS@/demo-coop/demo_task/task1/features_2_3/{conversation.json,agent1/,agent2/}
  a promise that was broken        @LOGS@/demo-coop/demo_task/task1/features_3_4/{conversation.json,merge.json,eval.json}
  every attempt in one table       sqlite3 @LEDGER@ 'select run, features, merge_status, path, outcome from outcomes'
  the same as Markdown             bun scripts/report.ts -r demo_task --format md
  the real thing                   README.md, "The real thing"`;

if (import.meta.main) await main(demo);
