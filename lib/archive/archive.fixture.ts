// Owns a ledger with logs for tests of archives: runs with a row in every table of theirs, and files with hard bytes.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { addRun, asPatch, attemptRecord, HARD_BYTES, NOW } from "../../db/ledger.fixture.ts";
import { type Ledger, openLedger } from "../../db/ledger.ts";
import { annotations, imported, journal, labels, superseded } from "../../db/schema.ts";
import {
  addFault,
  mergeRecord,
  mergeRow,
  scoreRow,
  sideRow,
  suiteRecord,
} from "../../db/verdicts.fixture.ts";
import { artefactsOf } from "../core/artefacts.ts";
import { temporaryFolder } from "../core/testing.ts";
import { entriesOf, tarOfEntries } from "../sandbox/docker/tar.ts";
import { sealing } from "./seal.ts";
import { archiveRuns } from "./write.ts";

export const RUN = "first";
export const KEY = `${RUN}/alpha_task/task1/features_1_2`;
export const NEVER = new AbortController().signal;

export type TestPlace = ReturnType<typeof testPlace>;

/** A temporary folder with a ledger file and logs, both empty. */
export function testPlace() {
  const folder = temporaryFolder("tandem-archive");
  const ledger = openLedger(join(folder.path, "ledger.sqlite"));
  const at = (...parts: string[]) => join(folder.path, ...parts);
  return {
    path: folder.path,
    at,
    ledger,
    log_dir: at("logs"),
    write(path: string, content: string | Uint8Array) {
      mkdirSync(dirname(at("logs", path)), { recursive: true });
      writeFileSync(at("logs", path), content);
    },
    archive: async (runs: readonly string[], name = "archive.tandem.tar.zst") => {
      const path = at(name);
      await archiveRuns({ ledger, log_dir: at("logs"), runs, path, signal: NEVER });
      return path;
    },
    [Symbol.dispose]() {
      ledger.close();
      folder[Symbol.dispose]();
    },
  };
}

/** A run of two attempts with a row in every table, and their files. */
export async function fill(place: TestPlace, run = RUN): Promise<void> {
  const { ledger } = place;
  addRun(ledger, { run });
  place.write(`${run}/run.json`, "{}\n");
  const keys = [`${run}/alpha_task/task1/features_1_2`, `${run}/alpha_task/task1/features_1_2~2`];
  for (const key of keys) await addAttempt(place, key);
  addRest(ledger, run, keys);
  place.write(`${run}/.superseded/alpha_task/task1/features_1_2.1/result.json`, "old\n");
}

const ONE_LINE = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n";

async function addAttempt(place: TestPlace, key: string): Promise<void> {
  const { ledger } = place;
  const patches = [...Object.values(HARD_BYTES).slice(0, 1), Buffer.from(ONE_LINE)];
  ledger.attempts.put([
    attemptRecord(key, {
      agents: patches.map((bytes) => ({ bytes })),
      steps: [
        { agent_id: "agent1", step: 1, cost_usd: 0.1 + 0.2 },
        { agent_id: "agent1", step: 2, cost_usd: null },
      ],
      calls: [{ agent_id: "agent1", seq: 1 }],
      commands: [{ agent_id: "agent1", seq: 1, command: "printf 'a\\nb' | sh" }],
      program_commands: [
        {
          ...{ attempt_key: key, agent_id: "agent2", seq: 1, step: 1 },
          ...{ command: "ls \u0000", size_bytes: 4, exit_code: null },
        },
      ],
      messages: [{ seq: 1, sender: "agent1", content: 'zwei\n"Zeilen" \u2028 \u0000 🎉' }],
    }),
  ]);
  const diff = asPatch(Buffer.from([0xff, 0x00, 0x0a]));
  const side = sideRow(key, { patch: diff.hash, left_out: [{ path: "a\n", rule: "test" }] });
  ledger.merges.put([
    mergeRecord([mergeRow(key, { diff: diff.hash })], { sides: [side], patches: [diff] }),
  ]);
  ledger.scores.putSuite(
    suiteRecord("suite", { bytes: HARD_BYTES["every byte value"] ?? diff.bytes }),
  );
  // The first verdict is replaced by the second, and kept.
  for (const inputs_hash of ["of before", scoreRow(key).inputs_hash])
    ledger.scores.put(
      key,
      [scoreRow(key, { inputs_hash })],
      [{ attempt_key: key, tested: "union", feature_id: 1, suite_key: "suite" }],
    );
  for (const [index, bytes] of patches.entries())
    place.write(`${key}/agent${index + 1}/patch.diff`, bytes);
  place.write(`${key}/result.json`, "{}\n");
  place.write(`${key}/empty`, "");
  const rows = await artefactsOf(place.at("logs", key));
  ledger.artefacts.put(key, { rows });
}

