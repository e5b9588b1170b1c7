// Owns running the tests (all, or those whose paths hold a word of the command line): files in parallel processes, and beside them one after the other those that share what the machine has once.
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { LONG_TESTS } from "./_long-tests.ts";

const ROOT = join(import.meta.dir, "../..");
const AREAS = ["scripts", "lib", "db"];
/** Tests wait for processes, locks and clocks for about half of their time. */
const WORKERS = String(2 * availableParallelism());
/** Files come and go by the thousand: in memory that takes a fifth of the processors' time less than on a disk. */
const MEMORY = "/dev/shm";
const ROOM_BYTES = 4 * 1024 ** 3;
/** The last of JavaScriptCore's compilers costs more than it saves in what runs for seconds. */
const QUICK = { BUN_JSC_useFTLJIT: "0" };
/** A test hangs when it takes so long, on a busy machine too. */
const LONGEST_TEST_MS = "120000";
/** What kills processes by the dozen; and all that needs the one container engine. */
const IN_TURN: readonly string[] = ["scripts/dev/powercut.test.ts", "scripts/dev/torture.test.ts"];
/** What starts processes or calls whole commands takes several times as long. */
const STARTS = /\b(?:spawn(?:Sync)?|start|apart|call|\w*[pP]lace)\(/;
const NEEDS_ENGINE = /\b(?:describeWith|hasPart)\("docker"/;

/** ` 12 pass`, and the line that ends a run of Bun's. */
const TOTAL = /^ *(\d+) (pass|skip|todo|fail|expect\(\) calls|errors?)$/;
/** The line that ends what is said of a test. */
const RESULT = /^\((?:pass|fail|skip|todo)\)/;
const END = /^Ran (\d+) tests? across (\d+) files?\./;

type Totals = Map<string, number>;

/** Runs `bun test` on these files, prints its output except for its totals, and adds those up. Returns its exit status. */
async function run(
  files: readonly string[],
  flags: readonly string[],
  { totals, env = {} }: { totals: Totals; env?: Record<string, string> },
) {
  if (files.length === 0) return 0;
  const command = [process.execPath, "test", `--timeout=${LONGEST_TEST_MS}`, ...flags, ...files];
  const child = Bun.spawn(command, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  await Promise.all([show(child.stdout, totals), show(child.stderr, totals)]);
  return await child.exited;
}

async function show(stream: ReadableStream<Uint8Array>, totals: Totals): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  const told: string[] = [];
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!isTotal(line, totals)) told.push(`${line}\n`);
      // What failed stands before the line that says so: no other run's lines come between.
      if (RESULT.test(line)) process.stdout.write(told.splice(0).join(""));
    }
  }
  if (rest !== "" && !isTotal(rest, totals)) told.push(`${rest}\n`);
  process.stdout.write(told.join(""));
}

/** Adds a line of totals up; false for every other line. */
function isTotal(line: string, totals: Totals): boolean {
  const [, count, kind] = TOTAL.exec(line) ?? [];
  const [, tests, files] = END.exec(line) ?? [];
  if (count !== undefined && kind !== undefined) add(totals, kind, Number(count));
  if (tests === undefined) return count !== undefined;
  add(totals, "tests", Number(tests));
  add(totals, "files", Number(files));
  return true;
}

function add(totals: Totals, kind: string, count: number): void {
  totals.set(kind, (totals.get(kind) ?? 0) + count);
}

/**
 * A file by which Bun begins with the files that take the longest: by itself it goes by the alphabet, and the last ones run
 * while the other processes have nothing to do. A millisecond a byte, for large files take longer, most often.
 */
function guess(paths: readonly string[], file: string): void {
  const files = paths.map((path) => {
    const text = textOf(path);
    return [
      path,
      text.length * (STARTS.test(text) ? 5 : 1) * (path.startsWith("scripts/") ? 3 : 1),
    ];
  });
  writeFileSync(file, JSON.stringify({ version: 1, files: Object.fromEntries(files) }));
}

/** Whether temporary files may lie there: nobody has said where, there is room, and programs run. */
function isQuick(folder: string): boolean {
  if (process.env.TMPDIR !== undefined) return false;
  const program = join(folder, `tandem-runs-${process.pid}`);
  try {
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < ROOM_BYTES) return false;
    writeFileSync(program, "#!/bin/sh\n", { mode: 0o755 });
    return Bun.spawnSync([program]).success;
  } catch {
    return false;
  } finally {
    rmSync(program, { force: true });
  }
}

const textOf = (path: string) => readFileSync(join(ROOT, path), "utf8");
const began = performance.now();
const wanted = process.argv.slice(2);
const paths = AREAS.flatMap((area) =>
  readdirSync(join(ROOT, area), { recursive: true, withFileTypes: true })
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => path.endsWith(".test.ts"))
    .filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part))),
);
// Whoever names a test wants it.
const isWhole = wanted.length > 0 || (process.env.TANDEM_REQUIRE ?? "").split(",").includes("long");
const lost = LONG_TESTS.filter((path) => !existsSync(join(ROOT, path)));
if (lost.length > 0) throw new Error(`no longer there: ${lost.join(", ")}`);
const late = isWhole ? [] : paths.filter((path) => LONG_TESTS.includes(path));
if (late.length > 0)
  process.stdout.write(
    `skipped: ${late.length} files of tests that take long (TANDEM_REQUIRE=long runs them too, and so does the full check)\n`,
  );
const chosen = paths.filter((path) => !late.includes(path));
const isInTurn = (path: string) => IN_TURN.includes(path) || NEEDS_ENGINE.test(textOf(path));
const [inTurn, together] = [chosen.filter(isInTurn), chosen.filter((path) => !isInTurn(path))];
const totals: Totals = new Map();
const folder = mkdtempSync(join(tmpdir(), "tandem-tests-"));
const timings = join(folder, "timings.json");
guess(together, timings);
const exact = (files: readonly string[]) => files.map((path) => `./${path}`);
const statuses = await Promise.all([
  run(exact(together), [`--parallel=${WORKERS}`, "--no-isolate", `--timings=${timings}`], {
    totals,
    env: { ...QUICK, ...(isQuick(MEMORY) ? { TMPDIR: MEMORY } : {}) },
  }),
  run(exact(inTurn), [], { totals }),
]);
rmSync(folder, { recursive: true });
const line = (kind: string) => process.stdout.write(` ${totals.get(kind) ?? 0} ${kind}\n`);
process.stdout.write("\n");
for (const kind of ["pass", "skip", "todo"]) if (totals.has(kind)) line(kind);
for (const kind of ["fail", "expect() calls"]) line(kind);
const took_s = ((performance.now() - began) / 1000).toFixed(1);
process.stdout.write(
  `Ran ${totals.get("tests") ?? 0} tests across ${totals.get("files") ?? 0} files. [${took_s}s]\n`,
);
// Whatever a run ended with, and a run that ended without its totals, is not a success.
const whole = (totals.get("files") ?? 0) === chosen.length;
if (!whole) process.stdout.write(`${chosen.length} files were to be run\n`);
process.exitCode = statuses.every((status) => status === 0) && whole ? 0 : 1;
