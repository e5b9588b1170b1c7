// Owns checking the laboratory: one finding per part, with what to do if it is not as it should be.
import { existsSync, statfsSync } from "node:fs";
import { freemem, totalmem } from "node:os";
import { dirname, resolve } from "node:path";
import { asFault, UsageError } from "../core/fault.ts";
import type { Finding } from "../core/finding.ts";
import { gitVersion } from "../core/versions.ts";
import { cutKeys, KEY_VARIABLES, keyTrouble } from "../model/credentials.ts";

const GIB = 1024 ** 3;
const LEAST_DISK_GIB = 20;
const LEAST_MEMORY_GIB = 4;
/** The runtime this process runs on. */
export function checkBun(wanted: string): Finding {
  const found = `Bun ${Bun.version}`;
  if (Bun.version === wanted) return { part: "bun", state: "good", found };
  return {
    part: "bun",
    state: "poor",
    found,
    hint: `Tandem is tested on ${wanted}: npm install installs it`,
  };
}

export async function checkGit(): Promise<Finding> {
  try {
    return { part: "git", state: "good", found: `git ${await gitVersion()}` };
  } catch (error) {
    const { message, hint } = asFault(error);
    return { part: "git", state: "missing", found: message, hint };
  }
}

/** Free space where logs go; agents' sandboxes and images need far more than the logs themselves. */
export function checkDisk(folder: string): Finding {
  let there = resolve(folder);
  while (!existsSync(there)) there = dirname(there);
  const { bavail, bsize } = statfsSync(there);
  const free = (bavail * bsize) / GIB;
  const found = `${free.toFixed(0)} GiB free`;
  if (free >= LEAST_DISK_GIB) return { part: "disk", state: "good", found };
  return {
    part: "disk",
    state: "poor",
    found,
    hint: `images take gigabytes: free some space, or use --keep-images`,
  };
}

export function checkMemory(): Finding {
  const found = `${(freemem() / GIB).toFixed(1)} of ${(totalmem() / GIB).toFixed(1)} GiB free`;
  if (totalmem() / GIB >= LEAST_MEMORY_GIB) return { part: "memory", state: "good", found };
  return { part: "memory", state: "poor", found, hint: "lower -c and --memory" };
}

/** Which keys are set, and whether they can be keys; `file` is the text of `.env`. No value is shown. */
export function checkKeys(env: Readonly<Record<string, string | undefined>>, file = ""): Finding {
  const wrong = KEY_VARIABLES.flatMap((name) => {
    const trouble = keyTrouble(env[name]?.trim() ?? "");
    return trouble === undefined ? [] : [`${name} ${trouble}`];
  });
  const [trouble] = [...wrong, ...cutKeys(file, env)];
  if (trouble !== undefined)
    return {
      part: "keys",
      state: "poor",
      found: trouble,
      hint: "fix it in .env or the environment",
    };
  const set = KEY_VARIABLES.filter((name) => (env[name] ?? "") !== "");
  if (set.length > 0) return { part: "keys", state: "good", found: `${set.join(", ")} set` };
  return {
    part: "keys",
    state: "poor",
    found: "none set",
    hint: `put ${KEY_VARIABLES[0]} or another into .env; recorded models need none`,
  };
}

/** Whether a Redis server answers at that address. */
export async function checkRedis(url: string): Promise<Finding> {
  const { checkRedisServer } = await import("../team/redis-check.ts");
  try {
    return { part: "redis", state: "good", found: `Redis ${await checkRedisServer(url)} answers` };
  } catch (error) {
    const unneeded = "not needed: agents in one process message each other without it";
    if (error instanceof UsageError)
      return { part: "redis", state: "poor", found: error.message, hint: unneeded };
    const { message, hint } = asFault(error);
    const installed = Bun.which("redis-server") !== null ? "; redis-server is installed" : "";
    return {
      ...{ part: "redis", state: "poor" },
      found: `${message}${installed}`,
      hint: `${hint} (${unneeded})`,
    };
  }
}

/** What the ledger knows about the dataset. */
export function checkDataset(
  tasks: readonly { problems: readonly string[] }[],
  pairs: number,
): Finding {
  if (tasks.length === 0)
    return {
      part: "dataset",
      state: "poor",
      found: "not fetched",
      hint: "npx tandem fetch-dataset; the demo task needs nothing",
    };
  const odd = tasks.filter(({ problems }) => problems.length > 0).length;
  const found = `${tasks.length} tasks, ${pairs} pairs`;
  if (odd === 0) return { part: "dataset", state: "good", found };
  return {
    part: "dataset",
    state: "poor",
    found: `${found}; ${odd} tasks have irregularities`,
    hint: "npx tandem fetch-dataset lists them",
  };
}

/** A ledger that could not be opened. */
export function brokenLedger(error: unknown): Finding {
  const { message, hint } = asFault(error);
  return { part: "ledger", state: "missing", found: message, hint };
}