function addRest(
  { tables, ...ledger }: Ledger,
  run: string,
  [key = "", ...others]: string[],
): void {
  addFault({ tables, ...ledger }, key);
  for (const unit of [key, ...others])
    for (const event of ["claimed", "done"] as const)
      tables.insert(journal).values({ at: NOW, run, unit, step: "run", event, owner: "me" }).run();
  tables
    .insert(superseded)
    .values({
      attempt_key: key,
      run,
      generation: 1,
      reason: "asked for",
      outcome: "submitted",
      started_at: NOW,
      ended_at: NOW,
      superseded_at: NOW,
      folder: `${run}/.superseded/alpha_task/task1/features_1_2.1`,
      rows: Buffer.from(Bun.zstdCompressSync("{}")),
    })
    .run();
  const whence = { source: "/elsewhere", form: "old", content_sha256: "c", imported_at: NOW };
  tables
    .insert(imported)
    .values({ attempt_key: key, ...whence, files: { "a.json": 1 }, problems: [] })
    .run();
  const asked = { model: "m", prompt_sha256: "p", prompt: "?", answer: "!", labelled_at: NOW };
  tables
    .insert(labels)
    .values({ attempt_key: key, measure: "speech act", subject: "1", quotes: ["zwei"], ...asked })
    .run();
  const said = { annotated_by: "ada@lab", annotated_at: NOW };
  tables
    .insert(annotations)
    .values({ attempt_key: key, subject: "1", note: 'so\n"wrong" \u2028 \u0000 🎉', ...said })
    .run();
}

export type Raw = { path: string; bytes: Uint8Array };

/** The entries of an archive. */
export async function unpack(path: string): Promise<Raw[]> {
  const plain = Buffer.from(Bun.zstdDecompressSync(readFileSync(path)));
  const found: Raw[] = [];
  for await (const { path: name, content } of entriesOf(Readable.from([plain])))
    found.push({ path: name, bytes: Buffer.concat(await Array.fromAsync(content)) });
  return found;
}

/** The bytes of a tar as an archive has them: compressed, and sealed. */
export async function compressed(plain: Uint8Array): Promise<Buffer> {
  const sealed = sealing(Readable.from([Bun.zstdCompressSync(plain)]));
  return Buffer.concat(await Array.fromAsync<Uint8Array>(sealed));
}

/** An archive of these entries, whatever they are. */
export async function pack(path: string, entries: readonly Raw[]): Promise<string> {
  const out = entries.map(({ path: name, bytes }) => ({
    path: name,
    size_bytes: bytes.length,
    async *read() {
      yield bytes;
    },
  }));
  const plain = Buffer.concat(await Array.fromAsync<Uint8Array>(tarOfEntries(out)));
  writeFileSync(path, await compressed(plain));
  return path;
}

type Contents = { entries: { path: string; sha256: string; size_bytes: number }[] } & Record<
  string,
  unknown
>;

/** A table of contents changed by hand. */
export function changeContents(
  entries: readonly Raw[],
  change: (contents: Contents) => void,
): Raw[] {
  const [first, ...rest] = entries;
  const contents: Contents = JSON.parse(Buffer.from(first?.bytes ?? []).toString());
  change(contents);
  return [{ path: "manifest.json", bytes: Buffer.from(JSON.stringify(contents)) }, ...rest];
}

/** An archive whose entries are changed, and whose table of contents knows it: only what they say can give it away. */
export function forge(entries: readonly Raw[], change: (entry: Raw) => Raw): Raw[] {
  const [first, ...rest] = entries;
  const changed = rest.map(change);
  return changeContents([...(first ? [first] : []), ...changed], (contents) => {
    contents.entries = changed.map(({ path, bytes }, index) => ({
      ...contents.entries[index],
      path,
      size_bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    }));
  });
}
