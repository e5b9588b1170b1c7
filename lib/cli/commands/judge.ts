// Owns the work of `judge`: asks a model for labels of conversations, or compares its labels with people's and with rules.

import { POLICIES } from "../../core/vocabulary.ts";
import type { AgreementRow } from "../../labels/agreement.ts";
import type { JudgedUnit, JudgeOptions } from "../../labels/judge.ts";
import { MEASURE_FLAGS, measureOf, NO_LABEL } from "../../labels/taxonomy.ts";
import { oneOf, wholeNumber } from "../args.ts";
import { openEngine } from "../engine.ts";
import type { JUDGE_FLAGS } from "../flags/judge.ts";
import { modelOptions, sayEvent } from "../models.ts";
import type { Output, Row } from "../output.ts";
import type { CommandContext } from "../step.ts";
import { terminalOf } from "../terminal.ts";
import type { FinishedUnit } from "../units.ts";
import { reportUnits } from "../units.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  words,
  out,
  signal,
  drain,
  ledger: open,
}: CommandContext<typeof JUDGE_FLAGS>): Promise<number> {
  const { UsageError } = await import("../../core/fault.ts");
  const { selection } = await import("../select.ts");
  const policy = await oneOf("--policy", args.policy, POLICIES);
  const names = args.measures?.split(",") ?? MEASURE_FLAGS;
  const measures = [...new Set(names.map((name) => measureOf(name.trim())))];
  const select = {
    ...(await selection(words, { ...args, name: undefined })),
    runs: args.name?.split(","),
  };
  const ledger = await open();
  const { agreement: against, model } = args;
  if (against !== undefined) {
    const { labelAgreement } = await import("../../labels/compare.ts");
    return await printAgreement(out, labelAgreement(ledger, { against, select, measures, model }));
  }
  if (model === undefined)
    throw new UsageError("name a model: -m anthropic/NAME, openai/NAME, gemini/NAME, …");
  const dry_run = args["dry-run"] === true;
  await using engine = await openEngine(dry_run ? {} : args, { ledger, name: args.name });
  return await ask(out, {
    place: engine.place,
    ...{ ledger, select, measures, model, policy, signal, drain },
    ...modelOptions(args),
    ...{ dataset_dir: args["dataset-dir"], log_dir: args["log-dir"], base_url: args["base-url"] },
    cache: args.cache === true,
    force: args.force === true,
    concurrency: wholeNumber("-c", args.concurrency, 1),
    dry_run,
  });
}

/** Returns the number of faults, including the questions that were left when the model refused all further ones. */
async function ask(out: Output, asked: JudgeOptions & { dry_run: boolean }): Promise<number> {
  const { judge: judgeAll, planJudging } = await import("../../labels/judge.ts");
  const { dry_run, ...options } = asked;
  if (dry_run) {
    const { estimates } = await import("../../labels/estimate.ts");
    const { units, passed_over } = planJudging(options);
    for (const row of await estimates(units, options)) out.emit(row);
    printSkipped(out, passed_over);
    out.say("tokens are estimated at 4 characters each; an empty cost is unknown");
    return 0;
  }
  using units = reportUnits(out, { doing: "judging", did: "judged", units: "questions" });
  const end = await judgeAll({
    ...options,
    on_start(counts, passed_over) {
      units.start(counts);
      printSkipped(out, passed_over);
    },
    on_unit: (unit) => units.done(unitRow(unit, out.json)),
    on_event: (event) => sayEvent(out, event),
    on_control: out.say,
  });
  return units.close(end);
}

type PassedOver = Parameters<NonNullable<JudgeOptions["on_start"]>>[1];

function printSkipped(out: Output, { without_messages, passed, without_verdict }: PassedOver) {
  if (without_messages > 0) out.say(`${without_messages} attempts without messages skipped`);
  if (passed + without_verdict > 0)
    out.say(
      `only failed attempts are labelled with failure symptoms: ${passed} passed, ${without_verdict} have no verdict`,
    );
}

/** One label per conversation, or one per message such as `3 plan`; on a terminal short enough for a table. */
function unitRow(unit: JudgedUnit, json: boolean): FinishedUnit {
  if (unit.fault !== undefined) return { key: unit.key, fault: unit.fault };
  const { key, measure, labels, cost_usd, fresh } = unit;
  const acts = labels.map(({ subject, label }) => `${subject} ${label}`);
  const { label = null, quotes = [] } = labels[0] ?? {};
  const isActs = measure === "speech act";
  if (!json) {
    const short = isActs ? acts.join(", ") : (label ?? NO_LABEL);
    return { key, measure, label: short, quotes: quotes.length, cost_usd, fresh };
  }
  return { key, measure, ...(isActs ? { labels: acts } : { label, quotes }), cost_usd, fresh };
}

/** JSON lines of three kinds, or a table of each. */
async function printAgreement(out: Output, rows: readonly AgreementRow[]): Promise<number> {
  if (rows.length === 0) out.warn("the file labels none of the measures that were judged");
  if (out.json) for (const row of rows) out.emit(row);
  else {
    const { renderTable } = await import("../../report/table.ts");
    for (const [, alike] of Map.groupBy(rows, ({ row }) => row))
      out.text(renderTable(alike.map(shortRow), terminalOf(process.stdout)));
  }
  return 0;
}

/** For people: an interval in one cell, the prompt by the beginning of its hash. */
function shortRow({ prompt_sha256, ...rest }: AgreementRow): Row {
  const prompt = prompt_sha256.slice(0, 8);
  if (rest.row !== "kappa") {
    const { row: _row, ...cells } = rest;
    return { prompt, ...cells };
  }
  const { measure, model, in_common, only_reference, observed, kappa } = rest;
  const { kappa_se: se, kappa_low: low, kappa_high: high, kappa_reason: reason } = rest;
  const interval = low === null ? reason : `[${low.toFixed(3)}, ${high?.toFixed(3)}]`;
  return { prompt, measure, model, in_common, only_reference, observed, kappa, se, interval };
}
