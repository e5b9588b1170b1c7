// Owns what a worker says of itself in its queue, again and again: its load, its images, its faults.

import { hostname } from "node:os";
import type { Redis } from "ioredis";
import type { Fault } from "../core/fault.ts";
import { redactDeep } from "../core/redact.ts";
import { TANDEM_VERSION } from "../core/versions.ts";
import type { WorkerReport } from "./messages.ts";

const IMAGES_MS = 30_000;
const LONGEST_MESSAGE = 300;

export type Report = {
  /** Says it now, with these changes. */
  readonly say: (change?: Partial<Pick<WorkerReport, "state" | "note">>) => Promise<void>;
  readonly busy: (busy: number) => void;
  readonly finished: (busy: number, fault: Fault | undefined) => void;
  readonly images: () => ReadonlySet<string>;
  readonly units: () => number;
  readonly end: () => Promise<void>;
};
type About = {
  readonly id: string;
  readonly name?: string | undefined;
  readonly slots: number;
  readonly images: () => Promise<readonly string[]>;
};

export function openReport(client: Redis, key: string, about: About): Report {
  const { id, name = id, slots } = about;
  const own = { name, host: hostname(), pid: process.pid, version: TANDEM_VERSION, slots };
  const started_at = new Date().toISOString();
  const faults = new Map<string, WorkerReport["faults"][number]>();
  const images = imageList(about.images);
  let said: Pick<WorkerReport, "state" | "note"> = { state: "running", note: null };
  let [busy, units, beat] = [0, 0, 0];
  return {
    async say(change = {}) {
      said = { ...said, ...change };
      await images.refresh();
      const load = { busy, units, beat: ++beat, images: [...images.all()] };
      const report: WorkerReport = {
        ...{ ...own, ...load, ...said, started_at, faults: [...faults.values()] },
      };
      await client.hset(key, id, JSON.stringify(redactDeep(report)));
    },
    busy(now) {
      busy = now;
    },
    finished(now, fault) {
      busy = now;
      units++;
      if (fault === undefined) return;
      const count = (faults.get(fault.code)?.count ?? 0) + 1;
      const message = fault.message.slice(0, LONGEST_MESSAGE);
      const last_at = new Date().toISOString();
      faults.set(fault.code, { code: fault.code, count, message, last_at });
    },
    images: images.all,
    units: () => units,
    async end() {
      await client.hdel(key, id);
    },
  };
}

/** Asked for now and then: units pull images. */
function imageList(list: () => Promise<readonly string[]>) {
  let [at, all]: [number, ReadonlySet<string>] = [Number.NEGATIVE_INFINITY, new Set()];
  return {
    all: () => all,
    async refresh() {
      if (performance.now() - at < IMAGES_MS) return;
      at = performance.now();
      all = new Set(await list());
    },
  };
}
