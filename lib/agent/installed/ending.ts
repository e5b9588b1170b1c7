// Owns what is said of an agent program that has ended: that it never began, how it ended, and where its own record lies.
import { join } from "node:path";
import { Fault } from "../../core/fault.ts";
import type { ExecResult, Sandbox } from "../../sandbox/sandbox.ts";
import { decoded } from "../observation.ts";
import type { Work } from "../submission.ts";
import { type Place, quoted } from "./place.ts";
import type { Program } from "./program.ts";

const READ_MS = 60_000;
const SHOWN_LINES = 4;
/** Of one line. */
const SHOWN_CHARACTERS = 300;

/** What loaders of C libraries say of a library that the image lacks. */
const LACKS = /(?:Error loading shared library|error while loading shared libraries:) ([\w.+-]+)/g;

/** A program that asked its model nothing has done no work: this is a fault, not an empty patch. */
export function notStarted(program: Program, ended: ExecResult | undefined): Fault {
  const { name, limits } = program;
  const lacking = ended === undefined ? [] : [...decoded(ended.output).matchAll(LACKS)];
  if (lacking.length > 0) return lacksLibraries(program, new Set(lacking.map(([, one]) => one)));
  const how =
    ended === undefined
      ? `asked its model nothing within ${limits.start_s} s`
      : `ended with exit status ${ended.exit_code} before it asked its model anything${lastWords(ended)}`;
  return new Fault("agent_failed", `the program ${name} ${how}`, {
    hint: `tandem doctor --agent ${name} says what works; a message about GLIBC means that the image is too old for it`,
  });
}

function lacksLibraries({ name, version }: Program, libraries: ReadonlySet<unknown>): Fault {
  const named = [...libraries].join(", ");
  return new Fault("program_unfit", `${name} ${version} needs ${named}, which this image lacks`, {
    hint: "choose another agent program for this task, or an image that has the library",
  });
}

function lastWords({ output }: ExecResult): string {
  const lines = decoded(output)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .slice(-SHOWN_LINES);
  return lines.length === 0
    ? ""
    : `: ${lines.map((line) => line.slice(0, SHOWN_CHARACTERS)).join(" | ")}`;
}

/** How it ended, where that is worth knowing. */
export function noteOf(ended: ExecResult | undefined, { name }: Program): string | undefined {
  if (ended === undefined) return `${name} was ended by the harness`;
  if (ended.disk_exceeded) return `${name} was ended: the sandbox has written more than it may`;
  if (ended.exit_code === 0) return undefined;
  const memory = ended.oom_killed ? ", memory was full" : "";
  return `${name} ended with exit status ${ended.exit_code}${memory}${lastWords(ended)}`;
}

/** The work with a note more. */
export function withNote(work: Work, note: string | undefined): Work {
  if (note === undefined) return work;
  return { ...work, taken: { ...work.taken, notes: [...(work.taken?.notes ?? []), note] } };
}

type Looking = { readonly sandbox: Sandbox; readonly place: Place; readonly signal: AbortSignal };

/** The path of the program's own record of the session; empty where there is none. */
export async function recordPath(
  { transcript }: Program,
  { sandbox, place, signal }: Looking,
): Promise<string> {
  const printed = join(sandbox.work_path, "transcript.stdout");
  if (transcript === "stdout") return printed;
  const folder = quoted(join(place.home, transcript));
  const newest = `[ ! -d ${folder} ] || find ${folder} -type f -exec ls -t {} + | head -n 1`;
  const options = { timeout_ms: READ_MS, program: true, signal };
  const { output } = await sandbox.exec(newest, options);
  return decoded(output).trim() || printed;
}
