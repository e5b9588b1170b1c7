// Owns the work of `doctor`: looks at the laboratory and prints one line per part, with what to do about it.

import { existsSync, readFileSync } from "node:fs";
import pkg from "../../../package.json" with { type: "json" };
import { UsageError } from "../../core/fault.ts";
import type { Finding } from "../../core/finding.ts";
import { plural } from "../../core/text.ts";
import { type DOCTOR_FLAGS, MODEL } from "../flags/doctor.ts";
import type { Output } from "../output.ts";
import { sandboxOptions } from "../sandbox.ts";
import { valuesOf } from "../settings.ts";
import type { CommandContext } from "../step.ts";
import { terminalOf } from "../terminal.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  out,
  signal,
  ledger: open,
}: CommandContext<typeof DOCTOR_FLAGS>): Promise<number> {
  const { model, ...where } = valuesOf(MODEL, args);
  if (model !== undefined) {
    const { checkModel } = await import("../../doctor/model.ts");
    return await show(out, await checkModel({ model, ...where, signal, say: out.say }));
  }
  refuseAlone(where);
  const { backend, backend_options } = sandboxOptions(args);
  if (args.agent !== undefined) {
    const { checkAgent } = await import("../../doctor/agent.ts");
    const look = {
      agent: args.agent,
      backend,
      backend_options,
      log_dir: args["log-dir"],
      signal,
      say: out.say,
    };
    return await show(out, await checkAgent(look));
  }
  const look = await import("../../doctor/checks.ts");
  const { loadBackend } = await import("../../sandbox/registry.ts");
  const findings: Finding[] = [
    look.checkBun(pkg.dependencies.bun),
    await look.checkGit(),
    ...(await (await loadBackend(backend)).check(backend_options)),
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
        ? `${args.ledger}: ${plural(ledger.runs.all().length, "run")}`
        : `${args.ledger}: not there yet; the first run creates it`,
    });
  } catch (error) {
    findings.push(look.brokenLedger(error));
  }
  return await show(out, findings);
}

/** Prints the findings and returns how many are missing; on a terminal, what to do is printed below the table. */
async function show(out: Output, findings: readonly Finding[]): Promise<number> {
  if (out.json)
    for (const { part, state, found, hint } of findings)
      out.emit({ part, state, found, "what to do": hint ?? "" });
  else {
    const { findingsText } = await import("../../doctor/text.ts");
    out.text(findingsText(findings, terminalOf(process.stdout)));
  }
  return findings.filter(({ state }) => state === "missing").length;
}

function refuseAlone(where: Readonly<Record<string, unknown>>): void {
  if (where.base_url !== undefined || where.prices_file !== undefined)
    throw new UsageError("--base-url and --prices describe a model: name one with --model");
}
