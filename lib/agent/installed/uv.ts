// Owns uv, which brings Pythons and packages of PyPI: where it comes from, and what is asked of it.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Fault } from "../../core/fault.ts";
import { scratch, walk } from "../../core/files.ts";
import type { Interpreter } from "./fits.ts";
import {
  buildName,
  INTERPRETER,
  LAUNCHER,
  PYTHON,
  PYTHON_COMMAND,
  platformName,
} from "./interpreter.ts";
import { moveOnce } from "./packages.ts";
import { onPath, ran } from "./tool.ts";

/** It decides which build of a version of Python is brought. */
export const UV = "0.13.9";
/** What builds of Python name as the folder that they are in. */
const NOWHERE = "/install";

export type PythonRequest = {
  /** The program, as a message says it. */
  readonly of: string;
  readonly interpreter: Interpreter;
  /** Of PyPI, `NAME==VERSION`: those that come as wheels, and those whose own setup makes one here. */
  readonly wheels: readonly string[];
  readonly sources: readonly string[];
  /** What is filled. */
  readonly folder: string;
  /** Folder for what is kept between calls. */
  readonly kept: string;
  readonly signal: AbortSignal;
};

/**
 * Lays the interpreter, where it is to be brought along, and the packages into the folder; returns the exact version that it has
 * brought. Throws Fault `program_unfit` with the reason where one of them cannot be had.
 */
export async function fetchPython(request: PythonRequest): Promise<string | undefined> {
  const uv = await uvPath(request);
  const brought = await bring(uv, request);
  await fetchWheels(uv, request);
  return brought;
}

/** The pinned one, which pip installs; else the one of this machine. */
async function uvPath({ of, kept, signal }: PythonRequest): Promise<string> {
  const target = join(kept, `uv-${UV}`);
  const uv = join(target, "bin", "uv");
  if (existsSync(uv)) return uv;
  mkdirSync(kept, { recursive: true });
  await using folder = scratch(kept, "uv");
  const fresh = join(folder.path, "fresh");
  const pip = ["python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  const wish = ["--no-compile", "--only-binary=:all:", "--target", fresh, `uv==${UV}`];
  const failed = await ran([...pip, ...wish], { folder: folder.path, signal });
  if (failed === undefined) {
    moveOnce(fresh, target);
    return uv;
  }
  const own = onPath("uv");
  if (own !== undefined) return own;
  throw new Fault(
    "program_unfit",
    `${of} is installed by uv, which this machine does not have, and pip cannot install it: ${failed}`,
    {
      hint: `install uv ${UV}, or Python with pip that reaches PyPI, then run warm-agents; attempts need neither`,
    },
  );
}

/** An image's own Python needs nothing. */
async function bring(uv: string, request: PythonRequest): Promise<string | undefined> {
  const { of, interpreter, folder, signal } = request;
  if (!interpreter.brought) return undefined;
  const { version } = interpreter;
  const name = buildName(interpreter);
  const into = join(folder, ".pythons");
  const failed = await ran(
    [uv, "python", "install", "--no-bin", "--no-progress", "--install-dir", into, name],
    { folder, signal },
  );
  const found = failed === undefined ? builtIn(into, version) : undefined;
  if (found === undefined)
    throw new Fault(
      "program_unfit",
      `${of} needs Python ${version}, which this image lacks, and ${name} cannot be brought: ${failed ?? "uv installed nothing"}`,
      {
        hint: `run warm-agents where uv can download it, name a mirror of its builds in UV_PYTHON_INSTALL_MIRROR (or a list of builds in UV_PYTHON_DOWNLOADS_JSON_URL), or take an image with Python ${version}`,
      },
    );
  forgetPlace(join(into, found));
  renameSync(join(into, found), join(folder, INTERPRETER));
  rmSync(into, { recursive: true });
  return found.split("-")[1];
}

/** The folder of the build, beside links to it and files of uv's own. */
function builtIn(folder: string, version: string): string | undefined {
  return readdirSync(folder, { withFileTypes: true }).find(
    (entry) => entry.isDirectory() && entry.name.startsWith(`cpython-${version}.`),
  )?.name;
}

/** uv writes there where the build was installed, which is not where it will be. */
function forgetPlace(build: string): void {
  for (const entry of walk(build)) {
    if (!entry.isFile() || !/^_sysconfigdata.*\.py$|\.pc$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(build, NOWHERE));
  }
}

async function fetchWheels(uv: string, request: PythonRequest): Promise<void> {
  const { of, interpreter, wheels, sources, folder, signal } = request;
  const target = join(folder, PYTHON);
  const own = onPath("python3") === undefined ? ["--python", join(folder, PYTHON_COMMAND)] : [];
  const failed = await ran(
    [
      ...[uv, "pip", "install", "--no-progress", "--link-mode", "copy", "--target", target, ...own],
      ...["--python-version", interpreter.version],
      ...["--python-platform", platformName(interpreter)],
      ...["--only-binary", ":all:"],
      ...sources.flatMap((one) => ["--no-binary", one.split("==", 1)[0] ?? one]),
      ...wheels,
      ...sources,
    ],
    { folder, signal },
  );
  if (failed !== undefined)
    throw new Fault("program_unfit", `${of} could not be installed: ${failed}`, {
      hint: "warm-agents needs PyPI, or an index that UV_DEFAULT_INDEX names: run it where one is reached, then runs need no network",
    });
  forgetHere(target);
  writeFileSync(join(target, "__main__.py"), LAUNCHER);
}

/** Scripts that start this machine's Python, and lists with their hashes. */
function forgetHere(target: string): void {
  rmSync(join(target, "bin"), { recursive: true, force: true });
  rmSync(join(target, ".lock"), { force: true });
  for (const name of readdirSync(target))
    if (name.endsWith(".dist-info")) rmSync(join(target, name, "RECORD"), { force: true });
}

/** Compiles what is in the folder, so that no start has to: nothing is done where its Python does not run on this machine. */
export async function compilePython(folder: string, signal: AbortSignal): Promise<void> {
  const python = join(folder, PYTHON_COMMAND);
  if (!existsSync(python)) return;
  const quiet = [python, "-I", "-m", "compileall", "-q", "-j", "0"];
  const wish = ["--invalidation-mode", "unchecked-hash", INTERPRETER, PYTHON];
  await ran([...quiet, ...wish], { folder, signal });
}
