// Owns installing a program: one folder per version and C library, filled once, which sandboxes only read.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { jsonText, scratch, sha256 } from "../../core/files.ts";
import type { Platform, ProgramFolder } from "../../sandbox/sandbox.ts";
import { type Interpreter, interpreterFor, linkedWith, packagesFor } from "./fits.ts";
import { contentHash, fetchNpm, makeReadable, moveOnce } from "./packages.ts";
import type { Program } from "./program.ts";
import { compilePython, fetchPython, UV } from "./uv.ts";

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
  const { program, platform, cache_dir } = request;
  const wanted = packagesFor(program, platform);
  if (wanted.length === 0) return undefined;
  const interpreter = interpreterFor(program, platform);
  const kept = resolve(cache_dir, "programs");
  const target = join(kept, keyOf(request, { wanted, interpreter }));
  if (!existsSync(join(target, MARK)))
    await install(request, { wanted, interpreter, kept, target });
  const { packages, sha256 } = mark.parse(JSON.parse(readFileSync(join(target, MARK), "utf8")));
  const warm = existsSync(join(target, "home")) ? "-warm" : "";
  // Of what is in it, whatever the program is called.
  const key = `${mainPackage(packages)}-${sha256.slice(0, 12)}${warm}`;
  return { path: target, key, packages, sha256 };
}

type Wanted = {
  readonly wanted: readonly string[];
  readonly interpreter: Interpreter | undefined;
};

function keyOf(
  { platform: { libc }, program }: InstallRequest,
  { wanted, interpreter }: Wanted,
): string {
  // Without Python, packages for any C library are the same files on each.
  const isAny = interpreter === undefined && linkedWith(program, libc) === undefined;
  const of = isAny ? "any" : libc;
  const python = interpreter === undefined ? "" : { ...interpreter, uv: UV };
  const id = sha256(JSON.stringify([LAYOUT, process.arch, of, python, wanted])).slice(0, 16);
  return `${mainPackage(wanted)}-${of}-${id}`;
}

/** The last one, as a part of a file's name. */
function mainPackage(packages: readonly string[]): string {
  return packages.at(-1)?.replaceAll(/[^A-Za-z0-9.]+/g, "-") ?? "";
}

type Filling = Wanted & { readonly kept: string; readonly target: string };

async function install(request: InstallRequest, filling: Filling): Promise<void> {
  const { kept, target, wanted } = filling;
  const { say, warm, signal } = request;
  say?.(`installing ${wanted.join(", ")}`);
  mkdirSync(kept, { recursive: true });
  await using folder = scratch(kept, "program");
  const fresh = join(folder.path, "fresh");
  mkdirSync(fresh);
  const packages = await fetched(request, { ...filling, target: fresh });
  const content = contentHash(fresh);
  await compilePython(fresh, signal);
  makeReadable(fresh);
  await warm?.(fresh);
  writeFileSync(join(fresh, MARK), jsonText({ packages, sha256: content }));
  moveOnce(fresh, target);
}

/** Fills the target; returns what is in it by name, with its version. */
async function fetched(
  { program, signal }: InstallRequest,
  { wanted, interpreter, kept, target: folder }: Filling,
): Promise<string[]> {
  const namesOf = (kind: string) =>
    wanted.filter((one) => one.startsWith(kind)).map((one) => one.slice(kind.length));
  const request = { of: `${program.name} ${program.version}`, folder, signal };
  const names = namesOf("npm:");
  if (names.length > 0) await fetchNpm({ ...request, names });
  if (interpreter === undefined) return [...wanted];
  const packages = { wheels: namesOf("pypi:"), sources: namesOf("sdist:") };
  const brought = await fetchPython({ ...request, ...packages, interpreter, kept });
  return [...(brought === undefined ? [] : [`python:${brought}`]), ...wanted];
}
