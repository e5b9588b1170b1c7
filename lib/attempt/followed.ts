// Owns the record of an attempt under way: one line of JSON per answered call, for those who follow it; no result depends on it.
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { sha256 } from "../core/files.ts";
import { redact } from "../core/redact.ts";
import { type FollowedStep, followedStep } from "../model/followed.ts";

/** Below the logs; removed with the attempt's end, so that it holds attempts under way, and those that a fault ended. */
const FOLDER = ".under-way";
/** More is not read: a page of it would be of no use. */
const MOST_BYTES = 16 * 2 ** 20;

const line = followedStep.extend({ agent_id: z.string() });
export type FollowedLine = FollowedStep & { readonly agent_id: string };
/** The steps so far, in the order of their answers; `stamp` is another one once there are more. */
export type Followed = { readonly lines: readonly FollowedLine[]; readonly stamp: string };

/** Adds a step. Where that cannot be written the work goes on without: only watchers miss it. */
export function noteStep(log_dir: string, attempt_key: string, step: FollowedLine): void {
  const path = pathOf(log_dir, attempt_key);
  forWatchers(() => {
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, `${redact(JSON.stringify(step))}\n`);
  });
}

/** Removes the record: the attempt is starting again, or its result has been stored. */
export function forgetSteps(log_dir: string, attempt_key: string): void {
  forWatchers(() => rmSync(pathOf(log_dir, attempt_key), { force: true }));
}

/** What was noted of an attempt; a line that is being written is left out. */
export function readSteps(log_dir: string, attempt_key: string): Followed {
  const path = pathOf(log_dir, attempt_key);
  const stamp = stampOf(log_dir, attempt_key);
  const text = textOf(path);
  if (text === undefined) return { lines: [], stamp };
  const lines = text.split("\n").flatMap((text): FollowedLine[] => {
    const parsed = line.safeParse(jsonOf(text));
    return parsed.success ? [parsed.data] : [];
  });
  return { lines, stamp };
}

/** Says, without reading it, whether a record is as it was. */
export function stampOf(log_dir: string, attempt_key: string): string {
  const path = pathOf(log_dir, attempt_key);
  if (!existsSync(path)) return "";
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.size}-${found.mtimeMs}`;
}

/** Named by a hash: whatever a key is, it leads nowhere else. */
function pathOf(log_dir: string, attempt_key: string): string {
  return join(log_dir, FOLDER, `${sha256(attempt_key).slice(0, 32)}.jsonl`);
}

/** Undefined where there is none, or no longer: whoever makes the attempt removes it at its end. */
function textOf(path: string): string | undefined {
  try {
    return statSync(path).size > MOST_BYTES ? undefined : readFileSync(path, "utf8");
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    return undefined;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Empty, or half of a line.
  }
}

/** Whatever the disk says: a full one ends the attempt where its results are written. */
function forWatchers(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}
