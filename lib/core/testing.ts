// Owns what tests need from outside: the real dataset, engines, and the printed reason when one is absent.
import { describe } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownerTag, thisOwner } from "./owner.ts";

/** Parts a test may need. TANDEM_REQUIRE lists those whose absence is a failure, not a skip. */
export type Part =
  | "data"
  | "docker"
  | "redis"
  | "sshd"
  | "chromium"
  | "bwrap"
  | "sqlite3"
  | "bash"
  | "zsh"
  | "fish"
  | "install"
  | "unshare"
  | "loop";

const root = process.env.TANDEM_TEST_DATA;

/** Paths of the real dataset's text and of the vectors, or undefined when TANDEM_TEST_DATA is not set. */
export const testData =
  root !== undefined && existsSync(join(root, "cooperbench-data"))
    ? { dataset: join(root, "cooperbench-data"), vectors: join(root, "vectors") }
    : undefined;

/** Servers stand where users do not look. */
export const WIDE_PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

const present: Record<Part, () => boolean> = {
  data: () => testData !== undefined,
  docker: () =>
    Bun.which("docker") !== null &&
    Bun.spawnSync(["docker", "info"], { stdout: "ignore", stderr: "ignore" }).success,
  sqlite3: () => Bun.which("sqlite3") !== null,
  bash: () => Bun.which("bash") !== null,
  zsh: () => Bun.which("zsh") !== null,
  fish: () => Bun.which("fish") !== null,
  install: () => isRequired("install"),
  redis: () => Bun.which("redis-server") !== null,
  sshd: () => ["ssh", "ssh-keygen", "sshd"].every((name) => Bun.which(name, { PATH: WIDE_PATH })),
  chromium: () => Bun.which("chromium") !== null,
  bwrap: () =>
    Bun.which("bwrap") !== null &&
    Bun.spawnSync(["bwrap", "--ro-bind", "/", "/", "--unshare-pid", "true"], { stderr: "ignore" })
      .success,
  loop: () => process.getuid?.() === 0 && mountsLoop(),
  unshare: () =>
    Bun.which("unshare") !== null &&
    Bun.spawnSync([...OWN_TABLE, "true"], { stderr: "ignore" }).success,
};

/** A small disk in a file, mounted and let go. */
function mountsLoop(): boolean {
  const made = `cd "$1" && truncate -s 4M i && mkfs.ext4 -qF i && mkdir m && mount -o loop i m && umount m`;
  using folder = temporaryFolder();
  return Bun.spawnSync(["sh", "-c", made, "sh", folder.path], { stderr: "ignore" }).success;
}

/** The start of a program with a process table of its own; what precedes the program's arguments. */
export const OWN_TABLE = ["unshare", "-p", "--fork", "--mount-proc", "--kill-child"];

const REASONS: Record<Part, string> = {
  data: "TANDEM_TEST_DATA does not name a folder with cooperbench-data/",
  docker: "no Docker engine answers",
  sqlite3: "no sqlite3 on the PATH",
  bash: "no bash on the PATH",
  zsh: "no zsh on the PATH",
  fish: "no fish on the PATH",
  install: "packages are installed from the network in the full check alone",
  redis: "no redis-server on the PATH",
  sshd: "no sshd, or no ssh",
  chromium: "no chromium on the PATH",
  bwrap: "no working bubblewrap",
  unshare: "no right to make a process namespace",
  loop: "no right to mount ext4 on a loop device",
};

/** A describe block that runs only where `part` is present; elsewhere it skips and prints why, or fails when required. */
export function describeWith(part: Part, title: string, body: () => void): void {
  if (hasPart(part)) {
    describe(title, body);
    return;
  }
  if (isRequired(part))
    throw new Error(`"${title}" needs ${part}, which TANDEM_REQUIRE lists: ${REASONS[part]}`);
  process.stderr.write(`skipped: ${title}: ${REASONS[part]}\n`);
  describe.skip(title, body);
}

function isRequired(part: Part): boolean {
  return (process.env.TANDEM_REQUIRE ?? "").split(",").includes(part);
}

const known = new Map<Part, boolean>();

/** Whether the part is there; looked for once. */
export function hasPart(part: Part): boolean {
  const has = known.get(part) ?? present[part]();
  known.set(part, has);
  return has;
}

/** The tag of an owner of this machine that is gone. */
export function deadOwnerTag(): string {
  const { pid } = Bun.spawnSync(["true"]);
  return ownerTag(thisOwner().replace(/\d+\/[^/]*$/, `${pid}/1`));
}

/** Milliseconds that an act takes of this process's own, whatever else the machine does. */
export function cpuMs(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Where a temporary folder can stand for a home with tools: no sandbox has what lies under /dev. */
export const HOMES = tmpdir().startsWith("/dev/") ? "/tmp" : tmpdir();

/** A temporary folder that is removed at the end of the `using` scope. */
export function temporaryFolder(
  label = "tandem-test",
  root = tmpdir(),
): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(root, `${label}-`));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
