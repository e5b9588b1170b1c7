// Owns making one task's warm image: a container with volumes where suites leave things, caches filled, repository untouched.
import { Fault } from "../../core/fault.ts";
import { taskKey } from "../../core/keys.ts";
import type { Backend, Runner, Sandbox, TaskFiles } from "../sandbox.ts";
import { DOCKER_DEFAULTS, type DockerOptions, dockerBackend } from "./docker.ts";
import type { Engine } from "./engine.ts";
import { imageNames } from "./image-name.ts";
import type { ImageInfo, Images } from "./images.ts";
import type { OomWatch } from "./oom.ts";
import { REPO_PATH, WORK_PATH } from "./opening.ts";
import { type DockerSandbox, openSandbox } from "./sandbox.ts";
import { FINISH, finishings, GATHER, GATHERED, LAY_IN, WARM_UP } from "./warm-caches.ts";
import { commitImage, localImage, nameImage, removeName, unfinished } from "./warm-image.ts";
import { type NamedVolume, openVolume, withVolumes } from "./warm-volumes.ts";

const SCRIPT_TIMEOUT_MS = 30 * 60_000;
/** A task may take several containers' lifetimes. */
const VOLUME_LIFETIMES = 6;

export type WarmOptions = Partial<Omit<DockerOptions, "network" | "keep_images">> & {
  readonly cache_dir: string;
  /** Template of the names of warm images. */
  readonly to_template: string;
};
/** Suites to be run in the one container of which the image is made. */
export type WarmUp = (backend: Backend) => Promise<void>;
/** An unfinished warm image; disposal takes its name away, and the image when it was not finished. */
export type Candidate = AsyncDisposable & {
  /** Suites on it have no network. */
  readonly backend: Backend;
  /** What was odd, as sentences. */
  readonly notes: readonly string[];
  /** Gives it its lasting name. */
  finish(): Promise<void>;
};
/** One task's image at work, and what has been downloaded for it so far. */
export type Warming = AsyncDisposable & {
  /** With network; suites on it leave only their downloads. */
  readonly gatherer: Backend;
  /**
   * Makes an image: lays in what was gathered, warms up, tidies, commits. Throws Fault `setup_failed` when a tool fails
   * or the repository is not what it was; then nothing is left.
   */
  make(warmUp: WarmUp): Promise<Candidate>;
};
export type WarmPlace = {
  readonly engine: Engine;
  readonly ooms: OomWatch;
  readonly images: Images;
  readonly options: WarmOptions;
  readonly sourceOf: (task: TaskFiles) => string;
  readonly nameOf: (task: TaskFiles) => string;
  readonly source: Backend;
};
type Work = WarmPlace & {
  readonly task: TaskFiles;
  readonly signal: AbortSignal;
  readonly image: ImageInfo;
  readonly gathered: NamedVolume;
};

