// Owns reading what single files hold in the base.
import { gitTrySync } from "../core/git.ts";
import type { BaseText } from "../patch/runner-files.ts";
import type { Base } from "../sandbox/sandbox.ts";

/** By a call of git a file: only files that configure many tools are asked for, and hardly any patch touches one. */
export function baseText({ git_dir, tree }: Base): BaseText {
  return (path) => {
    const args = ["--git-dir", git_dir, "cat-file", "blob", `${tree}:${path}`];
    const { exit_code, stdout } = gitTrySync(args, { cwd: git_dir, input: new Uint8Array() });
    return exit_code === 0 ? stdout.toString("latin1") : undefined;
  };
}
