// Owns the folder of one local sandbox: its layout, the files that go in and out, and its removal.
import { chmodSync, lstatSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { basename, dirname, join } from "node:path";
import { Fault } from "../../core/fault.ts";
import { scratch } from "../../core/files.ts";
import { makeBeneath, readBeneath, writeBeneath } from "../beneath.ts";
import { hostUser } from "./host-user.ts";
import { type Layout, layoutOf, partsInside } from "./layout.ts";
import { ownEtc } from "./own-etc.ts";

/** Sockets have short paths (about 100 bytes): the folder keeps only the end of its unit's name. */
const LABEL_LENGTH = 24;

/** `repo` is for the repository's copy; `home`, `tmp` and `work` are there and empty. */
export type Workspace = AsyncDisposable &
  Layout & {
    /** The host's user that the workspace belongs to, once it was handed over; undefined for ours. */
    readonly user: number | undefined;
    /** What fails while the workspace is filled fails with Fault `sandbox_failed` when the workspace is gone. */
    fill<T>(work: () => Promise<T>): Promise<T>;
    /** Gives all that is in it to the user. */
    handOver(): void;
    /** Gives it all back to us, when no command will run in it any more. */
    takeBack(): void;
    /** Makes sure that the work folder is there, whatever commands did to it. Throws as `put`. */
    assertThere(): void;
    /**
     * Writes bytes to a path as commands have it; nothing that they have left there is followed. Throws RangeError
     * outside the workspace, Fault `sandbox_failed` when the workspace is gone.
     */
    put(path: string, bytes: Uint8Array): void;
    /** The bytes of a regular file; undefined for anything else. Throws as `put`, and FileTooLarge. */
    get(path: string, most_bytes: number): Uint8Array | undefined;
  };

type Kind = {
  /** Whether commands see it alone; what they have then lies where the images have it. */
  readonly isolated: boolean;
  /** Folder for scratch folders; one in the system's temporary folder when absent. */
  readonly root?: string;
};

/** A fresh workspace; those of dead processes are removed first. */
export function openWorkspace(label: string, { isolated, root }: Kind): Workspace {
  const parent = root ?? join(tmpdir(), `tandem-${userInfo().uid}`);
  const folder = scratch(parent, label.replaceAll("/", "_").slice(-LABEL_LENGTH));
  const own = realpathSync(folder.path);
  const user = isolated ? hostUser(dirname(own)) : undefined;
  const layout = layoutOf(own, isolated);
  makeFolders(layout, user);
  const path = layout.host.root;
  const { ino } = lstatSync(path);
  const check = () => {
    if (lstatSync(path, { throwIfNoEntry: false })?.ino === ino) return;
    throw new Fault("sandbox_failed", `the sandbox's folder ${path} is gone`, {
      hint: "something outside removed it while it was in use: see what clears the temporary folder, then run again",
    });
  };
  const partsOf = (wanted: string) => {
    check();
    return partsInside(layout, wanted);
  };
  return {
    ...{ ...layout, user },
    async fill(work) {
      try {
        return await work();
      } catch (error) {
        check();
        throw error;
      }
    },
    handOver() {
      if (user !== undefined) giveAll(path, user);
    },
    takeBack() {
      if (user !== undefined) giveAll(path, userInfo().uid);
    },
    assertThere() {
      check();
      makeBeneath(path, [basename(layout.host.work)], user)[Symbol.dispose]();
    },
    put: (wanted, bytes) => writeBeneath(path, partsOf(wanted), { bytes, owner: user }),
    get: (wanted, most_bytes) => readBeneath(path, partsOf(wanted), most_bytes),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Whatever mask of modes we have: another user is to read the room's own files. */
function makeFolders({ host, inside }: Layout, user: number | undefined): void {
  for (const made of new Set([host.root, host.etc, host.scripts, host.place])) {
    mkdirSync(made);
    chmodSync(made, 0o755);
  }
  for (const made of [host.home, host.work, host.tmp]) mkdirSync(made);
  chmodSync(host.tmp, 0o1777);
  for (const [name, text] of Object.entries(ownEtc(user ?? userInfo().uid, inside.home))) {
    writeFileSync(join(host.etc, name), text);
    chmodSync(join(host.etc, name), 0o644);
  }
}

/** Before any command has run: while one runs, Tandem never walks through what it may change. */
export function giveAll(path: string, user: number): void {
  spawnOrThrow(["chown", "-hR", `${user}:${user}`, path]);
}

/** Throws Fault `sandbox_failed` with the program's own words when it fails. */
export function spawnOrThrow(command: readonly string[]): void {
  const done = Bun.spawnSync([...command], { stderr: "pipe", env: { PATH: process.env.PATH } });
  if (done.success) return;
  throw new Fault("sandbox_failed", `${command.join(" ")} failed: ${done.stderr}`.trim(), {
    hint: "the temporary folder (TMPDIR) and --log-dir need a file system with owners",
  });
}
