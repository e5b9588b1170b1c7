// Owns one sandbox in a container: commands in its attached bash, files in and out, and its end.
import type { Readable } from "node:stream";
import { Fault } from "../../core/fault.ts";
import { FileTooLarge } from "../beneath.ts";
import type { DiskLimit, DiskWatch } from "../disk.ts";
import { withGateway } from "../gateway.ts";
import {
  type ExecOptions,
  type ExecResult,
  MOST_FILE_BYTES,
  type OpenOptions,
  type Sandbox,
} from "../sandbox.ts";
import { mountsOf } from "../share.ts";
import { AttachedShell, type ShellPlace } from "../shell.ts";
import { attachBash, attachFirst, type FirstShell, runHelper } from "./attach.ts";
import {
  assertRunning,
  type ContainerLimits,
  prolongContainer,
  startContainer,
} from "./container.ts";
import { watchContainer } from "./disk.ts";
import { type Engine, refusedWith } from "./engine.ts";
import { type ContainerGateway, gatewayOf } from "./gateway.ts";
import type { ImageInfo } from "./images.ts";
import type { OomCount, OomWatch } from "./oom.ts";
import { BASE_GIT, baseCommit, type Proven, REPO_PATH, WORK_PATH } from "./opening.ts";
import { PROGRAM_PATH, programMount } from "./program-volume.ts";
import { assertUpAgain } from "./revive.ts";
import type { SidecarRequest } from "./sidecar.ts";
import { type FileIn, onlyFile, tarOf } from "./tar.ts";

const FILE_TIMEOUT_MS = 10 * 60_000;
/** How late the engine's word of an out-of-memory kill may come: long after SIGKILL's own status, else short. */
const OOM_WAIT_MS = { killed: 500, failed: 50 } as const;
const KILLED = 137;
const DISK_FULL = Buffer.from("\n[tandem] killed: the sandbox has written more than it may\n");
/** Programs that wait for a terminal's answer would wait for ever. */
const AGENT_ENV = ["PAGER=cat", "GIT_PAGER=cat", "GIT_TERMINAL_PROMPT=0"];

export type DockerSandbox = Sandbox & {
  readonly container_id: string;
  readonly image: ImageInfo;
  /** Writes many files in one archive. */
  putAll(files: readonly FileIn[]): Promise<void>;
};
export type SandboxPlan = {
  readonly engine: Engine;
  readonly ooms: OomWatch;
  readonly image: ImageInfo;
  readonly limits: ContainerLimits & DiskLimit;
  readonly proven: Proven;
};

/** Starts a container of the image and makes its repository ready. Throws Faults; then nothing is left. */
export async function openSandbox(plan: SandboxPlan, request: OpenRequest): Promise<DockerSandbox> {
  const { engine, ooms, image, limits } = plan;
  await using resources = new AsyncDisposableStack();
  // Removed beside the container: each removal takes the engine a while.
  const besides = resources.use(new AsyncDisposableStack());
  let first: FirstShell | undefined;
  const container = resources.use(
    await startContainer(engine, {
      ...limits,
      image: image.digest,
      image_name: image.reference,
      key: request.label,
      env: request.purpose === "agent" ? AGENT_ENV : [],
      shared: [...mountsOf(request.share), ...programMount(request.program)],
      async created(id) {
        first?.[Symbol.dispose]();
        first = await attachFirst(engine, id);
      },
      ...(request.signal ? { signal: request.signal } : {}),
    }),
  );
  const oom = resources.use(await ooms.join(container.id));
  const gateway = gatewayOf(engine, sidecarRequest(plan, request, container.id));
  besides.use(gateway);
  const place = placeOf(engine, container.id, { first, gateway });
  const shell = new AttachedShell(place);
  resources.defer(() => shell.close());
  const { disk_mib } = limits;
  const disk = () =>
    watchContainer({ engine, container_id: container.id, disk_mib, end: () => place.killAll() });
  const exec = execIn(shell, oom, disk);
  const base_commit = await baseCommit(plan, exec, request);
  const way = await gateway.opened();
  const kept = resources.move();
  return {
    repo_path: REPO_PATH,
    work_path: WORK_PATH,
    base_commit,
    base_git: BASE_GIT,
    container_id: container.id,
    image,
    ...(way === undefined ? {} : { gateway_url: way.url }),
    ...(request.program === undefined ? {} : { program_path: PROGRAM_PATH }),
    exec: withGateway(exec, way),
    put: (path, bytes) => putFiles(engine, container.id, [{ path, bytes }]),
    putAll: (files) => putFiles(engine, container.id, files),
    get: (path, most_bytes = MOST_FILE_BYTES) =>
      getFile(engine, container.id, { path, most_bytes }),
    async prolong(ms) {
      await Promise.all([prolongContainer(engine, container.id, ms), gateway.prolong(ms)]);
    },
    addProgram: (name, text) => addProgram({ engine, id: container.id, exec }, { name, text }),
    async [Symbol.asyncDispose]() {
      await Promise.all([besides.disposeAsync(), kept.disposeAsync()]);
    },
  };
}

