// Owns the harness's own programs in a local sandbox: a folder that commands only read, and that is on their PATH.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { SharedMount } from "./share.ts";
import type { Workspace } from "./workspace.ts";

export type Programs = {
  /** Writes a program; returns what isolated commands must see from now on. */
  add(name: string, text: string): readonly SharedMount[];
  /** The PATH of commands, given the one they would have. */
  path(host: string): string;
};

/** None at first, and then nothing is changed. The folder has the same path inside and outside. */
export function openPrograms({ own, path: workspace, put }: Workspace): Programs {
  const folder = join(own, "programs");
  let used = false;
  return {
    add(name, text) {
      if (!used) {
        mkdirSync(folder);
        chmodSync(folder, 0o755);
        // Login shells set a PATH of their own before they read this.
        put(join(workspace, "home/.profile"), Buffer.from(`PATH="${folder}:$PATH"\n`));
      }
      used = true;
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), 0o755);
      return [{ source: folder, path: folder, writable: false }];
    },
    path: (host) => (used ? [folder, host].join(delimiter) : host),
  };
}
