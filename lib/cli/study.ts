// Owns the runner's work on a study: targets in order, every pair flowing through them, reports at the end.

import type { Fault } from "../core/fault.ts";
import { sumOf } from "../core/lists.ts";
import { ERAS, type Era } from "../core/vocabulary.ts";
import { loadStudy } from "../study/file.ts";
import type { FlowArm, FlowEvent, FlowOptions, FlowStudy, FlowTarget } from "../study/flow-plan.ts";
import type { StudyArm } from "../study/runs.ts";
import { wholeNumber } from "./args.ts";
import { engineFlags, openEngine } from "./engine.ts";
import { sayEvent } from "./models.ts";
import { type Known, needsDataset, resolveStudy } from "./resolve-study.ts";
import { type Call, faultLine, type Part } from "./step.ts";
import { reportStudy } from "./study-report.ts";
import { type Target, targetNamed } from "./targets.ts";
import { type FinishedUnit, reportUnits } from "./units.ts";
import { readyWatch } from "./watch.ts";

/** The work that a study delegates. */
export type StudyParts = { readonly dataset: Part; readonly report: Part };

/** Builds one target of a study (`report` when none is named) for all arms or those named. Returns the number of faults. */
export async function buildStudy(call: Call, parts: StudyParts): Promise<number> {
  const [target = "report", ...arms] = call.words;
  const wanted = targetNamed(target);
  const study = loadStudy(String(call.args.study), call.every("--set"));
  const dataset_dir = study.dataset.dir ?? String(call.args["dataset-dir"]);
  if (call.args["dry-run"] === true)
    return await (await import("./study-plan.ts")).planStudy({
      ...call,
      study,
      dataset_dir,
      arms,
    });
  const alone = wanted === "dataset";
  await fetchWanted({ ...call, study, dataset_dir, alone, fetch: parts.dataset });
  if (wanted === "dataset") return 0;
  const { pairs, found } = await resolveStudy({ ...call, study, dataset_dir, arms });
  if (wanted === "sample") {
    for (const { pair_key } of pairs) call.out.emit({ key: pair_key });
    return 0;
  }
  (await call.ledger()).runs.setStudy(
    study.name,
    found.map(({ run }) => run),
  );
  const target_ = wanted === "report" ? "eval" : wanted;
  const flowing = { ...call, study, dataset_dir, found, target: target_, shown: wanted };
  const { unmade: ours } = await flow(flowing);
  const unmade = ours + (target_ === "eval" ? await oldSystem(flowing) : 0);
  if (wanted !== "report" || call.drain.aborted) return unmade;
  if (unmade > 0 && call.args["keep-going"] !== true) {
    call.out.warn(`${unmade} units are missing, so no report is written (-k writes it anyway)`);
    return unmade;
  }
  const runs = found.map(({ run }) => run);
  await reportStudy({ study, runs, dataset_dir, call, report: parts.report });
  return unmade;
}

async function fetchWanted({
  study,
  dataset_dir,
  alone,
  fetch,
  ...call
}: Known & { alone: boolean; fetch: Part }): Promise<void> {
  if (!(await needsDataset({ ...call, study }))) return;
  const { from, hub, revision, endpoint, edition } = study.dataset;
  const source = { from, hub, revision, endpoint, edition };
  const flags = { ...call.args, ...source, "dataset-dir": dataset_dir };
  const out = alone ? call.out : { ...call.out, emit: () => undefined };
  await fetch(flags, { ...call, out, words: [] });
}

const GO_ON = "what was finished is saved; run the same command to continue";

/** The value of -c or -j on the command line. */
function concurrencyOf({ every }: Call): number | undefined {
  const given = ["-c", "-j", "--concurrency"].flatMap((flag) => every(flag)).at(-1);
  return wholeNumber("-c", given, 1);
}

type Flowing = Call & {
  readonly study: FlowStudy;
  readonly dataset_dir: string;
  readonly found: readonly FlowArm[];
  readonly target: FlowTarget;
  /** The target that was asked for: its rows are the results. */
  readonly shown: Target;
  /** Where a flow made from flags differs. */
  readonly more?: Pick<FlowOptions, "force" | "keep_changed" | "keep_going">;
};

