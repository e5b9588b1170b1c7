// Owns the look at the laboratory: a line a part, and what to do about it.
import { existsSync, readFileSync } from "node:fs";
import type { Finding } from "../lib/doctor/checks.ts";
import pkg from "../package.json" with { type: "json" };
import { PLACE_ARGS } from "./_args.ts";
import { SANDBOX_ARGS, sandboxOptions } from "./_sandbox.ts";
import { COMMON_ARGS, defineStep, main } from "./_step.ts";

export const doctor = defineStep({
  name: "doctor",
  summary: "Look at everything an experiment needs; exit 1 when the chosen backend could not work",
  reads: () => "plan",
  args: {
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
  async run({ args, out, ledger: open }) {
    const look = await import("../lib/doctor/checks.ts");
    const { checkBackend } = await import("../lib/doctor/backend.ts");
    const { backend } = sandboxOptions(args);
    const findings: Finding[] = [
      look.checkBun(pkg.dependencies.bun),
      await look.checkGit(),
      ...(await checkBackend(backend)),
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
    for (const { part, state, found, hint } of findings)
      out.emit({ part, state, found, "what to do": hint ?? "" });
    return findings.filter(({ state }) => state === "missing").length;
  },
});

if (import.meta.main) await main(doctor);
