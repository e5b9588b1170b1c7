// Owns the bytes that an errand's input names by hash, on the side that sends it: nothing secret among them.
import { Fault } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { redactBytes } from "../core/redact.ts";
import type { Parcel } from "./errand.ts";

export type Outgoing = {
  readonly bytes: Parcel<never>["bytes"];
  /**
   * The hash of what is to be there; `name` is for people. Throws Fault `bad_file` where it holds a secret of this process's
   * environment.
   */
  readonly add: (name: string, content: Uint8Array) => string;
  /** The same for what is large and stays where it is: read again whenever it is needed. Asked once per `key`. */
  readonly addLasting: (name: string, key: string, read: () => Uint8Array) => string;
};

/** Hashes of what lasts, by its key. */
const hashes = new Map<string, string>();

export function openOutgoing(): Outgoing {
  const bytes = new Map<string, () => Uint8Array>();
  const add = (name: string, content: Uint8Array, read: () => Uint8Array) => {
    assertClean(name, content);
    const hash = sha256(content);
    bytes.set(hash, read);
    return hash;
  };
  return {
    bytes,
    add: (name, content) => add(name, content, () => content),
    addLasting(name, key, read) {
      const hash = hashes.get(key) ?? add(name, read(), read);
      hashes.set(key, hash);
      bytes.set(hash, () => sameStill(name, hash, read()));
      return hash;
    },
  };
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
