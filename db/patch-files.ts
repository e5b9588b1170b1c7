// Owns which files each stored patch is about: read from its bytes when it is stored.
import type { Database } from "bun:sqlite";
import { eq, sql } from "drizzle-orm";
import { changedLines, parsePatch } from "../lib/patch/parse.ts";
import type { PatchFile } from "../lib/patch/patch.ts";
import { inParts } from "./rows.ts";
import { patches, patchFiles } from "./schema.ts";
import { connect, type Tables } from "./tables.ts";

type FileRow = typeof patchFiles.$inferInsert;

/** The migration that reads them from the patches of before. */
export const PATCH_FILES = 13;

/** Keeps the files of one patch; what is stored of it stays as it is. */
export function putPatchFiles(tx: Pick<Tables, "insert">, patch: string, bytes: Uint8Array): void {
  for (const rows of inParts(filesOf(patch, bytes)))
    tx.insert(patchFiles).values(rows).onConflictDoNothing().run();
}

/** Keeps the files of every stored patch, one patch in memory at a time. */
export function fillPatchFiles(database: Database): void {
  const db = connect(database);
  const hashes = db.select({ hash: patches.hash }).from(patches).all();
  const one = db
    .select({ bytes: patches.bytes })
    .from(patches)
    .where(eq(patches.hash, sql.placeholder("hash")))
    .prepare();
  for (const { hash } of hashes)
    putPatchFiles(db, hash, one.get({ hash })?.bytes ?? Buffer.alloc(0));
}

/** A file that a patch changes twice has one row. */
function filesOf(patch: string, bytes: Uint8Array): FileRow[] {
  const rows = new Map<string, FileRow>();
  for (const file of parsePatch(bytes).files) {
    const path = file.new_path ?? file.old_path;
    if (path === undefined) continue;
    const { added, removed } = linesOf(file);
    const before = rows.get(path);
    const row = { patch, path, change: file.kind, added, removed };
    rows.set(path, before === undefined ? row : together(before, row));
  }
  return [...rows.values()];
}

function linesOf(file: PatchFile): Pick<FileRow, "added" | "removed"> {
  return file.binary
    ? { added: null, removed: null }
    : changedLines({ files: [file], problems: [] });
}

function together(before: FileRow, after: FileRow): FileRow {
  const added = plus(before.added, after.added);
  const removed = plus(before.removed, after.removed);
  return { ...before, added, removed };
}

function plus(one: number | null | undefined, other: number | null | undefined): number | null {
  return typeof one === "number" && typeof other === "number" ? one + other : null;
}
