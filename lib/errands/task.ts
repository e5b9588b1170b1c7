// Owns how a task's files travel: as one bundle by its hash, unpacked once at the performer.
import { z } from "zod";
import { Fault } from "../core/fault.ts";
import { taskKey } from "../core/keys.ts";
import type { Backend, TaskFiles } from "../sandbox/sandbox.ts";
import { folderEntries } from "./bundle.ts";
import type { Site } from "./errand.ts";
import { bundleFolder } from "./kept.ts";
import type { Outgoing } from "./outgoing.ts";

export const hash = z.string().regex(/^[0-9a-f]{64}$/);
export const carriedTask = z.object({
  repo: z.string(),
  task_id: z.number(),
  task_hash: z.string(),
  /** Hash of the bundle of its files. */
  files: hash,
});
/** A backend by name and options; what its sandboxes for the task are made of, as far as it is known. */
export const carriedPlace = z.object({
  name: z.string(),
  unsafe_local: z.boolean(),
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  image: z.object({ name: z.string(), digests: z.array(z.string()) }).nullable(),
  /** Of a backend without images. */
  environment: z.string().nullable(),
});
export type CarriedPlace = z.infer<typeof carriedPlace>;

export function carryTask(task: TaskFiles, outgoing: Outgoing): z.infer<typeof carriedTask> {
  const { repo, task_id, task_hash, dir } = task;
  const key = `${dir} ${task_hash}`;
  const files = outgoing.addLasting(taskKey(task), key, () => folderEntries(dir));
  return { repo, task_id, task_hash, files };
}

/** The task's files at the performer. */
export async function taskHere(
  site: Site,
  { files, ...task }: z.infer<typeof carriedTask>,
): Promise<TaskFiles> {
  return { ...task, dir: await bundleFolder(site, files) };
}

/** Throws RangeError for a backend that was not opened through the registry. */
export async function carryPlace(backend: Backend, task: TaskFiles): Promise<CarriedPlace> {
  const { opened_as, images } = backend;
  if (opened_as === undefined) throw new RangeError("nobody knows how this backend was opened");
  if (images === undefined)
    return { ...opened_as, image: null, environment: (await backend.environment(task)) ?? null };
  const image = { name: images.name(task), digests: [...(await images.digests(task))] };
  return { ...opened_as, image, environment: null };
}

/** The backend at the performer. Throws Faults where it would make other sandboxes for the task there. */
export async function placeHere(
  site: Site,
  { image, environment, ...wanted }: CarriedPlace,
  task: TaskFiles,
): Promise<Backend> {
  const backend = await site.sandboxes(wanted);
  if (image !== null && image.digests.length > 0)
    await backend.images?.assert(task, image.digests, site.signal);
  if (environment !== null && environment !== (await backend.environment(task)))
    throw new Fault("sandbox_failed", `sandboxes for ${taskKey(task)} are others on this machine`, {
      hint: "system, architecture and bubblewrap must be as they are where the call was made: or use --backend docker",
    });
  return backend;
}
