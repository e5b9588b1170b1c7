// Owns the look at the laboratory: a line a part, and what to do about it.
import { existsSync, readFileSync } from "node:fs";
import { PLACE_ARGS } from "../lib/cli/args.ts";
import type { Output } from "../lib/cli/output.ts";
import { SANDBOX_ARGS, sandboxOptions } from "../lib/cli/sandbox.ts";
import { argsOf, valuesOf } from "../lib/cli/settings.ts";
import { COMMON_ARGS, defineStep, main } from "../lib/cli/step.ts";
import { UsageError } from "../lib/core/fault.ts";
import type { Finding } from "../lib/core/finding.ts";
import pkg from "../package.json" with { type: "json" };

const MODEL = ["model", "base_url", "prices_file"] as const;

export const doctor = defineStep({
  name: "doctor",
  summary:
    "Look at everything an experiment needs, or with --model at a model; exit 1 when it could not work",
  reads: () => "plan",
  args: {
    ...argsOf(MODEL),
    backend: SANDBOX_ARGS.backend,
    redis: {
      type: "string",
      description: "Redis server to look for",
      valueHint: "url",
      default: "redis://127.0.0.1:6379",
    },
    ...PLACE_ARGS,
    ...COMMON_ARGS,
  },
  async run({ args, out, signal, ledger: open }) {
    const { model, ...where } = valuesOf(MODEL, args);
    if (model !== undefined) {
      const { checkModel } = await import("../lib/doctor/model.ts");
      return await show(out, await checkModel({ model, ...where, signal, say: out.say }));
    }
    refuseAlone(where);
    const look = await import("../lib/doctor/checks.ts");
    const { loadBackend } = await import("../lib/sandbox/registry.ts");
    const { backend } = sandboxOptions(args);
    const findings: Finding[] = [
      look.checkBun(pkg.dependencies.bun),
      await look.checkGit(),
      ...(await (await loadBackend(backend)).check()),
      look.checkDisk(args["log-dir"]),
      look.checkMemory(),
      await look.checkRedis(args.redis),
      look.checkKeys(process.env, existsSync(".env") ? readFileSync(".env", "utf8") : ""),
    ];
    try {
      const ledger = await open();
      const pairs = ledger.dataset.pairs({ source: "dataset" }).length;
      findings.push(look.checkDataset(ledger.dataset.tasks("dataset"), pairs));
      findings.push({
        part: "ledger",
        state: "good",
        found: existsSync(args.ledger)
          ? `${args.ledger}: ${ledger.runs.all().length} runs`
          : `${args.ledger}: not there yet; what works first makes it`,
      });
    } catch (error) {
      findings.push(look.brokenLedger(error));
    }
    return await show(out, findings);
  },
});

/** Prints the findings and returns how many are missing; on a terminal, what to do stands below the table. */
async function show(out: Output, findings: readonly Finding[]): Promise<number> {
  if (out.json)
    for (const { part, state, found, hint } of findings)
      out.emit({ part, state, found, "what to do": hint ?? "" });
  else {
    const { findingsText } = await import("../lib/doctor/text.ts");
    out.text(findingsText(findings, process.stdout.columns));
  }
  return findings.filter(({ state }) => state === "missing").length;
}

function refuseAlone(where: Readonly<Record<string, unknown>>): void {
  if (where.base_url !== undefined || where.prices_file !== undefined)
    throw new UsageError("--base-url and --prices are about a model: name it with --model");
}

if (import.meta.main) await main(doctor);
