// Owns the harness's own programs in a local sandbox: a folder that commands only read, and that is on their PATH.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { SharedMount } from "../share.ts";
import type { Workspace } from "./workspace.ts";

export type Programs = {
  /** Writes a program; returns what isolated commands must see from now on. */
  add(name: string, text: string): readonly SharedMount[];
  /** The PATH of commands, given the one they would have. */
  path(others: string): string;
};

/** What a login shell's settings may hold besides ours. */
const MOST_PROFILE_BYTES = 1024 ** 2;

/** None at first, and then nothing is changed. */
export function openPrograms({ host, inside, put, get }: Workspace): Programs {
  const [folder, path] = [host.programs, inside.programs];
  let used = false;
  return {
    add(name, text) {
      if (!used) {
        mkdirSync(folder);
        chmodSync(folder, 0o755);
        // Login shells set a PATH of their own before they read this.
        const profile = join(inside.home, ".profile");
        const before = get(profile, MOST_PROFILE_BYTES) ?? new Uint8Array();
        put(profile, Buffer.concat([before, Buffer.from(`\nPATH="${path}:$PATH"\n`)]));
      }
      used = true;
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), 0o755);
      return [{ source: folder, path, writable: false }];
    },
    path: (others) => (used ? [path, others].join(delimiter) : others),
  };
}
