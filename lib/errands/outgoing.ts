// Owns the bytes that an errand's input names by hash, on the side that sends it: nothing secret among them.
import { Fault } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { redactBytes } from "../core/redact.ts";
import { type Entry, packBundle } from "./bundle.ts";
import type { Parcel } from "./errand.ts";

export type Outgoing = {
  readonly bytes: Parcel<never>["bytes"];
  /**
   * The hash of what is to be there; `name` is for people. Throws Fault `bad_file` where it holds a secret of this process's
   * environment.
   */
  readonly add: (name: string, content: Uint8Array) => string;
  /** The same for a bundle of files. */
  readonly addFiles: (name: string, files: readonly Entry[]) => string;
  /** The same for files that are many and stay where they are: read again whenever they are needed. One `key`, one bundle. */
  readonly addLasting: (name: string, key: string, read: () => readonly Entry[]) => string;
};

/** Hashes of what lasts, by its key. */
const hashes = new Map<string, string>();

export function openOutgoing(): Outgoing {
  const bytes = new Map<string, () => Uint8Array>();
  const keep = (content: Uint8Array) => {
    const hash = sha256(content);
    bytes.set(hash, () => content);
    return hash;
  };
  return {
    bytes,
    add(name, content) {
      assertClean(name, content);
      return keep(content);
    },
    addFiles: (name, files) => keep(cleanBundle(name, files)),
    addLasting(name, key, read) {
      const hash = hashes.get(key) ?? sha256(cleanBundle(name, read()));
      hashes.set(key, hash);
      bytes.set(hash, () => sameStill(name, hash, packBundle(read())));
      return hash;
    },
  };
}

/** Its files are looked through, not its compressed form. */
function cleanBundle(name: string, files: readonly Entry[]): Uint8Array {
  for (const { path, bytes } of files)
    assertClean(files.length > 1 ? `${name}: ${path}` : name, bytes);
  return packBundle(files);
}

/** Redacting it would make other bytes of it: a module or a task that is not the one it says. */
function assertClean(name: string, content: Uint8Array): void {
  if (redactBytes(content) === content) return;
  throw new Fault("bad_file", `${name} holds a secret of this process's environment`, {
    hint: "workers get nothing secret: have it read the variable where it runs, and set that for the workers",
  });
}

function sameStill(name: string, hash: string, content: Uint8Array): Uint8Array {
  if (sha256(content) === hash) return content;
  throw new Fault("bytes_missing", `${name} has changed since the call began`, {
    hint: "run the same command again",
  });
}