/** Takes the task's image, fetched if need be, and a place for downloads. */
export async function startWarming(
  place: WarmPlace,
  task: TaskFiles,
  signal: AbortSignal,
): Promise<Warming> {
  await using resources = new AsyncDisposableStack();
  const reference = place.sourceOf(task);
  const lease = resources.use(await place.images.lease({ reference, dir: task.dir, signal }));
  const { max_lifetime_ms } = { ...DOCKER_DEFAULTS, ...place.options };
  const owner = { key: labelOf(task), lifetime_ms: max_lifetime_ms * VOLUME_LIFETIMES };
  const gathered = resources.use(await openVolume(place.engine, owner));
  const work = { ...place, task, signal, image: lease.image, gathered };
  const kept = resources.move();
  return {
    gatherer: {
      ...place.source,
      open: (request) => openIn(work, { aside: [], label: request.label }),
      runner: (wanted) => prefixed(place.source.runner(wanted), GATHER),
    },
    make: (warmUp) => makeImage(work, warmUp),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function makeImage(work: Work, warmUp: WarmUp): Promise<Candidate> {
  const { engine, task, image, source, options } = work;
  const template = unfinished(options.to_template);
  const name = imageNames(warmNaming(options, template))(task);
  const before = await fingerprint(work, source);
  await using resources = new AsyncDisposableStack();
  resources.defer(() => removeName(engine, name));
  const notes = await commitWarmed(work, warmUp, name);
  const backend = offlineBackend(options, template);
  if ((await fingerprint(work, backend)) !== before)
    throw new Fault("setup_failed", `${image.reference}: warming changed its repository`, {
      hint: "this looks like a defect of Tandem: report it with the name of the task",
    });
  const kept = resources.move();
  return {
    backend,
    notes,
    finish: async () => {
      const made = await localImage(engine, name);
      if (made) await nameImage(engine, made.digest, work.nameOf(task));
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** One container from the warm-up to the commit. Returns notes. */
async function commitWarmed(work: Work, warmUp: WarmUp, name: string): Promise<string[]> {
  const { engine, task, image, source, signal } = work;
  await using sandbox = await openIn(work, { aside: [REPO_PATH], label: labelOf(task) });
  await script(sandbox, LAY_IN, signal);
  await warmUp({
    ...source,
    open: async () => ({ ...sandbox, [Symbol.asyncDispose]: async () => undefined }),
    runner: (wanted) => prefixed(source.runner(wanted), WARM_UP),
  });
  signal.throwIfAborted();
  const { env, notes } = finishings(await script(sandbox, FINISH, signal));
  await commitImage(engine, {
    ...{ name, env, container_id: sandbox.container_id },
    origin: { source: image.digest, task_hash: task.task_hash },
  });
  return notes;
}

/** A container with network and the gathered downloads; volumes, also the work folder's, never get into an image. */
async function openIn(
  { engine, ooms, options, image, gathered, signal }: Work,
  { aside, label }: { readonly aside: readonly string[]; readonly label: string },
): Promise<DockerSandbox> {
  const volumes = [
    ...[...aside, WORK_PATH].map((path) => ({ path })),
    { path: GATHERED, name: gathered.name },
  ];
  const limits = { ...DOCKER_DEFAULTS, ...options, network: "open" as const };
  const plan = { engine: withVolumes(engine, volumes), ooms, image, limits, proven: new Map() };
  return await openSandbox(plan, { label, purpose: "suite", signal });
}

function prefixed(runner: Runner, words: string): Runner {
  return { ...runner, command: (...paths) => `${words}\n${runner.command(...paths)}` };
}

/** Naming for `image_template`, with the registry where it wants one. */
export function warmNaming({ registry }: WarmOptions, image_template: string) {
  const wanted = registry !== undefined && image_template.includes("{registry}");
  return { image_template, ...(wanted ? { registry } : {}) };
}

/** The backend of warm images, without network. */
export function offlineBackend(options: WarmOptions, image_template: string): Backend {
  const { registry: _registry, to_template: _template, ...docker } = options;
  return dockerBackend({
    ...{ ...DOCKER_DEFAULTS, ...docker, ...warmNaming(options, image_template) },
    ...{ network: "none", build: false },
  });
}

/** All of the repository's folder, git's own included: names, modes, owners, sizes, times, contents. */
const FINGERPRINT = `set -e -o pipefail
{ find . -exec ls -ldn {} + | tr -s ' ' | LC_ALL=C sort
find . -type f -exec sha256sum {} + | LC_ALL=C sort; } | sha256sum`;

async function fingerprint({ task, signal }: Work, backend: Backend): Promise<string> {
  await using sandbox = await backend.open({
    ...{ task, label: labelOf(task), purpose: "suite", signal },
  });
  return await script(sandbox, FINGERPRINT, signal);
}

/** The output of a script. Throws Fault `setup_failed` with its last words. */
async function script(
  { exec }: Pick<Sandbox, "exec">,
  text: string,
  signal: AbortSignal,
): Promise<string> {
  const { exit_code, output } = await exec(text, { timeout_ms: SCRIPT_TIMEOUT_MS, signal });
  const words = Buffer.from(output).toString("utf8").trim();
  if (exit_code === 0) return words;
  throw new Fault("setup_failed", `warming failed: ${words.split("\n").slice(-3).join(" | ")}`, {
    hint: "see the tool's message; the image needs bash, git and the usual small tools",
  });
}

const labelOf = (task: TaskFiles): string => `warm/${taskKey(task)}`;
