// Owns the trial with a real model: small weights on this machine's processor, two agents and one on demo pairs, judged and reported.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Ledger } from "../../db/ledger.ts";
import { oneOf, wholeNumber } from "../../lib/cli/args.ts";
import {
  COMMON_ARGS,
  type CommandContext,
  defineCommand,
  invoke,
  main,
} from "../../lib/cli/step.ts";
import { Fault, UsageError } from "../../lib/core/fault.ts";
import type { Finding } from "../../lib/core/finding.ts";
import { pairKey } from "../../lib/core/keys.ts";
import { DEMO_REPO } from "../../lib/dataset/read.ts";
import { checkModel } from "../../lib/doctor/model.ts";
import { bubblewrapWorks } from "../../lib/sandbox/local/isolation.ts";
import { evaluate } from "../eval.ts";
import { merge } from "../merge.ts";
import { report } from "../report.ts";
import { runPair } from "../run-pair.ts";
import { bringRuntime, bringWeights, cacheFolder, type Size, WEIGHTS } from "./_real-weights.ts";

/** Those that begin alike stand together: what a server has read of a prompt it need not read again. */
const PAIRS = [
  [1, 2],
  [1, 5],
  [2, 4],
  [3, 5],
];
const LOADING_MS = 300_000;

export const realModel = defineCommand({
  name: "dev/real-model",
  summary:
    "Run demo pairs with a small real model on this machine's processor, together and alone, to a report: a few minutes, half a gigabyte, no key",
  args: {
    size: {
      type: "string",
      description: "weights: 0.5b or 1.5b",
      default: "0.5b",
      valueHint: "size",
    },
    agent: {
      type: "string",
      description: "who asks the model: mini, or the name of an agent program",
      default: "mini",
      valueHint: "name",
    },
    limit: { type: "string", description: "demo pairs, 4 at most", default: "2", valueHint: "n" },
    "max-steps": {
      type: "string",
      description: "model calls per agent",
      default: "4",
      valueHint: "n",
    },
    "max-wall": {
      type: "string",
      description: "seconds per agent",
      default: "240",
      valueHint: "s",
    },
    keep: { type: "boolean", description: "keep the ledger and the logs, and print where" },
    json: COMMON_ARGS.json,
    quiet: COMMON_ARGS.quiet,
    debug: COMMON_ARGS.debug,
  },
  async run(context) {
    const { args, out, signal } = context;
    const size = await oneOf("--size", args.size, ["0.5b", "1.5b"] satisfies readonly Size[]);
    const limit = wholeNumber("--limit", args.limit, 1) ?? 0;
    if (limit > PAIRS.length) throw new UsageError(`--limit takes ${PAIRS.length} at most`);
    const began_ms = performance.now();
    const weights = await bringWeights(size, out.say);
    await using served = await serve({ weights, packages: await bringRuntime(out.say), size });
    const { model, base_url } = served;
    const findings = await checkModel({ model, base_url, signal, say: out.say });
    for (const { part, state, found } of findings) out.say(`${part}: ${state}: ${found}`);
    const place = mkdtempSync(join(tmpdir(), "tandem-real-"));
    const flags = {
      agent: args.agent,
      ledger: join(place, "ledger.sqlite"),
      "log-dir": join(place, "logs"),
      "agent-config": await writeConfig(place, findings),
      model,
      "base-url": base_url,
      "max-cost": "none",
      "max-steps": args["max-steps"],
      "max-wall": args["max-wall"],
      "model-calls": "1",
      concurrency: "1",
      "unsafe-local": !bubblewrapWorks(),
    };
    keepPrograms(flags["log-dir"]);
    try {
      const { openLedger } = await import("../../db/ledger.ts");
      using ledger = openLedger(flags.ledger);
      const shared = { ...context, ledger: async () => ledger };
      const faults = await runBoth(flags, PAIRS.slice(0, limit), shared);
      out.emit({
        model: WEIGHTS[size].title,
        ...figures(ledger),
        faults,
        seconds: Math.round((performance.now() - began_ms) / 1000),
      });
      if (args.keep) out.say(`ledger and logs: ${place}`);
      return faults;
    } finally {
      if (!args.keep) rmSync(place, { recursive: true, force: true });
    }
  },
});

