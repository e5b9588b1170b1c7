// Owns the work of `archive`: writes runs with their rows and files to one file, lists what is in one, and restores one elsewhere.

import { UsageError } from "../../core/fault.ts";
import type { ARCHIVE_FLAGS } from "../flags/archive.ts";
import type { CommandContext } from "../step.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run(context: CommandContext<typeof ARCHIVE_FLAGS>): Promise<number> {
  const { args, words } = context;
  if (args.restore === undefined && args.list === undefined) return await write(context);
  const given = ["restore", "list", "out", "force"] as const;
  const [one = "", other] = given.filter((name) => args[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--${one} and --${other} do not go together`);
  if (words.length > 0)
    throw new UsageError(`--${one} takes all runs of the archive: omit "${words[0]}"`);
  if (args.list !== undefined) return await list(context, await existing(args.list));
  return await restore(context, await existing(args.restore ?? ""));
}

type Context = CommandContext<typeof ARCHIVE_FLAGS>;

async function write({ args, words, out, signal, ledger: open }: Context): Promise<number> {
  const { existsSync } = await import("node:fs");
  const { archiveRuns } = await import("../../archive/write.ts");
  const [run] = words;
  if (run === undefined) throw new UsageError("name the runs to archive: npx tandem archive RUN");
  if (words.length > 1 && args.out === undefined)
    throw new UsageError("several runs need the name of a file: -o FILE");
  const path = args.out ?? `${run}.tandem.tar.zst`;
  if (existsSync(path) && args.force !== true)
    throw new UsageError(
      `${path} already exists: name another with -o, or give --force to replace it`,
    );
  const places = { ledger: await open(), log_dir: args["log-dir"] };
  const archived = await archiveRuns({ ...places, runs: words, path, signal });
  for (const about of archived) out.emit({ ...about, path });
  out.say(`${path}: ${Bun.file(path).size} bytes`);
  return 0;
}

async function list({ out, signal }: Context, path: string): Promise<number> {
  const { readContents } = await import("../../archive/read.ts");
  const { manifest } = await readContents({ path, signal });
  for (const about of manifest.runs)
    out.emit({ ...about, tandem_version: manifest.tandem_version });
  return 0;
}

async function restore(
  { args, out, signal, ledger: open }: Context,
  path: string,
): Promise<number> {
  const { restoreRuns } = await import("../../archive/restore.ts");
  const places = { ledger: await open(), log_dir: args["log-dir"] };
  const { runs, tasks } = await restoreRuns({ ...places, path, signal });
  for (const { run, attempts, files, fresh } of runs)
    out.emit({ run, outcome: fresh ? "restored" : "already there", attempts, files });
  if (tasks.missing.length > 0)
    out.say(`not in this ledger's dataset yet: ${tasks.missing.join(", ")}`);
  if (tasks.changed.length > 0)
    out.warn(`of another version in this ledger's dataset: ${tasks.changed.join(", ")}`);
  return 0;
}

async function existing(path: string): Promise<string> {
  const { statSync } = await import("node:fs");
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  throw new UsageError(`there is no file ${path}`);
}
