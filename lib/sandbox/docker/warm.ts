// Owns warm images as a whole: images of tasks with all that suites download kept inside, and whether one is up to date.
import { UsageError } from "../../core/fault.ts";
import type { Backend, TaskFiles } from "../sandbox.ts";
import { DOCKER_DEFAULTS, dockerBackend } from "./docker.ts";
import { openEngine } from "./engine.ts";
import { imageNames } from "./image-name.ts";
import { Images } from "./images.ts";
import { openOomWatch } from "./oom.ts";
import { localImage, sweepUnfinished, WARM_RULES } from "./warm-image.ts";
import {
  offlineBackend,
  startWarming,
  type Warming,
  type WarmOptions,
  warmNaming,
} from "./warm-making.ts";

export type { Candidate, Warming, WarmOptions } from "./warm-making.ts";

const PULL_TIMEOUT_MS = 60 * 60_000;
const BACK_OFF_MS = 2_000;

export type Warmer = {
  nameOf(task: TaskFiles): string;
  /** Whether the task has a warm image, and what that was made of has not changed since. */
  isCurrent(task: TaskFiles): Promise<boolean>;
  /** Sandboxes of finished warm images, without network. */
  readonly warm: Backend;
  /** MiB that the warm image takes beyond its source; undefined when one of them is not here. */
  grownMib(task: TaskFiles): Promise<number | undefined>;
  /** Throws Fault `no_image` when the task's own image cannot be had. */
  start(task: TaskFiles, signal: AbortSignal): Promise<Warming>;
  /** Removes what killed warmings left unfinished. Returns the names. */
  sweep(): Promise<string[]>;
};

/** Nothing is connected before the first call. Throws UsageError for templates that cannot name warm images. */
export function openWarmer(options: WarmOptions): Warmer {
  const engine = options.engine ?? openEngine({ socket: options.socket });
  const { to_template, ...docker } = { ...DOCKER_DEFAULTS, ...options };
  const images = new Images(engine, {
    ...{ build: docker.build, keep_images: Number.POSITIVE_INFINITY },
    pull_timeout_ms: options.pull_timeout_ms ?? PULL_TIMEOUT_MS,
    back_off_ms: options.back_off_ms ?? BACK_OFF_MS,
    on_progress: options.on_progress ?? (() => undefined),
  });
  const sourceOf = imageNames(options);
  const nameOf = warmNames(options);
  assertApart(sourceOf, nameOf);
  const both = async (task: TaskFiles) =>
    await Promise.all([localImage(engine, nameOf(task)), localImage(engine, sourceOf(task))]);
  const ooms = openOomWatch(engine);
  const place = { engine, ooms, images, options, sourceOf, nameOf, source: dockerBackend(docker) };
  return {
    nameOf,
    warm: offlineBackend(options, to_template),
    async isCurrent(task) {
      const [here, source] = await both(task);
      return (
        here?.origin?.rules === String(WARM_RULES) &&
        here.origin.task_hash === task.task_hash &&
        // A source that was removed again cannot be compared; the warm image stands for it.
        (source === undefined || here.origin.source === source.digest)
      );
    },
    async grownMib(task) {
      const [here, source] = await both(task);
      return here && source && Math.round((here.size_bytes - source.size_bytes) / 2 ** 20);
    },
    start: (task, signal) => startWarming(place, task, signal),
    sweep: () => sweepUnfinished(engine),
  };
}

/** Complaints about a template name the flag that it came from. */
function warmNames(options: WarmOptions): Naming {
  try {
    return imageNames(warmNaming(options, options.to_template));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message.replaceAll("--image-template", "--to-template"));
  }
}

type Naming = ReturnType<typeof imageNames>;

/** The tasks' own images must not be replaced by warm ones. */
function assertApart(sourceOf: Naming, nameOf: Naming): void {
  const any = { repo: "any_task", task_id: 1 };
  if (sourceOf(any) !== nameOf(any)) return;
  throw new UsageError(`--to-template names the tasks' own images, such as ${sourceOf(any)}`);
}