type Flags = Readonly<Record<string, unknown>>;
type Shared = Omit<CommandContext<never>, "args">;

/** Both settings from agents to the report. Returns the number of faults. */
async function runBoth(flags: Flags, pairs: readonly number[][], shared: Shared): Promise<number> {
  const words = pairs.map((features) => pairKey({ repo: DEMO_REPO, task_id: 1, features }));
  const silent = { ...shared, out: { ...shared.out, emit: () => undefined } };
  let faults = 0;
  for (const setting of ["coop", "solo"]) {
    const named = { ...flags, name: `real-${setting}` };
    faults += await invoke(runPair, { ...named, setting }, { ...silent, words });
    faults += await invoke(merge, named, { ...silent, words: [] });
    faults += await invoke(evaluate, named, { ...silent, words: [] });
  }
  const format = shared.out.json ? "json" : "table";
  await invoke(report, { ...flags, repo: DEMO_REPO, format }, { ...shared, words: [] });
  return faults;
}

/** Agents' programs are installed once, beside the weights. */
function keepPrograms(log_dir: string): void {
  const kept = join(cacheFolder(), "programs");
  mkdirSync(kept, { recursive: true });
  mkdirSync(join(log_dir, ".cache"), { recursive: true });
  symlinkSync(kept, join(log_dir, ".cache", "programs"));
}

/** Tool calls where the model made one when it was asked, else commands in fenced blocks. */
async function writeConfig(place: string, findings: readonly Finding[]): Promise<string> {
  const calls = findings.some(({ part, state }) => part === "tools" && state === "good");
  const path = join(place, "agent.json");
  const config = {
    tool_style: calls ? "native" : "fenced",
    model: { temperature: 0, max_output_tokens: 200 },
    observation: { head_bytes: 1_000, tail_bytes: 1_000 },
    compaction: { threshold_tokens: 6_000 },
    message_wait_ms: 10_000,
  };
  await Bun.write(path, JSON.stringify(config));
  return path;
}

function figures(ledger: Ledger) {
  const [sums] = ledger.query(
    `SELECT (SELECT count(*) FROM calls) AS model_calls, (SELECT sum(commands) FROM steps) AS commands,
      (SELECT sum(input_tokens + cache_read_tokens) FROM calls) AS input_tokens,
      (SELECT sum(cache_read_tokens) FROM calls) AS cache_read_tokens,
      (SELECT sum(output_tokens) FROM calls) AS output_tokens`,
  );
  const outcomes = ledger.query(
    "SELECT run, features, outcome FROM outcomes ORDER BY run, features",
  );
  return { ...sums, outcomes: outcomes.map((row) => Object.values(row).join(" ")) };
}

type Serving = { readonly weights: string; readonly packages: string; readonly size: Size };

/** The server as a process of its own, with the least claim on the machine, until disposed of. */
async function serve({ weights, packages, size }: Serving) {
  const name = `qwen2.5-coder-${size}`;
  const program = join(import.meta.dir, "_real-server.ts");
  const command = [process.execPath, program, weights, packages, name];
  const nice = Bun.which("nice") === null ? [] : ["nice", "-n", "10"];
  const child = Bun.spawn([...nice, ...command], { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
  const end = async () => {
    child.kill();
    await child.exited;
  };
  const timer = setTimeout(() => child.kill(), LOADING_MS);
  const said = new Response(child.stderr).text();
  const [line = ""] = await firstLine(child.stdout);
  clearTimeout(timer);
  const parsed = z
    .object({ base_url: z.url() })
    .safeParse(line === "" ? undefined : JSON.parse(line));
  if (parsed.success)
    return { model: `local/${name}`, base_url: parsed.data.base_url, [Symbol.asyncDispose]: end };
  await end();
  const last = (await said).trim().split("\n").at(-1) ?? "";
  throw new Fault("model_unusable", `the model's server did not start: ${last.slice(0, 300)}`, {
    hint: "the pinned binaries must run on this processor; --debug shows more",
  });
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("\n")) break;
  }
  return text.split("\n");
}

if (import.meta.main) await main(realModel);
