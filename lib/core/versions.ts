// Owns the versions that a run records: Tandem, Bun, git.
import pkg from "../../package.json" with { type: "json" };
import { Fault } from "./fault.ts";
import { gitText } from "./git.ts";

const OLDEST_GIT = [2, 38] as const;

export const TANDEM_VERSION: string = pkg.version;

/** git's version as it prints it. Throws Fault `git_too_old` below 2.38 (merge-tree --write-tree) or when there is none. */
export async function gitVersion(): Promise<string> {
  const hint = "install git 2.38 or newer";
  const printed = await gitText(["--version"]).catch((cause: unknown) => {
    throw new Fault("git_too_old", "git does not answer", { hint, cause });
  });
  const [, major = "0", minor = "0"] = /(\d+)\.(\d+)/.exec(printed) ?? [];
  const older =
    Number(major) < OLDEST_GIT[0] ||
    (Number(major) === OLDEST_GIT[0] && Number(minor) < OLDEST_GIT[1]);
  if (older) throw new Fault("git_too_old", `${printed} cannot merge without a checkout`, { hint });
  return printed.replace(/^git version /, "");
}
