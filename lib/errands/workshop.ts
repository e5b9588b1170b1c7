// Owns what a process that performs errands keeps between them: its folder, its backends, and what else they share.
import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { canonicalJson } from "../model/request.ts";
import { openBackend } from "../sandbox/registry.ts";
import type { Workshop } from "./errand.ts";

const PROJECT = join(import.meta.dir, "../..");

/** What is shared in it is closed with it, the latest first. */
export function openWorkshop(options: { readonly folder: string }): Workshop & AsyncDisposable {
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true });
  linkTandem(folder);
  const opened = new AsyncDisposableStack();
  const shared = new Map<string, Promise<unknown>>();
  const share: Workshop["share"] = async <T extends object>(
    name: string,
    open: () => Promise<T>,
  ): Promise<T> => {
    const known = shared.get(name);
    if (known !== undefined) return (await known) as T;
    const opening = open();
    shared.set(name, opening);
    try {
      const value = await opening;
      if (isAsyncDisposable(value)) opened.use(value);
      return value;
    } catch (error) {
      // Whoever asks next tries again.
      if (shared.get(name) === opening) shared.delete(name);
      throw error;
    }
  };
  return {
    folder,
    share,
    sandboxes: ({ name, unsafe_local, options: own }) =>
      share(`sandboxes ${canonicalJson([name, unsafe_local, own])}`, () =>
        openBackend({
          ...{ name, unsafe_local, options: own },
          ...{ log_dir: folder, hidden: [folder, PROJECT] },
        }),
      ),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Custom agents that are kept in the folder may import `tandem`: it is this one, as where they came from. */
function linkTandem(folder: string): void {
  const link = join(folder, "node_modules/tandem");
  if (existsSync(link) && realpathSync(link) === realpathSync(PROJECT)) return;
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(PROJECT, link);
}

function isAsyncDisposable(value: object): value is AsyncDisposable {
  return Symbol.asyncDispose in value;
}
