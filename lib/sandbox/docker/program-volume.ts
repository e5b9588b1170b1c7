// Owns the folders of agent programs in an engine: one volume per content, filled once, and what an image has for a program.
import { Fault } from "../../core/fault.ts";
import { LIMITS } from "../options.ts";
import type { OpenOptions, Platform, ProgramFolder, ProgramSource } from "../sandbox.ts";
import type { SharedMount } from "../share.ts";
import { runHelper } from "./attach.ts";
import { type Container, startContainer } from "./container.ts";
import { type Engine, refusedWith } from "./engine.ts";
import type { ImageInfo } from "./images.ts";
import { tarOfFolder } from "./tar.ts";

/** Where a program's folder is in a container. */
export const PROGRAM_PATH = "/.tandem/program";
/** Written last: a volume without it is not whole. */
const WHOLE = ".whole";
const LIFETIME_MS = 30 * 60_000;
const FILL_TIMEOUT_MS = 20 * 60_000;
const LOOK_MS = 500;

export function programMount(program: OpenOptions["program"]): SharedMount[] {
  if (program === undefined) return [];
  return [{ source: program.source, path: PROGRAM_PATH, writable: false }];
}

const PLATFORM = `ls /lib | grep '^ld-musl-' || echo glibc
python3 --version 2>/dev/null || :`;

/** What an image has for a program. Throws the engine's Faults. */
export async function platformOf(
  engine: Engine,
  image: ImageInfo,
  signal: AbortSignal,
): Promise<Platform> {
  await using container = await helperContainer(engine, { image, shared: [], signal });
  let said = "";
  await runHelper(engine, container.id, ["sh", "-c", PLATFORM], (bytes) => {
    said += Buffer.from(bytes).toString("latin1");
  });
  const python = /^Python (3\.\d+)/m.exec(said)?.[1];
  return { libc: said.startsWith("ld-musl-") ? "musl" : "glibc", python };
}

type Keeping = { readonly image: ImageInfo; readonly folder: ProgramFolder };

/**
 * The volume with the folder's content, filled through a container of the task's image. Whoever fills it puts the same bytes
 * there, and only a whole one is used. It has no owner: it stays until somebody removes it.
 */
export async function keepVolume(
  engine: Engine,
  { image, folder }: Keeping,
  signal: AbortSignal,
): Promise<ProgramSource> {
  const source = `tandem-program-${folder.key}`;
  const exists = await volumeExists(engine, source);
  if (!exists)
    await engine.call("making a volume", (docker) =>
      docker.createVolume({ Name: source, Labels: { "tandem.program": folder.key } }),
    );
  const shared = [{ source, path: PROGRAM_PATH, writable: true }];
  await using container = await helperContainer(engine, { image, shared, signal });
  while (!(await isWhole(engine, container))) {
    if (await claims(engine, container)) await fill(engine, container, folder);
    else await Bun.sleep(LOOK_MS);
    signal.throwIfAborted();
  }
  return { source };
}

const inside = (name: string) => `${PROGRAM_PATH}/${name}`;

async function isWhole(engine: Engine, { id }: Container): Promise<boolean> {
  return (await runHelper(engine, id, ["test", "-e", inside(WHOLE)])) === 0;
}

/** One fills at a time; a claim that nobody has renewed for a while is a dead process's. */
async function claims(engine: Engine, { id }: Container): Promise<boolean> {
  const claim = inside(".filling");
  const stale = `find ${claim} -maxdepth 0 -mmin +${FILL_TIMEOUT_MS / 60_000} -exec rmdir {} \\; 2>/dev/null`;
  return (await runHelper(engine, id, ["sh", "-c", `${stale}; mkdir ${claim} 2>/dev/null`])) === 0;
}

async function fill(engine: Engine, { id }: Container, { path }: ProgramFolder): Promise<void> {
  try {
    await engine.call(
      "filling a program's volume",
      (docker) => docker.getContainer(id).putArchive(tarOfFolder(path), { path: PROGRAM_PATH }),
      { timeout_ms: FILL_TIMEOUT_MS },
    );
    await helped(engine, id, `: >${inside(WHOLE)}`);
  } finally {
    await runHelper(engine, id, ["rmdir", inside(".filling")]);
  }
}

async function helped(engine: Engine, id: string, command: string): Promise<void> {
  if ((await runHelper(engine, id, ["sh", "-c", command])) === 0) return;
  throw new Fault("setup_failed", `a program's volume could not be filled: ${command} failed`, {
    hint: "the engine's disk may be full: free some, then run again",
  });
}

async function volumeExists(engine: Engine, name: string): Promise<boolean> {
  try {
    await engine.call("looking at a volume", (docker) => docker.getVolume(name).inspect());
    return true;
  } catch (error) {
    if (refusedWith(error, 404)) return false;
    throw error;
  }
}

type Helper = {
  readonly image: ImageInfo;
  readonly shared: readonly SharedMount[];
  readonly signal: AbortSignal;
};

async function helperContainer(
  engine: Engine,
  { image, shared, signal }: Helper,
): Promise<Container> {
  return await startContainer(engine, {
    ...{ image: image.digest, image_name: image.reference, key: "program", env: [] },
    ...{ shared, signal, network: "none", max_lifetime_ms: LIFETIME_MS },
    ...HELPER_LIMITS,
  });
}

const HELPER_LIMITS = {
  memory_mib: LIMITS.memory_mib.default,
  cpus: LIMITS.cpus.default,
  pids: LIMITS.pids.default,
} as const;
