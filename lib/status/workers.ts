// Owns what is known about workers of queues: their load, images and faults, and whether they are still heard of.
import type { WorkerRow } from "../../db/schema.ts";
import { sumOf } from "../core/lists.ts";
import { shortDuration } from "../core/text.ts";
import type { Column } from "./columns.ts";
import { faultWords, harmless } from "./text.ts";

/** `silent`: not heard of for a minute; nobody can tell from here whether it works. */
export type WorkerStatus = Omit<WorkerRow, "started_at" | "heard_at" | "ended_at"> & {
  readonly presence: "alive" | "silent";
  readonly age_ms: number;
  readonly heard_age_ms: number;
};

const SILENT_MS = 60_000;
const SILENT_SHOWN_MS = 3_600_000;

/** Workers that have not ended and were heard of within the last hour. */
export function workerStatuses(rows: readonly WorkerRow[], now: number): WorkerStatus[] {
  return rows
    .filter(({ ended_at }) => ended_at === null)
    .map(({ started_at, heard_at, ended_at: _, ...row }): WorkerStatus => {
      const [age_ms, heard_age_ms] = [started_at, heard_at].map((at) =>
        Math.max(0, now - Date.parse(at)),
      ) as [number, number];
      return {
        ...row,
        presence: heard_age_ms > SILENT_MS ? "silent" : "alive",
        age_ms,
        heard_age_ms,
      };
    })
    .filter(({ heard_age_ms }) => heard_age_ms < SILENT_SHOWN_MS);
}

/** `3 workers, 10 of 12 busy`; empty when there is none. */
export function workersLine(workers: readonly WorkerStatus[]): string {
  const alive = workers.filter(({ presence }) => presence === "alive");
  if (alive.length === 0) return "";
  const [busy, slots] = [sumOf(alive, (one) => one.busy), sumOf(alive, (one) => one.slots)];
  return `${alive.length} ${alive.length === 1 ? "worker" : "workers"}, ${busy} of ${slots} busy`;
}

export const workerState = ({ presence, state }: WorkerStatus) =>
  presence === "alive" ? state : presence;

/** `fault_code 2, other 1`. */
export const workerFaults = ({ faults }: WorkerStatus) =>
  faultWords(Object.fromEntries(faults.map(({ code, count }) => [code, count])));

export const WORKER_COLUMNS: readonly Column<WorkerStatus>[] = [
  { label: "worker", importance: 100, least: 8, text: ({ worker }) => harmless(worker) },
  { label: "host", importance: 20, least: 8, text: ({ host }) => harmless(host) },
  {
    label: "state",
    importance: 90,
    text: workerState,
    tone: (worker) => (workerState(worker) === "running" ? undefined : "red"),
  },
  { label: "busy", importance: 80, right: true, text: ({ busy, slots }) => `${busy}/${slots}` },
  { label: "units", importance: 60, right: true, text: ({ units }) => `${units}` },
  { label: "images", importance: 30, right: true, text: ({ images }) => `${images.length}` },
  { label: "faults", importance: 70, least: 12, text: workerFaults },
  {
    label: "last heard",
    importance: 40,
    right: true,
    text: ({ heard_age_ms }) => `${shortDuration(heard_age_ms)} ago`,
  },
  { label: "why", importance: 50, least: 12, text: ({ note }) => harmless(note ?? "") },
];
