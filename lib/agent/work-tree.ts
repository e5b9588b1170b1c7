// Owns looking at what an agent left in its sandbox: the work tree's difference from the base, next to patch.txt's.
import { join } from "node:path";
import { Fault } from "../core/fault.ts";
import { FileTooLarge } from "../sandbox/beneath.ts";
import type { ExecResult, Sandbox } from "../sandbox/sandbox.ts";
import { buildFolders, type LeftFolder } from "./build-folders.ts";
import { ENDS, takeAgainScript, takeScript } from "./take-script.ts";

const GIT_TIMEOUT_MS = 300_000;

export type Found = {
  /** Of the work tree; no bytes where patch.txt does the very same, or counts because it is all that can be held. */
  readonly diff: Uint8Array;
  readonly left_out: readonly LeftFolder[];
  readonly unreadable: boolean;
  /** What patch.txt does to the base; undefined when it does not apply, no bytes when it is all that `work` is. */
  readonly patched: Uint8Array | undefined;
  /** What the work tree does to the base, where patch.txt applies. */
  readonly work: Uint8Array;
  /** Present when the difference is too large. */
  readonly size_bytes?: number;
};
/** `lost` says why the work tree could not be taken. */
export type Look = Found | { readonly lost: string };
export type Looking = {
  /** Whether there is a patch.txt to compare with. */
  readonly patch: boolean;
  /** A larger difference is not read. */
  readonly most_bytes: number;
  readonly signal: AbortSignal;
};

export const NO_TREE = "there is no work tree";
const NOTHING = new Uint8Array();
const NOTHING_FOUND = {
  diff: NOTHING,
  work: NOTHING,
  patched: undefined,
  left_out: [],
  unreadable: false,
} as const satisfies Found;

/** Throws Fault `disk_full`, the signal's reason on abort, and the backend's. */
export async function lookAt(sandbox: Sandbox, looking: Looking): Promise<Look> {
  const { patch, most_bytes, signal } = looking;
  // From the root: the agent may have put anything in the place of the folders that commands usually run in.
  const how = { timeout_ms: GIT_TIMEOUT_MS, cwd: "/", harness: true, signal } as const;
  const name = `.harness-${Bun.randomUUIDv7()}`;
  const first = await sandbox.exec(takeScript(sandbox, { name, patch }), how);
  if (first.exit_code !== 0 || first.timed_out) return lostBy(first);
  const begun = wordsOf(first);
  if (begun.has("same")) return { ...NOTHING_FOUND, patched: NOTHING };
  const folder = begun.get("at") ?? "";
  const roots = begun.get("new") === "0" ? [] : await madeByTools(sandbox, folder, most_bytes);
  if (roots.length === 0 && !begun.has("many"))
    return await readFound(sandbox, looking, { folder, words: begun, left_out: [] });
  await sandbox.put(
    join(folder, "roots"),
    Buffer.from(roots.map(({ path }) => `${path}\0`).join(""), "latin1"),
  );
  const taken = await sandbox.exec(takeAgainScript(sandbox, { folder, patch }), how);
  if (taken.exit_code !== 0 || taken.timed_out) return lostBy(taken);
  const left = new Set(namesOf(await sandbox.get(join(folder, "left"))));
  const left_out = roots.filter(({ path }) => left.has(path)).map(inUtf8);
  return await readFound(sandbox, looking, { folder, words: wordsOf(taken), left_out });
}

/** The bytes of a file in the sandbox, or that there are too many. */
export async function boundedRead(
  sandbox: Sandbox,
  path: string,
  most_bytes: number,
): Promise<Uint8Array | FileTooLarge | undefined> {
  try {
    return await sandbox.get(path, most_bytes);
  } catch (error) {
    if (error instanceof FileTooLarge) return error;
    throw error;
  }
}

type Said = {
  readonly folder: string;
  readonly words: ReadonlyMap<string, string>;
  readonly left_out: readonly LeftFolder[];
};

async function readFound(sandbox: Sandbox, { most_bytes }: Looking, said: Said): Promise<Found> {
  const { folder, words, left_out } = said;
  const unreadable = words.has("unreadable");
  const none = { ...NOTHING_FOUND, left_out, unreadable };
  const large = words.get("large");
  if (large !== undefined) return { ...none, size_bytes: Number(large) };
  const read = async (name: string) => (await sandbox.get(join(folder, name))) ?? NOTHING;
  const differs = words.has("differs");
  const diff = differs ? await boundedRead(sandbox, join(folder, "diff"), most_bytes) : NOTHING;
  if (!words.has("applies"))
    return diff instanceof FileTooLarge
      ? { ...none, size_bytes: diff.size_bytes }
      : { ...none, diff: diff ?? NOTHING };
  const patched = await read("patch.raw");
  return {
    ...none,
    patched,
    // patch.txt is what counts where it applies, however much lies about in the work tree.
    diff: diff === undefined || diff instanceof FileTooLarge ? NOTHING : diff,
    work: differs ? await read("work.raw") : patched,
  };
}

/** What tools made among the new files. Nothing is known if there are more names than can be held. */
async function madeByTools(
  sandbox: Sandbox,
  folder: string,
  most_bytes: number,
): Promise<LeftFolder[]> {
  const others = await boundedRead(sandbox, join(folder, "others"), most_bytes);
  return others instanceof FileTooLarge ? [] : buildFolders(namesOf(others));
}

function inUtf8({ path, ...rest }: LeftFolder): LeftFolder {
  return { path: Buffer.from(path, "latin1").toString("utf8"), ...rest };
}

/** Names are bytes, each ended by a NUL. */
function namesOf(bytes: Uint8Array | undefined): string[] {
  return Buffer.from(bytes ?? [])
    .toString("latin1")
    .split("\0")
    .filter((name) => name !== "");
}

/** What the script prints: one word and its value per line. */
function wordsOf(result: ExecResult): ReadonlyMap<string, string> {
  return new Map(
    linesOf(result).map((line) => {
      const [word = "", ...rest] = line.split(" ");
      return [word, rest.join(" ")];
    }),
  );
}

function linesOf({ output }: ExecResult): string[] {
  return Buffer.from(output).toString("utf8").trim().split("\n");
}

/** Throws Fault `disk_full`: no one who works in the sandbox caused that. */
function lostBy(result: ExecResult): { lost: string } {
  const words = linesOf(result).join(" | ").slice(-300);
  switch (result.exit_code) {
    case ENDS.no_tree:
      return { lost: NO_TREE };
    case ENDS.no_room:
      throw noRoom();
    case ENDS.no_folder:
      if (/No space left|quota exceeded/.test(words)) throw noRoom();
      return { lost: `no folder could be made: ${words}` };
    case ENDS.no_base:
      return { lost: "the base is gone from the sandbox" };
    default:
      return {
        lost: result.timed_out ? "git did not end in time" : `git ended badly: ${words}`,
      };
  }
}

function noRoom(): Fault {
  return new Fault("disk_full", "there is no disk space to collect an agent's work", {
    hint: "free some disk space where sandboxes are kept (TMPDIR, or the engine's), then run again",
  });
}
