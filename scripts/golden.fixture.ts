// Owns a small ledger with logs and a study, as an earlier program left them: opened as a copy, called as a user does.
import { Database } from "bun:sqlite";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { place } from "./cli.fixture.ts";

const GOLDEN = join(import.meta.dir, "fixtures/golden");

/**
 * A place with everything that Tandem 0.1.0 wrote: the study `golden` (arms gold, coop, solo, git on three pairs of the
 * demo), the run `golden-three` on two threes, all merged and evaluated, and `eval --compat 0.0.14` of `golden-gold`.
 * Caches were left out; nothing in it names a folder.
 */
export async function goldenPlace() {
  const here = place();
  const tar = Bun.zstdDecompressSync(readFileSync(join(GOLDEN, "place.tar.zst")));
  const unpacking = Bun.spawn(["tar", "-x", "-C", here.path], { stdin: tar, stderr: "inherit" });
  if ((await unpacking.exited) !== 0) throw new Error("the golden place cannot be unpacked");
  return {
    ...here,
    study: ["-f", here.at("study.toml")],
    /** Every file of the logs with its bytes' hash, by path. */
    files: () => filesOf(here.at("logs")),
    rows<Row = Record<string, unknown>>(sql: string): Row[] {
      using database = new Database(here.at("ledger.sqlite"), { readonly: true });
      return database.query<Row, []>(sql).all();
    },
  };
}

/** What the program that made the place said of it. */
export function golden<Said>(name: string): Said {
  return JSON.parse(readFileSync(join(GOLDEN, `${name}.json`), "utf8"));
}

function filesOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => !path.startsWith(".") && statSync(join(folder, path)).isFile())
    .sort();
  return Object.fromEntries(
    paths.map((path) => [path, String(Bun.hash(readFileSync(join(folder, path))))]),
  );
}
