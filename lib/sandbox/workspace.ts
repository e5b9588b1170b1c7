// Owns the folder of one local sandbox: its layout, the files that go in and out, and its removal.
import { chmodSync, lstatSync, mkdirSync, realpathSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Fault } from "../fault.ts";
import { scratch } from "../files.ts";
import { makeBeneath, readBeneath, writeBeneath } from "./beneath.ts";
import { hostUser } from "./host-user.ts";

/** Sockets have short paths (about 100 bytes): the folder keeps only the end of its unit's name. */
const LABEL_LENGTH = 24;

/** `repo` is for the repository's copy; `home`, `tmp` and `work` are there and empty. */
export type Workspace = AsyncDisposable & {
  /** The harness's own part, which isolated commands do not see. */
  readonly own: string;
  readonly path: string;
  readonly repo: string;
  readonly work: string;
  /** What isolated commands see as /tmp. */
  readonly tmp: string;
  /** The host's user that the workspace belongs to, once it was handed over; undefined for ours. */
  readonly user: number | undefined;
  /** Gives all that is in it to the user. */
  handOver(): void;
  /** Makes sure that the work folder is there, whatever commands did to it. Throws as `put`. */
  assertThere(): void;
  /**
   * Writes bytes; nothing that commands have left at the path is followed. Throws RangeError outside the workspace, Fault
   * `sandbox_failed` when the workspace is gone.
   */
  put(path: string, bytes: Uint8Array): void;
  /** The bytes of a regular file; undefined for anything else. Throws as `put`, and FileTooLarge. */
  get(path: string, most_bytes: number): Uint8Array | undefined;
};

/** A fresh workspace in the system's temporary folder; those of dead processes are removed first. */
export function openWorkspace(label: string, { isolated }: { isolated: boolean }): Workspace {
  const parent = join(tmpdir(), `tandem-${userInfo().uid}`);
  const folder = scratch(parent, label.replaceAll("/", "_").slice(-LABEL_LENGTH));
  const own = realpathSync(folder.path);
  const user = isolated ? hostUser(dirname(own)) : undefined;
  const [path, tmp] = [join(own, "w"), join(own, "tmp")];
  for (const made of [path, tmp, ...["home", "tmp", "work"].map((name) => join(path, name))])
    mkdirSync(made);
  chmodSync(tmp, 0o1777);
  const { ino } = lstatSync(path);
  const assertThere = () => {
    if (lstatSync(path, { throwIfNoEntry: false })?.ino === ino) return;
    throw new Fault("sandbox_failed", `the sandbox's folder ${path} is gone`, {
      hint: "something outside removed it while it was in use: see what clears the temporary folder, then run again",
    });
  };
  const partsOf = (wanted: string) => {
    assertThere();
    return partsInside(path, wanted);
  };
  return {
    own,
    path,
    tmp,
    user,
    repo: join(path, "repo"),
    work: join(path, "work"),
    handOver() {
      if (user !== undefined) giveAll(path, user);
    },
    assertThere: () => makeBeneath(path, partsOf(join(path, "work")), user)[Symbol.dispose](),
    put: (wanted, bytes) => writeBeneath(path, partsOf(wanted), { bytes, owner: user }),
    get: (wanted, most_bytes) => readBeneath(path, partsOf(wanted), most_bytes),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** The names that lead from the workspace to a path. Throws RangeError when the path does not lead into it. */
function partsInside(workspace: string, wanted: string): string[] {
  const absolute = resolve(wanted);
  if (absolute.startsWith(`${workspace}/`)) return absolute.slice(workspace.length + 1).split("/");
  throw new RangeError(`${wanted} is outside the sandbox`);
}

/** Before any command has run: afterwards nothing of ours walks through what commands may change. */
export function giveAll(path: string, user: number): void {
  const given = Bun.spawnSync(["chown", "-hR", `${user}:${user}`, path], {
    stderr: "pipe",
    env: { PATH: process.env.PATH },
  });
  if (given.success) return;
  throw new Fault(
    "sandbox_failed",
    `${path} could not be given to the sandbox's user: ${given.stderr}`,
    {
      hint: "the temporary folder (TMPDIR) needs a file system with owners",
    },
  );
}
