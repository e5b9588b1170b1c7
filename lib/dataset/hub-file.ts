// Owns one file of the hub on disk: what is there already, the unfinished part, and the check before the rename.
import { createHash } from "node:crypto";
import { createReadStream, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder, placeFile } from "../core/disk.ts";
import { Fault } from "../core/fault.ts";
import { type Line, persist, rangeStart, Setback } from "./hub-http.ts";

/** `digest` is the SHA-256 of the bytes for LFS files, git's blob id (SHA-1) for the others. */
export type HubFile = {
  /** Path in the dataset's repository. */
  readonly source: string;
  /** Path in the folder. */
  readonly target: string;
  /** Bytes. */
  readonly size: number;
  readonly algorithm: "sha256" | "sha1";
  readonly digest: string;
};
export type Answer = { readonly response: Response; readonly body: AsyncIterable<Uint8Array> };
export type Transfer = {
  readonly line: Line;
  readonly into: string;
  readonly file: HubFile;
  /** Sends one request for the file's bytes, from the given offset on. */
  readonly request: (from: number) => Promise<Answer>;
  /** Told after each chunk: bytes of the file on disk, bytes just received. */
  readonly moved: (at: number, received: number) => void;
};

/**
 * Makes the file stand in the folder, whole; says whether it had to be fetched. Throws Fault
 * `dataset_invalid` when the checksum is wrong twice, and those of {@link persist}.
 */
export async function bring(transfer: Transfer): Promise<boolean> {
  const { line, file } = transfer;
  const path = join(transfer.into, file.target);
  if (await isWhole(path, file)) return false;
  const part = `${path}.part`;
  makeFolder(dirname(path));
  for (let mismatches = 0; mismatches < 2; mismatches++) {
    await persist(line, () => receive(transfer, part));
    if (await isWhole(part, file)) {
      placeFile(part, path);
      return true;
    }
    rmSync(part);
  }
  throw new Fault("dataset_invalid", `${file.source} arrived twice with a wrong checksum`, {
    hint: "something between here and the hub alters files: try another network or endpoint",
  });
}

async function isWhole(path: string, file: HubFile): Promise<boolean> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size !== file.size) return false;
  const hash = createHash(file.algorithm);
  if (file.algorithm === "sha1") hash.update(`blob ${file.size}\0`);
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex") === file.digest;
}

/** One request for what `part` lacks. Returns when nothing more will come; the caller checks the bytes. */
async function receive(transfer: Transfer, part: string): Promise<void> {
  const { file, moved } = transfer;
  await using handle = await open(part, "a");
  let at = (await handle.stat()).size;
  // Also the way of empty files: there is nothing to ask for.
  if (at === file.size) return;
  if (at > file.size) {
    await handle.truncate(0);
    at = 0;
  }
  const { response, body } = await transfer.request(at);
  // The hub holds fewer bytes than it listed: the checksum decides, asking again would not help.
  if (response.status === 416) return;
  const start = rangeStart(response);
  if (start !== at) {
    await handle.truncate(0);
    at = 0;
    if (start !== 0) throw new Setback(`the hub sent another range of ${file.source}`);
  }
  for await (const chunk of body) {
    await handle.appendFile(chunk);
    at += chunk.length;
    moved(at, chunk.length);
    if (at > file.size) return;
  }
  if (at < file.size)
    throw new Setback(`the hub sent only ${at} of ${file.size} bytes of ${file.source}`);
}
