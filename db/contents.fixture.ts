// Owns a look at a folder for tests: whether anything in it was touched.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../lib/core/files.ts";

/** Names, bytes and times of all that a folder holds. */
export const contents = (folder: string) =>
  readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      return entry.isFile()
        ? [entry.name, sha256(readFileSync(path)), statSync(path).mtimeMs]
        : [entry.name];
    })
    .sort();