type Inside = { readonly engine: Engine; readonly id: string; readonly exec: Sandbox["exec"] };

/** In a folder that login shells look into as well; where the image's PATH omits it, also in the first folder of the PATH. */
async function addProgram(
  { engine, id, exec }: Inside,
  { name, text }: { readonly name: string; readonly text: string },
): Promise<void> {
  const path = `/usr/local/bin/${name}`;
  await putFiles(engine, id, [{ path, bytes: Buffer.from(text), mode: 0o755 }]);
  const link = `command -v ${name} >/dev/null || ln -sf ${path} "\${PATH%%:*}/${name}"; command -v ${name}`;
  const found = await exec(link, { timeout_ms: FILE_TIMEOUT_MS, cwd: "/", harness: true });
  if (found.exit_code === 0) return;
  throw new Fault("setup_failed", `${name} could not be put on the PATH of a container`, {
    hint: "the image needs a PATH with a writable folder in it",
  });
}

export type OpenRequest = Pick<
  OpenOptions,
  "label" | "purpose" | "share" | "program" | "gateway" | "signal"
>;

function sidecarRequest(
  { limits: { max_lifetime_ms } }: SandboxPlan,
  { gateway, label: key, signal }: OpenRequest,
  container_id: string,
): SidecarRequest | undefined {
  return gateway && { ...gateway, container_id, key, max_lifetime_ms, signal };
}

type Beside = { readonly first: FirstShell | undefined; readonly gateway: ContainerGateway };

function placeOf(engine: Engine, id: string, { first, gateway }: Beside): ShellPlace {
  return {
    owns_processes: true,
    attach: async (receiver) => first?.take(receiver) ?? (await attachBash(engine, id, receiver)),
    killGroup: (group) => killGroup(engine, id, group),
    killAll: async () => {
      await engine.call("killing what runs in a container", (docker) =>
        docker.getContainer(id).kill({ signal: "SIGUSR1" }),
      );
    },
    async assertUp() {
      if (await assertUpAgain(engine, id)) await gateway.renew();
    },
    put: (path, bytes) => putFiles(engine, id, [{ path, bytes }]),
  };
}

/** False when the container has no process left to spare for it. */
async function killGroup(engine: Engine, id: string, group: number): Promise<boolean> {
  try {
    const command = `kill -s KILL -- -${group} ${group}`;
    await runHelper(engine, id, ["sh", "-c", command]);
    return true;
  } catch (error) {
    if (error instanceof Fault && error.code === "engine_gone") throw error;
    return false;
  }
}

function execIn(shell: AttachedShell, oom: OomCount, watch: () => DiskWatch): Sandbox["exec"] {
  return async (command: string, options: ExecOptions): Promise<ExecResult> => {
    const before = oom.count;
    await using disk = watch();
    const result = await shell.run(command, { cwd: REPO_PATH, ...options });
    if (disk.exceeded && result.exit_code !== 0)
      return {
        ...{ ...result, oom_killed: false, disk_exceeded: true },
        output: Buffer.concat([result.output, DISK_FULL]),
      };
    const wait_ms = result.exit_code === KILLED ? OOM_WAIT_MS.killed : OOM_WAIT_MS.failed;
    const mayBe = result.exit_code !== 0 && !result.timed_out && oom.count === before;
    if (mayBe) await oom.next(wait_ms);
    return { ...result, oom_killed: oom.count > before };
  };
}

async function putFiles(engine: Engine, id: string, files: readonly FileIn[]): Promise<void> {
  const archive = await tarOf(files);
  await engine.call(
    "writing files into a container",
    (docker) =>
      // A folder in the way of a file is an error, not something to remove.
      docker.getContainer(id).putArchive(archive, { path: "/", noOverwriteDirNonDir: "1" }),
    { timeout_ms: FILE_TIMEOUT_MS },
  );
}

type Wanted = { readonly path: string; readonly most_bytes: number };

async function getFile(
  engine: Engine,
  id: string,
  { path, most_bytes }: Wanted,
): Promise<Uint8Array | undefined> {
  if (!path.startsWith("/")) throw new RangeError(`${path} is not an absolute path in a sandbox`);
  try {
    const found = await engine.call(
      "reading a file of a container",
      async (docker) => {
        const archive = await docker.getContainer(id).getArchive({ path });
        // Its size is the file's own matter, not the engine's.
        return onlyFile(archive as Readable, most_bytes).catch((error: unknown) => {
          if (error instanceof FileTooLarge) return error;
          throw error;
        });
      },
      { timeout_ms: FILE_TIMEOUT_MS },
    );
    if (found instanceof FileTooLarge) throw found;
    return found;
  } catch (error) {
    if (!refusedWith(error, 404) && !isObstacle(error)) throw error;
    await assertRunning(engine, id);
    return undefined;
  }
}

/** For engines, a file where the path has a folder is an error, not an absence. */
function isObstacle(error: unknown): boolean {
  return (
    refusedWith(error, 500) && error instanceof Error && /not a directory/i.test(error.message)
  );
}
