// Owns what a run's agents share that are programs in sandboxes: the gateway's port, and the installed folder of each.
import { join } from "node:path";
import { type InstallRequest, installedProgram } from "../agent/installed/install.ts";
import { diskScratch } from "../core/files.ts";
import { openPort } from "../model/port/port.ts";
import type { Backend, ProgramSource } from "../sandbox/sandbox.ts";
import { SharedWork } from "../sandbox/shared.ts";
import type { Programs } from "./plan.ts";

type Options = Pick<InstallRequest, "cache_dir" | "say"> & { readonly backend: Backend };

/** The port is on this machine until disposal; folders stay. */
export async function openPrograms(options: Options): Promise<Programs & AsyncDisposable> {
  const { backend, cache_dir, say } = options;
  await using resources = new AsyncDisposableStack();
  const { path } = resources.use(diskScratch("port"));
  const port = resources.use(await openPort({ dir: join(path, "s") }));
  const folders = new SharedWork<ProgramSource | undefined>();
  const kept = resources.move();
  return {
    port,
    folderOf: (program, task, caller) =>
      folders.get(
        `${program.sha256} ${task.task_hash}`,
        async (signal) => {
          const platform = await backend.platform(task, signal);
          const folder = await installedProgram({ program, platform, cache_dir, signal, say });
          return folder && (await backend.keepProgram(task, folder, signal));
        },
        caller,
      ),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
