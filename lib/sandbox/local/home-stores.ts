// Owns which folders of a prepared home are stores too large to be copied for every agent: caches, interpreters.
import { lstatSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";

/** A copy of less takes a moment; a few gigabytes would take minutes for each of a hundred sandboxes. */
const LARGE_BYTES = 256 * 1024 ** 2;
/** `.cache/pip`, `go/pkg/mod`: what lies deeper is part of one store. */
const DEEPEST = 3;

/** Their names, from the home's own on, such as `home/go/pkg/mod`. */
export function storesIn(home: string): string[] {
  return measured(home, basename(home), DEEPEST).stores;
}

type Measured = { readonly bytes: number; readonly stores: string[] };

/** What is large is told as deep down as it is; without its stores a folder counts as what is left. */
function measured(folder: string, name: string, deeper: number): Measured {
  let bytes = 0;
  const stores: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) {
      bytes += lstatSync(path).size;
      continue;
    }
    const inside = measured(path, join(name, entry.name), deeper - 1);
    bytes += inside.bytes;
    stores.push(...inside.stores);
  }
  const isStore = bytes > LARGE_BYTES && deeper >= 0 && deeper < DEEPEST;
  if (isStore) return { bytes: 0, stores: [name] };
  return { bytes, stores: deeper < 0 ? [] : stores };
}
