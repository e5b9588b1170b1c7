// Owns trying mutants: in a copy of the project, one at a time, against the tests beside the file and those that import it.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, normalize } from "node:path";
import { UsageError } from "../../lib/core/fault.ts";
import { type Mutant, mutantsOf, mutated, ownFolder } from "./_mutate.ts";

/** `untested`: no test stands beside the file or imports it, or those there are fail without a mutant too. */
export type Tried = {
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  readonly outcome: "killed" | "survived" | "untested";
  /** The lines that were changed, before and after. */
  readonly diff: string;
};
export type TryOptions = {
  readonly root: string;
  /** Folders or files, relative to the root. */
  readonly rooms: readonly string[];
  readonly count: number;
  readonly seed: number;
  readonly signal: AbortSignal;
};

/** A test that takes longer hangs: a mutant may loop for ever. */
const LONGEST_MS = 180_000;
const CODE = /(?<!\.(?:test|fixture|fuzz|d))\.ts$/;

/** Tries so many mutants, chosen by the seed; the project itself is only read. Throws the signal's reason on abort. */
export async function* tryMutants(options: TryOptions): AsyncGenerator<Tried> {
  const { root, signal } = options;
  const all = await filesOf(root, signal);
  const files = all.filter(
    (file) => CODE.test(file) && options.rooms.some((room) => isIn(file, room)),
  );
  if (files.length === 0) throw new UsageError(`there is no code in ${options.rooms.join(", ")}`);
  const texts = files.map((file) => readFileSync(join(root, file), "utf8"));
  const found = await mutantsOf(texts);
  const places = found.flatMap((own, at) => own.map((mutant) => ({ at, mutant })));
  using copy = ownFolder();
  copyTo(copy.path, root, all);
  const sound = new Map<string, boolean>();
  for (const { at, mutant } of chosen(places, options)) {
    const [file = "", text = ""] = [files[at], texts[at]];
    const tests = testsOf(copy.path, file, all);
    if (!sound.has(file))
      sound.set(file, tests.length > 0 && (await pass(copy.path, tests, signal)));
    const one = {
      file,
      line: lineOf(text, mutant.from),
      kind: mutant.kind,
      diff: diffOf(text, mutant),
    };
    if (sound.get(file) !== true) {
      yield { ...one, outcome: "untested" };
      continue;
    }
    writeFileSync(join(copy.path, file), mutated(text, mutant));
    const survived = await pass(copy.path, tests, signal);
    writeFileSync(join(copy.path, file), text);
    yield { ...one, outcome: survived ? "survived" : "killed" };
  }
}

function isIn(file: string, room: string): boolean {
  const place = normalize(room).replace(/\/$/, "");
  return file === place || file.startsWith(`${place}/`);
}

/** What git knows of, and what is new. */
async function filesOf(root: string, signal: AbortSignal): Promise<string[]> {
  const names = await said(["git", "ls-files", "-co", "--exclude-standard", "-z"], root, signal);
  return names.split("\0").filter((name) => name !== "" && existsSync(join(root, name)));
}

/** Files that were changed since a commit, and new ones. */
export async function changedSince(
  root: string,
  commit: string,
  signal: AbortSignal,
): Promise<string[]> {
  const names = await said(
    ["git", "diff", "--name-only", "-z", "--relative", commit, "--"],
    root,
    signal,
  );
  const fresh = await said(["git", "ls-files", "-o", "--exclude-standard", "-z"], root, signal);
  return `${names}${fresh}`
    .split("\0")
    .filter((name) => CODE.test(name) && existsSync(join(root, name)));
}

async function said(command: string[], cwd: string, signal: AbortSignal): Promise<string> {
  const child = Bun.spawn(command, { cwd, signal, stderr: "pipe" });
  const [text, problem] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) === 0) return text;
  signal.throwIfAborted();
  throw new UsageError(`${command.slice(0, 2).join(" ")}: ${problem.trim()}`);
}

function copyTo(target: string, root: string, files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(join(root, file), join(target, file), {
      recursive: statSync(join(root, file)).isDirectory(),
    });
  }
  if (existsSync(join(root, "node_modules")))
    symlinkSync(join(root, "node_modules"), join(target, "node_modules"));
}

/** Tests in the file's folder that bear its name, and all that import it. */
function testsOf(root: string, file: string, all: readonly string[]): string[] {
  const stem = file.replace(/\.ts$/, "");
  return all.filter((test) => {
    if (!test.endsWith(".test.ts")) return false;
    if (test.startsWith(`${stem}.`)) return true;
    const imported = [...readFileSync(join(root, test), "utf8").matchAll(/from "(\.[^"]+)"/g)];
    return imported.some(([, to = ""]) => join(dirname(test), to) === file);
  });
}

async function pass(cwd: string, tests: readonly string[], signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  const command = ["bun", "test", "--bail", ...tests.map((test) => `./${test}`)];
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  const child = Bun.spawn(command, { cwd, signal: limit, stdout: "ignore", stderr: "ignore" });
  const code = await child.exited;
  signal.throwIfAborted();
  return code === 0;
}

/** So many of the places, none twice; the same for the same seed. */
function chosen<Place>(places: readonly Place[], { count, seed }: TryOptions): Place[] {
  const left = [...places];
  let state = seed >>> 0;
  return Array.from({ length: Math.min(count, left.length) }, () => {
    // Numerical Recipes' linear congruence: https://en.wikipedia.org/wiki/Linear_congruential_generator
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return left.splice(Math.floor((state / 2 ** 32) * left.length), 1);
  }).flat();
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}

function diffOf(text: string, mutant: Mutant): string {
  const begin = text.lastIndexOf("\n", mutant.from - 1) + 1;
  const end = text.indexOf("\n", mutant.until);
  const before = text.slice(begin, end === -1 ? text.length : end);
  const moved = { ...mutant, from: mutant.from - begin, until: mutant.until - begin };
  const lines = (mark: string, part: string) => part.split("\n").map((line) => `${mark}${line}`);
  return [...lines("-", before), ...lines("+", mutated(before, moved))].join("\n");
}
