// Owns the work of `init`: a study to begin with, and the schema beside it that editors check it by.

import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { UsageError } from "../../core/fault.ts";
import { checkedRunName } from "../../core/keys.ts";
import type { INIT_FLAGS } from "../flags/init.ts";
import type { CommandContext } from "../step.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  words,
  out,
}: CommandContext<typeof INIT_FLAGS>): Promise<number> {
  const [file = "study.toml", other] = words;
  if (other !== undefined) throw new UsageError(`one file at a time, not "${words.join(" ")}"`);
  const { SCHEMA_FILE, studyTemplate } = await import("../../study/template.ts");
  const { schemaText } = await import("../../study/json-schema.ts");
  const name = nameOf(file);
  const schema = join(dirname(file), SCHEMA_FILE);
  const force = args.force === true;
  if (!force) refuseExisting(file, () => false);
  if (!force) refuseExisting(schema, isSchema);
  const { writeWhole } = await import("../../core/files.ts");
  writeWhole(file, studyTemplate({ name, file: basename(file) }));
  writeWhole(schema, schemaText());
  out.emit({ path: file, study: name });
  out.emit({ path: schema, study: null });
  out.say(`next: npx tandem pipeline -f ${file} --dry-run${await unsafely()}`);
  return 0;
}

/** The name that a study has by its file's. Throws UsageError where it cannot be one. */
function nameOf(file: string): string {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(
      `${file} is a folder: name a file in it, such as ${join(file, "first.toml")}`,
    );
  if (extname(file) !== ".toml")
    throw new UsageError(`a study is a .toml file, such as first.toml, not "${file}"`);
  try {
    return checkedRunName(basename(file, ".toml"));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`the file gives the study its name: ${error.message}`);
  }
}

function refuseExisting(path: string, isOurs: (path: string) => boolean): void {
  if (!existsSync(path) || isOurs(path)) return;
  throw new UsageError(`${path} already exists: name another file, or give --force to replace it`);
}

/** One of another study, perhaps of another version: it is made again. */
function isSchema(path: string): boolean {
  return readFileSync(path, "utf8").includes('"title": "A study of Tandem"');
}

/** What the first study needs where nothing isolates the commands of its recordings. */
async function unsafely(): Promise<string> {
  const { bubblewrapWorks } = await import("../../sandbox/local/isolation.ts");
  return bubblewrapWorks()
    ? ""
    : " --set sandbox.unsafe_local=true (no bubblewrap here; the demo's recordings are safe without it)";
}
