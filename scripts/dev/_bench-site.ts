// Owns what `bench site` runs: the processors' time and the bytes of a site of a large study, against reading and writing as much.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLedger } from "../../db/ledger.ts";
import { wholeNumber } from "../../lib/cli/args.ts";
import type { Row } from "../../lib/cli/output.ts";
import { median } from "../../lib/core/median.ts";
import { writeSite } from "../../lib/site/site.ts";
import type { BenchContext } from "./_bench-args.ts";

const PAIRS = 652;

/** A site of three arms on `--limit` pairs. */
export async function siteRows({ args, out, signal }: BenchContext): Promise<Row[]> {
  const pairs = wholeNumber("--limit", args.limit, 1) ?? PAIRS;
  const folder = mkdtempSync(join(tmpdir(), "tandem-bench-site-"));
  const [log_dir, out_dir] = [join(folder, "logs"), join(folder, "out")];
  try {
    const fill = [process.execPath, join(import.meta.dir, "site-study.fixture.ts")];
    const filled = Bun.spawnSync([...fill, folder, String(pairs)], { stderr: "inherit" });
    if (filled.exitCode !== 0) throw new Error(`the study was not stored: ${filled.exitCode}`);
    using ledger = openLedger(join(folder, "ledger.sqlite"));
    out.say(`three arms on ${pairs} pairs are stored`);
    const site = await timed(() =>
      writeSite({ ledger, log_dir, policy: "union", out_dir, slow_parts: true, signal }),
    );
    const plain = await timed(() => readAndWrite(log_dir, { out_dir, to: join(folder, "plain") }));
    const sizes = filesBelow(join(out_dir, "pairs")).map((path) => statSync(path).size);
    return [
      {
        what: "site",
        pages: site.result.pages,
        cpu_s: site.cpu_s,
        wall_s: site.wall_s,
        ratio: site.cpu_s / plain.cpu_s,
      },
      {
        what: "reading the trajectories, writing as many bytes",
        pages: site.result.pages,
        cpu_s: plain.cpu_s,
        wall_s: plain.wall_s,
        ratio: 1,
      },
      {
        what: "bytes",
        median_page: median(sizes),
        index: statSync(site.result.index).size,
        site: site.result.bytes,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds of this process, and of the children that ended meanwhile. */
async function timed<T>(work: () => T | Promise<T>) {
  const began = performance.now();
  const before = processorSeconds();
  const result = await work();
  return { result, cpu_s: processorSeconds() - before, wall_s: (performance.now() - began) / 1000 };
}

/** Source: proc(5), fields 14 to 17 of /proc/self/stat, in hundredths of a second; without it, this process alone. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  if (process.platform !== "linux") return (user + system) / 1e6;
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ") ?? [];
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

function readAndWrite(log_dir: string, { out_dir, to }: { out_dir: string; to: string }): void {
  for (const path of filesBelow(log_dir)) JSON.parse(readFileSync(path, "utf8"));
  mkdirSync(to);
  for (const [at, path] of filesBelow(out_dir).entries())
    writeFileSync(join(to, String(at)), Buffer.alloc(statSync(path).size, "x"));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
