// Owns the warmed home of a program: what its first run leaves there, so that no attempt has to do it again.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { interpreterFor } from "../agent/installed/fits.ts";
import { makeReadable } from "../agent/installed/packages.ts";
import { quoted } from "../agent/installed/place.ts";
import type { Program } from "../agent/installed/program.ts";
import { Fault } from "../core/fault.ts";
import { diskScratch } from "../core/files.ts";
import { openPort } from "../model/port/port.ts";
import { DEFAULT_BACKEND, openBackend } from "../sandbox/registry.ts";
import type { Platform, Sandbox } from "../sandbox/sandbox.ts";
import { TRIAL_TASK, tryProgram } from "./trial.ts";

const MOST_HOME_BYTES = 256 * 1024 ** 2;
const TRIAL_MS = 5 * 60_000;

export type WarmRequest = {
  readonly program: Program;
  /** What the program was installed for. */
  readonly platform: Platform;
  /** Its folder, which gets the home. */
  readonly path: string;
  readonly signal: AbortSignal;
};

/**
 * Runs the program once in a sandbox of this machine and keeps the home as `home` of its folder. Throws Fault `program_unfit` with
 * the reason where it cannot be run here.
 */
export async function warmHome({ program, platform, path, signal }: WarmRequest): Promise<void> {
  await using space = diskScratch("home");
  await using port = await openPort({ dir: join(space.path, "s") });
  const backend = await openBackend({
    ...{ name: DEFAULT_BACKEND, log_dir: space.path, hidden: [], unsafe_local: false, options: {} },
  });
  const own = await backend.platform(TRIAL_TASK, signal);
  const misfit = misfitOf(program, { own, platform });
  if (misfit !== undefined) throw unkept(program, misfit);
  const archive = join(space.path, "home.tar");
  const request = { program, backend, port, signal, max_wall_ms: TRIAL_MS };
  await tryProgram({
    ...{ ...request, folder: { source: path } },
    after: async (sandbox) => writeFileSync(archive, await homeOf(sandbox, program, signal)),
  });
  const home = join(path, "home");
  mkdirSync(home);
  const unpacked = Bun.spawnSync(["tar", "-xf", archive, "--no-same-owner", "-C", home], {
    stderr: "pipe",
  });
  if (!unpacked.success) throw unkept(program, unpacked.stderr.toString());
  makeReadable(home);
}

type Platforms = { readonly own: Platform; readonly platform: Platform };

/** Why this machine cannot run what was installed for a platform. */
function misfitOf(program: Program, { own, platform }: Platforms): string | undefined {
  const interpreter = interpreterFor(program, platform);
  const isLinked = program.packages.any === undefined || interpreter !== undefined;
  if (isLinked && own.libc !== platform.libc)
    return `it was installed for ${platform.libc}, and this machine has ${own.libc}`;
  if (interpreter === undefined || interpreter.brought || own.python === interpreter.version)
    return undefined;
  return `it was installed for Python ${interpreter.version}, and this machine has ${own.python ?? "none"}`;
}

/** As a tar archive, without what each attempt writes itself and what its record is found by. */
async function homeOf(
  sandbox: Sandbox,
  program: Program,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const path = join(sandbox.work_path, "home.tar");
  const left = [...Object.keys(program.files), program.transcript, ".profile", ".cache/tmp"];
  const out = left.map((name) => `--exclude=${quoted(`./${name}`)}`).join(" ");
  const packed = await sandbox.exec(`tar -C "$HOME" ${out} -cf ${quoted(path)} .`, {
    ...{ timeout_ms: TRIAL_MS, signal, cwd: "/" },
  });
  const bytes = packed.exit_code === 0 ? await sandbox.get(path, MOST_HOME_BYTES) : undefined;
  if (bytes === undefined) throw unkept(program, Buffer.from(packed.output).toString());
  return bytes;
}

function unkept({ name }: Program, why: string): Fault {
  return new Fault("program_unfit", `the home of ${name} could not be kept: ${why.trim()}`, {
    hint: "free disk space, then run warm-agents again",
  });
}
