// Owns installing a program: one folder per version and C library, filled once, which sandboxes only read.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { Fault } from "../../core/fault.ts";
import { jsonText, scratch, sha256 } from "../../core/files.ts";
import type { Platform, ProgramFolder } from "../../sandbox/sandbox.ts";
import { fill } from "../templates.ts";
import { contentHash, fetchPackages, type Kind } from "./packages.ts";
import type { Program } from "./program.ts";

/** Raised when the same packages are laid out in another way. */
const LAYOUT = 1;
const MARK = "installed.json";
const mark = z.object({ packages: z.array(z.string()), sha256: z.string() });

export type Installed = ProgramFolder & {
  readonly packages: readonly string[];
  /** SHA-256 over names and contents of all that was installed. */
  readonly sha256: string;
};
export type InstallRequest = {
  readonly program: Program;
  readonly platform: Platform;
  /** Folder for what is kept between calls. */
  readonly cache_dir: string;
  readonly signal: AbortSignal;
  /** Fills what only a run of the program fills; hears why where it cannot be run here, and goes without. */
  readonly warm?: ((folder: string) => Promise<void>) | undefined;
  /** Hears what is being done, as a sentence. */
  readonly say?: ((message: string) => void) | undefined;
};

/**
 * The program's folder, filled when it is not there yet; undefined for a program that installs nothing. Whoever fills it at the
 * same time fills another one, of which the first to be ready stays. Throws Fault `program_unfit` with the reason where none fits the
 * platform, or a package cannot be had.
 */
export async function installedProgram(request: InstallRequest): Promise<Installed | undefined> {
  const { program, cache_dir } = request;
  const packages = packagesFor(request);
  if (packages.length === 0) return undefined;
  const kept = resolve(cache_dir, "programs");
  const key = keyOf(request, packages);
  const target = join(kept, key);
  if (!existsSync(join(target, MARK))) await install(request, { packages, kept, target });
  const { sha256: content } = mark.parse(JSON.parse(readFileSync(join(target, MARK), "utf8")));
  return {
    path: target,
    key: volumeKey(program, { target, content }),
    packages,
    sha256: content,
  };
}

function volumeKey(
  { name, version }: Program,
  { target, content }: { readonly target: string; readonly content: string },
): string {
  const warm = existsSync(join(target, "home")) ? "-warm" : "";
  return `${name}-${version}-${content.slice(0, 12)}${warm}`.replaceAll(/[^A-Za-z0-9._-]+/g, "-");
}

/** What to install on a platform. Throws Fault `program_unfit` where nothing fits. */
export function packagesFor({
  program,
  platform,
}: Pick<InstallRequest, "program" | "platform">): string[] {
  const { packages, python, name, version } = program;
  const found = packages[platform.libc] ?? packages.any;
  if (found === undefined && Object.keys(packages).length > 0)
    throw unfit(`${name} ${version} has no packages for ${platform.libc}, which this image has`);
  if (python !== undefined && !isAtLeast(platform.python, python))
    throw unfit(
      `${name} ${version} needs Python ${python} or later, and this image has ${platform.python ?? "none"}`,
    );
  const arch = process.arch === "arm64" ? "arm64" : "x64";
  return (found ?? []).map((one) => fill(one, { arch }));
}

function unfit(message: string): Fault {
  return new Fault("program_unfit", message, {
    hint: "choose another agent program for this task, or an image that it runs on",
  });
}

function isAtLeast(found: string | undefined, wanted: string): boolean {
  const minor = (version: string) => Number(version.split(".")[1]);
  return found !== undefined && minor(found) >= minor(wanted);
}

function keyOf({ platform, program }: InstallRequest, packages: readonly string[]): string {
  const { libc, python = "" } = platform;
  const ofPython = program.python === undefined ? "" : python;
  const id = sha256(JSON.stringify([LAYOUT, process.arch, libc, ofPython, packages])).slice(0, 16);
  return `${packages.at(-1)?.replaceAll(/[^A-Za-z0-9.]+/g, "-")}-${libc}-${id}`;
}

type Filling = {
  readonly packages: readonly string[];
  readonly kept: string;
  readonly target: string;
};

async function install(
  request: InstallRequest,
  { packages, kept, target }: Filling,
): Promise<void> {
  request.say?.(`installing ${packages.join(", ")}`);
  mkdirSync(kept, { recursive: true });
  await using folder = scratch(kept, "program");
  const fresh = join(folder.path, "fresh");
  mkdirSync(fresh);
  for (const kind of ["npm", "pypi"] as const satisfies Kind[]) {
    const named = packages.filter((one) => one.startsWith(`${kind}:`));
    const names = named.map((one) => one.slice(kind.length + 1));
    if (names.length > 0) await fetchPackages(kind, { names, folder: fresh, ...request });
  }
  const content = contentHash(fresh);
  await request.warm?.(fresh);
  writeFileSync(join(fresh, MARK), jsonText({ packages, sha256: content }));
  try {
    renameSync(fresh, target);
  } catch (error) {
    // Another process was first: what it made is the same.
    if (!existsSync(join(target, MARK))) throw error;
  }
}
