// Owns the harness's own programs in a local sandbox: a folder that commands only read, and that is on their PATH.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOM_PATHS } from "./layout.ts";
import type { SharedMount } from "./share.ts";
import type { Workspace } from "./workspace.ts";

export type Programs = {
  /** Writes a program; returns what isolated commands must see from now on. */
  add(name: string, text: string): readonly SharedMount[];
  /** The PATH of commands, given the one they would have. */
  path(host: string): string;
};

/** None at first, and then nothing is changed. */
export function openPrograms({ host, inside, mounts, put }: Workspace): Programs {
  const folder = join(host.root, "../programs");
  const seen = mounts.length > 0 ? ROOM_PATHS.programs : folder;
  let used = false;
  return {
    add(name, text) {
      if (!used) {
        mkdirSync(folder);
        chmodSync(folder, 0o755);
        // Login shells set a PATH of their own before they read this.
        put(join(inside.home, ".profile"), Buffer.from(`PATH="${seen}:$PATH"\n`));
      }
      used = true;
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), 0o755);
      return [{ source: folder, path: seen, writable: false }];
    },
    path: (path) => (used ? [seen, path].join(delimiter) : path),
  };
}
