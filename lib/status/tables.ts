// Owns the columns that people see of runs, active units and processes, and which of them matter most.
import { shortDuration } from "../core/text.ts";
import type { ArmStatus } from "./arm.ts";
import type { Column } from "./columns.ts";
import type { ActiveUnit, ProcessStatus } from "./status.ts";
import { clip, dollars, faultCount, faultWords, harmless, pairWithin, shortCount } from "./text.ts";

const BAR_CELLS = 24;

/** `#` evaluated, `=` done, `·` to do; empty when nobody said how many there are. */
export function bar({ total, done, evaluated }: ArmStatus, cells: number): string {
  if (total === null) return "";
  const filled = (count: number) =>
    total === 0 ? cells : Math.min(cells, Math.floor((count / total) * cells));
  // An attempt that was evaluated and is done again counts as evaluated no more.
  const tested = filled(Math.min(evaluated, done));
  const rest = filled(done) - tested;
  return "#".repeat(tested) + "=".repeat(rest) + "·".repeat(cells - tested - rest);
}

function etaWords({ total, eta_ms }: ArmStatus): string {
  if (total === null) return "";
  if (eta_ms === null) return "?";
  return eta_ms === 0 ? "done" : shortDuration(eta_ms);
}

/** `paused`, `cancelled`, `2 cancelled`: what people asked of a run; empty when nothing. */
export function askedWords({ paused, cancelled_whole, cancelled }: ArmStatus): string {
  const words = [
    ...(paused === null ? [] : ["paused"]),
    ...(cancelled_whole === null ? [] : ["cancelled"]),
    ...(cancelled === 0 || cancelled_whole !== null ? [] : [`${cancelled} cancelled`]),
  ];
  return words.join(", ");
}

export const ARM_COLUMNS: readonly Column<ArmStatus>[] = [
  { label: "run", importance: 100, least: 10, text: ({ run }) => run },
  { label: "setting", importance: 8, text: ({ setting }) => setting },
  { label: "agent", importance: 6, text: ({ agent }) => agent },
  { label: "model", importance: 4, text: ({ model }) => model ?? "" },
  {
    label: "progress",
    importance: 40,
    least: 10,
    text: (arm) => bar(arm, BAR_CELLS),
    draw: (arm, width) => bar(arm, Math.min(BAR_CELLS, width)),
  },
  {
    label: "done",
    importance: 90,
    right: true,
    text: ({ done, total }) => (total === null ? `${done}` : `${done}/${total}`),
  },
  { label: "merged", importance: 10, right: true, text: ({ merged }) => `${merged}` },
  { label: "eval", importance: 30, right: true, text: ({ evaluated }) => `${evaluated}` },
  { label: "passed", importance: 32, right: true, text: ({ passed }) => `${passed}` },
  {
    label: "asked",
    importance: 85,
    text: askedWords,
    tone: (arm) => (askedWords(arm) === "" ? undefined : "yellow"),
  },
  { label: "now", importance: 48, right: true, text: ({ active }) => `${active}` },
  {
    label: "faults",
    importance: 80,
    right: true,
    text: ({ faults }) => `${faultCount(faults)}`,
    tone: ({ faults }) => (faultCount(faults) > 0 ? "red" : undefined),
  },
  {
    label: "waiting",
    importance: 12,
    right: true,
    text: ({ waiting }) => (waiting === 0 ? "" : `${waiting}`),
  },
  {
    label: "cost",
    importance: 60,
    right: true,
    text: (arm) => dollars(arm.cost_usd, arm.unpriced),
  },
  {
    label: "forecast",
    importance: 45,
    right: true,
    text: ({ total, forecast_usd }) => (total === null ? "" : dollars(forecast_usd)),
  },
  {
    label: "ETA",
    importance: 50,
    right: true,
    text: etaWords,
  },
  { label: "codes", importance: 2, least: 12, text: ({ faults }) => faultWords(faults) },
];

/** What units show; the run only when there are several. */
export function unitColumns(runs: number): readonly Column<ActiveUnit>[] {
  return [
    {
      label: "run",
      importance: 30,
      least: 8,
      text: ({ run }) => (runs > 1 ? run : ""),
    },
    {
      label: "pair",
      importance: 100,
      least: 16,
      text: ({ unit }) => pairWithin(unit, Number.POSITIVE_INFINITY),
      draw: ({ unit }, width) => pairWithin(unit, width),
    },
    { label: "step", importance: 40, text: ({ step }) => step },
    {
      label: "doing",
      importance: 80,
      least: 12,
      text: ({ doing }) => harmless(doing ?? ""),
      draw: ({ doing }, width) => clip(harmless(doing ?? ""), width),
    },
    {
      label: "steps",
      importance: 70,
      right: true,
      text: ({ agents }) => agents.map(({ steps }) => steps).join("+"),
    },
    { label: "age", importance: 60, right: true, text: ({ age_ms }) => shortDuration(age_ms) },
    {
      label: "cost",
      importance: 50,
      right: true,
      text: ({ cost_usd, unpriced, step }) => (step === "run" ? dollars(cost_usd, unpriced) : ""),
    },
  ];
}

export const PROCESS_COLUMNS: readonly Column<ProcessStatus>[] = [
  { label: "process", importance: 100, right: true, text: ({ pid }) => `${pid}` },
  { label: "command", importance: 60, least: 12, text: ({ command }) => harmless(command) },
  { label: "host", importance: 20, least: 8, text: ({ owner }) => owner.split("/")[0] ?? "" },
  {
    label: "state",
    importance: 90,
    text: ({ presence, state }) => (presence === "alive" ? state : presence),
    tone: ({ presence }) => (presence === "alive" ? undefined : "red"),
  },
  { label: "units", importance: 70, right: true, text: ({ units }) => `${units}` },
  {
    label: "at most",
    importance: 65,
    right: true,
    text: ({ concurrency }) => (concurrency === null ? "" : `${concurrency}`),
  },
  { label: "age", importance: 50, right: true, text: ({ age_ms }) => shortDuration(age_ms) },
  {
    label: "last seen",
    importance: 40,
    right: true,
    text: ({ heartbeat_age_ms }) => `${shortDuration(heartbeat_age_ms)} ago`,
  },
  { label: "tokens", importance: 30, right: true, text: ({ tokens }) => shortCount(tokens) },
];
