// Owns the folder of one local sandbox: its layout, the files that go in and out, and its removal.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { Fault } from "../fault.ts";
import { scratch } from "../files.ts";

/** Sockets have short paths (about 100 bytes): the folder keeps only the end of its unit's name. */
const LABEL_LENGTH = 24;

/** `repo` is for the repository's copy; `home`, `tmp` and `work` are there and empty. */
export type Workspace = AsyncDisposable & {
  /** Absent for commands: the harness's own files of this sandbox. */
  readonly own: string;
  readonly path: string;
  readonly repo: string;
  readonly work: string;
  /** Throws Fault `sandbox_failed` when the workspace is not there any more. */
  assertThere(): void;
  /** Writes bytes; nothing that commands have left at the path is followed. Throws RangeError outside the workspace. */
  put(path: string, bytes: Uint8Array): void;
  /** The bytes of a regular file; undefined for anything else. Throws RangeError outside the workspace. */
  get(path: string): Uint8Array | undefined;
};

/** A fresh workspace in the system's temporary folder; those of dead processes are removed first. */
export function openWorkspace(label: string): Workspace {
  const parent = join(tmpdir(), `tandem-${userInfo().uid}`);
  const folder = scratch(parent, label.replaceAll("/", "_").slice(-LABEL_LENGTH));
  const own = realpathSync(folder.path);
  const path = join(own, "w");
  mkdirSync(path);
  const { ino } = lstatSync(path);
  const assertThere = () => {
    if (lstatSync(path, { throwIfNoEntry: false })?.ino === ino) return;
    throw new Fault("sandbox_failed", `the sandbox's folder ${path} is gone`, {
      hint: "something outside removed it while it was in use: see what clears the temporary folder, then run again",
    });
  };
  for (const name of ["home", "tmp", "work"]) mkdirSync(join(path, name));
  return {
    own,
    path,
    assertThere,
    repo: join(path, "repo"),
    work: join(path, "work"),
    put(wanted, bytes) {
      assertThere();
      const target = placeInside(path, wanted);
      mkdirSync(dirname(target), { recursive: true });
      rmSync(target, { force: true });
      writeFileSync(target, bytes, { flag: "wx" });
    },
    get(wanted) {
      assertThere();
      const target = placeInside(path, wanted);
      return lstatSync(target, { throwIfNoEntry: false })?.isFile()
        ? readFileSync(target)
        : undefined;
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** The path with its folder's links resolved: commands may have left links that lead out of the workspace. */
function placeInside(workspace: string, wanted: string): string {
  const absolute = resolve(wanted);
  const there = nearestFolder(dirname(absolute));
  const real = resolve(realpathSync(there), relative(there, absolute));
  if (absolute.startsWith(`${workspace}/`) && real.startsWith(`${workspace}/`)) return real;
  throw new RangeError(`${wanted} is outside the sandbox`);
}

function nearestFolder(path: string): string {
  return existsSync(path) ? path : nearestFolder(dirname(path));
}
