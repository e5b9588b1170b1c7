// Owns what a run's agents share that are programs in sandboxes: the gateway's port, and the installed folder of each.
import { join } from "node:path";
import {
  type Installed,
  type InstallRequest,
  installedProgram,
} from "../agent/installed/install.ts";
import { asFault } from "../core/fault.ts";
import { diskScratch } from "../core/files.ts";
import { openPort } from "../model/port/port.ts";
import type { Backend, ProgramSource } from "../sandbox/sandbox.ts";
import { SharedWork } from "../sandbox/shared.ts";
import type { Programs } from "./plan.ts";
import { warmHome } from "./warm-home.ts";

type Options = Pick<InstallRequest, "cache_dir" | "say"> & { readonly backend: Backend };

/** The program's folder, with a home that is warm where this machine can run the program. */
export async function installedHere(request: InstallRequest): Promise<Installed | undefined> {
  const { program, platform, signal, say } = request;
  const warm = async (path: string) => {
    try {
      await warmHome({ program, platform, path, signal });
    } catch (error) {
      signal.throwIfAborted();
      say?.(`${program.name} goes without a warm home: ${asFault(error).message}`);
    }
  };
  return await installedProgram({ ...request, warm });
}

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
          const folder = await installedHere({ program, platform, cache_dir, signal, say });
          return folder && (await backend.keepProgram(task, folder, signal));
        },
        caller,
      ),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
