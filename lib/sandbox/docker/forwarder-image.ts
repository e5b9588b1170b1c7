// Owns the image of the program beside a container that passes the gateway on: made of this machine's own files, once an engine.
import { readFileSync, realpathSync, statSync } from "node:fs";
import { arch } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Fault } from "../../core/fault.ts";
import { sha256 } from "../../core/files.ts";
import { FORWARDER } from "../forwarder/place.ts";
import { SharedWork } from "../shared.ts";
import type { Engine } from "./engine.ts";
import { jsonLines } from "./progress.ts";
import { type FileIn, tarOf } from "./tar.ts";
import { localImage, removeName } from "./warm-image.ts";

const NAME = "tandem-forwarder";
const LABEL = "tandem.forwarder";
const IMPORT_TIMEOUT_MS = 10 * 60_000;
/** Raised when the image would be made differently. */
const RULES = 1;
/** Where the image has this process's own program, and the forwarder's. */
export const IN_IMAGE = { bun: "/bun", program: "/forwarder" } as const;

/** As engines call processors. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

const making = new SharedWork<string>();

/**
 * The image's name, made where the engine lacks it. Throws Fault `sandbox_failed` for an engine on another platform,
 * which cannot run this machine's files.
 */
export async function forwarderImage(engine: Engine, signal?: AbortSignal): Promise<string> {
  await assertPlatform(engine);
  const files = ownFiles();
  const name = `${NAME}:${hashOf(files)}`;
  if ((await localImage(engine, name)) !== undefined) return name;
  await making.get(name, () => importImage(engine, name, files), signal);
  return name;
}

/** Images of forwarders that no container uses, whatever Tandem made them; they are made again when they are needed. */
export async function unusedForwarders(engine: Engine): Promise<{ id: string; name: string }[]> {
  const label = JSON.stringify({ label: [LABEL] });
  return await engine.call("listing images of forwarders", async (docker) => {
    const images = await docker.listImages({ filters: label });
    const containers = await docker.listContainers({ all: true, filters: label });
    const used = new Set(containers.map(({ ImageID }) => ImageID));
    return images
      .filter(({ Id }) => !used.has(Id))
      .map(({ Id, RepoTags }) => ({ id: Id, name: RepoTags?.[0] ?? NAME }));
  });
}

/** Of several processes that made it at once, all take the last one's. */
async function removeNameless(engine: Engine): Promise<void> {
  const filters = JSON.stringify({ label: [LABEL], dangling: ["true"] });
  const images = await engine.call("listing images of forwarders", (docker) =>
    docker.listImages({ filters }),
  );
  for (const { Id } of images) await removeName(engine, Id);
}

async function assertPlatform(engine: Engine): Promise<void> {
  const [own, theirs] = [`${process.platform}/${ARCHITECTURES[arch()]}`, await engine.platform()];
  if (own === theirs) return;
  throw new Fault(
    "sandbox_failed",
    `the engine runs ${theirs}, and this machine's Bun is for ${own}: its containers cannot reach the gateway`,
    {
      hint: "an agent whose program calls its model from inside needs an engine of this machine's own platform; mini, which calls from outside, runs on any, with --network open or none",
    },
  );
}

/** What is in the image: Bun, the loader and libraries that it names, and the forwarder; read when it is archived. */
type Parts = { readonly libraries: readonly string[]; readonly program: readonly FileIn[] };

function ownFiles(): Parts {
  const program = FORWARDER.files.map((name) => {
    const bytes = readFileSync(join(FORWARDER.folder, name));
    return { path: join(IN_IMAGE.program, name), bytes };
  });
  libraries ??= librariesOf(process.execPath);
  return { libraries, program };
}
let libraries: readonly string[] | undefined;

/** Absolute paths as the loader looks for them. A program without a loader has none. */
function librariesOf(program: string): string[] {
  const done = Bun.spawnSync(["ldd", program], { env: { PATH: process.env.PATH, LC_ALL: "C" } });
  return [...done.stdout.toString().matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(
    ([, path]) => `${path}`,
  );
}

function hashOf({ libraries, program }: Parts): string {
  const parts = [RULES, Bun.revision, statSync(process.execPath).size];
  const bytes = [
    ...program.map((file) => file.bytes),
    ...libraries.map((path) => readFileSync(path)),
  ];
  return sha256([...parts, ...bytes.map((one) => sha256(one))].join(" ")).slice(0, 16);
}

async function importImage(engine: Engine, name: string, parts: Parts): Promise<string> {
  const files = [
    { path: IN_IMAGE.bun, bytes: readFileSync(process.execPath), mode: 0o755 },
    ...parts.libraries.map((path) => ({
      path,
      bytes: readFileSync(realpathSync(path)),
      mode: 0o755,
    })),
    ...parts.program,
  ];
  const archive = Readable.from(await tarOf(files));
  const [repo, tag] = name.split(":");
  await engine.call(
    "making the forwarder's image",
    async (docker) => {
      const changes = [`LABEL ${LABEL}=${tag}`];
      const answer = await docker.importImage(archive, { repo, tag, changes });
      for await (const _ of jsonLines(answer as Readable));
    },
    { timeout_ms: IMPORT_TIMEOUT_MS },
  );
  await removeNameless(engine);
  return name;
}