/** Does what is missing. Returns the number of units that met a fault or were left, and the attempts that were finished. */
export async function flow(call: Flowing): Promise<{ unmade: number; keys: readonly string[] }> {
  const { study, found, target, shown, out, args, signal, drain, more } = call;
  const ledger = await call.ledger();
  const places = { ledger, log_dir: String(args["log-dir"]), dataset_dir: call.dataset_dir };
  const sandbox = { ...study.sandbox, say: out.warn };
  const asked = { ...places, study: { ...study, sandbox }, arms: found, signal, drain };
  const quiet = {
    ...out,
    emit: (row: object) => (shown === target ? out.emit({ ...row }) : undefined),
  };
  const through = new Set<string>();
  using units = reportUnits(quiet, { doing: study.name, did: "done", board: true });
  // Without loading what does the work: a finished study reports so at once.
  const { allDone } = await import("../study/done.ts");
  const finished = more?.force ? undefined : await allDone(asked, target);
  if (finished) {
    for (const { unit } of finished) units.done(unit as FinishedUnit);
    return { unmade: units.close(), keys: finished.map(({ unit }) => unit.key) };
  }
  await using engine = await openEngine(engineFlags(args), { ledger, name: study.name });
  const last = (event: FlowEvent) => event.step === target || "fault" in event.unit;
  // A unit may meet a fault, be asked for again by `retry`, and succeed, all in this call.
  const broken = new Set<string>();
  const { runFlow } = await import("../study/flow.ts");
  const watch = await readyWatch(out);
  using board = new DisposableStack();
  const [only, ...others] = found.map(({ run }) => run);
  const { left, stopped } = await runFlow({
    ...asked,
    ...engine,
    target,
    concurrency: concurrencyOf(call) ?? study.concurrency.pairs,
    explicit_concurrency: concurrencyOf(call) !== undefined,
    on_control: out.say,
    keep_going: args["keep-going"] === true,
    ...more,
    on_start(counts) {
      const whose = others.length === 0 ? counts : undefined;
      if (only !== undefined) board.use(watch(ledger, [only, ...others], whose));
    },
    on_unit(event) {
      const { key } = event.unit;
      if ("fault" in event.unit) broken.add(key);
      else broken.delete(key);
      if (!last(event)) return;
      if (!broken.has(key)) through.add(key);
      units.done(event.unit as FinishedUnit);
    },
    on_event: (_run, event) => sayEvent(out, event),
  });
  board.dispose();
  units.close();
  const ends = { left, stopped, faults: broken.size, total: attemptsOf(found) };
  return { unmade: ended(ends, call), keys: [...through] };
}

/** The verdicts of eras of CooperBench that the study asks for. Returns the number of units that are not done. */
async function oldSystem(call: OfArms): Promise<number> {
  const wanted = ERAS.filter((era) => call.study.evaluation.policies.includes(era));
  let unmade = 0;
  for (const era of wanted) if (!call.drain.aborted) unmade += await judgedAs(era, call);
  return unmade;
}

type OfArms = Known & { readonly found: readonly StudyArm[] };

async function judgedAs(
  compat: Era,
  { study, found, out, signal, drain, ...call }: OfArms,
): Promise<number> {
  const { evaluate } = await import("../stages/evaluate.ts");
  const ledger = await call.ledger();
  const keys = found.flatMap(({ attempts }) =>
    attempts.flatMap(({ key }) => (ledger.attempts.has(key) ? key : [])),
  );
  if (keys.length === 0) return 0;
  const quiet = { ...out, emit: () => undefined };
  using units = reportUnits(quiet, { doing: `verdicts of ${compat}`, did: `judged as ${compat}` });
  const end = await evaluate({
    ...{ ledger, signal, drain, compat, select: { keys }, ...study.sandbox },
    on_control: out.say,
    log_dir: String(call.args["log-dir"]),
    dataset_dir: call.dataset_dir,
    timeout_ms: study.evaluation.timeout_ms,
    suites: study.concurrency.suites,
    on_start: units.start,
    on_unit: units.done,
  });
  return units.close(end);
}

type Ended = { left: number; stopped: readonly Fault[]; faults: number; total: number };

/** Prints what is left, and why. Returns the number of units that are not done. */
function ended(
  { left, stopped, faults, total }: Ended,
  { out, drain }: Pick<Call, "out" | "drain">,
): number {
  if (drain.aborted) out.warn(`interrupted, ${left} of ${total} attempts are left: ${GO_ON}`);
  if (left === 0 || drain.aborted) return faults;
  const why = stopped[0] === undefined ? "" : `: ${faultLine(stopped[0])}`;
  out.warn(`stopped, ${left} of ${total} attempts are left${why}`);
  return faults + left;
}

function attemptsOf(found: readonly FlowArm[]): number {
  return sumOf(found, ({ attempts }) => attempts.length);
}
