// Owns running the tests (all, or those whose paths hold a word of the command line): files in parallel processes, then one after the other those that need the machine for themselves.
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";

const ROOT = join(import.meta.dir, "../..");
const AREAS = ["db", "lib", "scripts"];
/** Tests wait for processes, locks and clocks for about half of their time. */
const WORKERS = String(availableParallelism() + 1);
/** A test hangs when it takes so long, on a busy machine too. */
const LONGEST_TEST_MS = "120000";
/** What measures the whole machine's memory, or kills processes by the dozen; and all that needs the one container engine. */
const ALONE: readonly string[] = [
  "lib/merge/base.test.ts",
  "lib/core/visible.test.ts",
  "scripts/dev/powercut.test.ts",
  "scripts/faults-memory.test.ts",
  "scripts/dev/torture.test.ts",
];
const NEEDS_ENGINE = /\b(?:describeWith|hasPart)\("docker"/;

/** ` 12 pass`, and the line that ends a run of Bun's. */
const TOTAL = /^ *(\d+) (pass|skip|todo|fail|expect\(\) calls|errors?)$/;
const END = /^Ran (\d+) tests? across (\d+) files?\./;

type Totals = Map<string, number>;

/** Runs `bun test` on these files, prints its output except for its totals, and adds those up. Returns its exit status. */
async function run(files: readonly string[], flags: readonly string[], totals: Totals) {
  if (files.length === 0) return 0;
  const command = [process.execPath, "test", `--timeout=${LONGEST_TEST_MS}`, ...flags, ...files];
  const child = Bun.spawn(command, { cwd: ROOT, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  await Promise.all([show(child.stdout, totals), show(child.stderr, totals)]);
  return await child.exited;
}

async function show(stream: ReadableStream<Uint8Array>, totals: Totals): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) tell(line, totals);
  }
  if (rest !== "") tell(rest, totals);
}

function tell(line: string, totals: Totals): void {
  const [, count, kind] = TOTAL.exec(line) ?? [];
  const [, tests, files] = END.exec(line) ?? [];
  if (count !== undefined && kind !== undefined) add(totals, kind, Number(count));
  else if (tests !== undefined) {
    add(totals, "tests", Number(tests));
    add(totals, "files", Number(files));
  } else process.stdout.write(`${line}\n`);
}

function add(totals: Totals, kind: string, count: number): void {
  totals.set(kind, (totals.get(kind) ?? 0) + count);
}

const began = performance.now();
const wanted = process.argv.slice(2);
const paths = AREAS.flatMap((area) =>
  readdirSync(join(ROOT, area), { recursive: true, withFileTypes: true })
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => path.endsWith(".test.ts"))
    .filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part))),
).sort();
const isAlone = (path: string) =>
  ALONE.includes(path) || NEEDS_ENGINE.test(readFileSync(join(ROOT, path), "utf8"));
const [alone, together] = [paths.filter(isAlone), paths.filter((path) => !isAlone(path))];
const totals: Totals = new Map();
const exact = (files: readonly string[]) => files.map((path) => `./${path}`);
const statuses = [
  await run(exact(together), [`--parallel=${WORKERS}`, "--no-isolate"], totals),
  await run(exact(alone), [], totals),
];
const line = (kind: string) => process.stdout.write(` ${totals.get(kind) ?? 0} ${kind}\n`);
process.stdout.write("\n");
for (const kind of ["pass", "skip", "todo"]) if (totals.has(kind)) line(kind);
for (const kind of ["fail", "expect() calls"]) line(kind);
const took_s = ((performance.now() - began) / 1000).toFixed(1);
process.stdout.write(
  `Ran ${totals.get("tests") ?? 0} tests across ${totals.get("files") ?? 0} files. [${took_s}s]\n`,
);
// Whatever a run ended with, and a run that ended without its totals, is not a success.
const whole = (totals.get("files") ?? 0) === paths.length;
if (!whole) process.stdout.write(`${paths.length} files were to be run\n`);
process.exitCode = statuses.every((status) => status === 0) && whole ? 0 : 1;
