// Owns work under way as plain lines, for logs and files: one per run, and only when there is something new.
import { plural, shortDuration } from "../core/text.ts";
import type { ArmStatus } from "./arm.ts";
import type { ProcessStatus, Status } from "./status.ts";
import { askedWords } from "./tables.ts";
import { dollars, faultCount, faultWords } from "./text.ts";
import { type WorkerStatus, workerFaults, workerState } from "./workers.ts";

/** `gold: 312/652 done, 300 evaluated, 120 passed, 14 under way, 2 faults (engine_gone 2), $41.20 of about $86.10, about 2h14m left`. */
export function armLine(arm: ArmStatus): string {
  const { total, faults, waiting, forecast_usd, eta_ms } = arm;
  const broken = faultCount(faults);
  const cost = dollars(arm.cost_usd, arm.unpriced);
  const parts = [
    `${arm.done}${total === null ? "" : `/${total}`} done`,
    `${arm.evaluated} evaluated`,
    `${arm.passed} passed`,
    `${arm.active} under way`,
    broken === 0 ? "" : `${plural(broken, "fault")} (${faultWords(faults)})`,
    waiting === 0 ? "" : `${waiting} waiting`,
    askedWords(arm),
    forecast_usd === null ? cost : `${cost} of about ${dollars(forecast_usd)}`,
    eta_ms === null || eta_ms === 0 ? "" : `about ${shortDuration(eta_ms)} left`,
  ];
  return `${arm.run}: ${parts.filter((part) => part !== "").join(", ")}`;
}

/** Lines for the runs and processes that are not as they were; all of them without an earlier look. */
export function changeLines(status: Status, before?: Status): string[] {
  const known = new Map(before?.arms.map((arm) => [arm.run, countsOf(arm)]));
  const were = new Map(before?.processes.map((one) => [one.owner, stateOf(one)]));
  const knew = new Map(before?.workers.map((one) => [workerName(one), workerLine(one)]));
  const are = new Set(status.processes.map(({ owner }) => owner));
  const ended = (before?.processes ?? []).filter(({ owner }) => !are.has(owner));
  return [
    ...status.arms.filter((arm) => known.get(arm.run) !== countsOf(arm)).map(armLine),
    ...status.processes
      .filter((one) => were.get(one.owner) !== stateOf(one))
      .map((one) => `${nameOf(one)}: ${stateOf(one)}`),
    ...status.workers
      .filter((one) => knew.get(workerName(one)) !== workerLine(one))
      .map((one) => `worker ${workerName(one)}: ${workerLine(one)}`),
    ...ended.map((one) => `${nameOf(one)}: ended`),
  ];
}

/**
 * Whether a run is worth a line: another tenth is done or evaluated, or one more fault is open. What only time changes
 * is not.
 */
export function isNews(arm: ArmStatus, told: ArmStatus | undefined): boolean {
  if (told === undefined) return true;
  const tenth = (count: number) =>
    arm.total === null || arm.total === 0 ? 0 : Math.floor((count * 10) / arm.total);
  return (
    faultCount(arm.faults) > faultCount(told.faults) ||
    tenth(arm.done) !== tenth(told.done) ||
    tenth(arm.evaluated) !== tenth(told.evaluated)
  );
}

/** What changes when something happened, and not because time goes by. */
function countsOf(arm: ArmStatus): string {
  const { total, done, merged, evaluated, passed, active, faults, waiting } = arm;
  const asked = askedWords(arm);
  return JSON.stringify([total, done, merged, evaluated, passed, active, faults, waiting, asked]);
}

/** `running, faults engine_gone 2`. */
function workerLine(worker: WorkerStatus): string {
  const faults = workerFaults(worker);
  const parts = [workerState(worker), faults && `faults ${faults}`, worker.note ?? ""];
  return parts.filter((part) => part !== "").join(", ");
}

const workerName = ({ queue, worker }: WorkerStatus) => `${worker} of ${queue}`;
const stateOf = ({ presence, state }: ProcessStatus) => (presence === "alive" ? state : presence);
const nameOf = ({ pid, command }: ProcessStatus) => `process ${pid} (${command})`;
