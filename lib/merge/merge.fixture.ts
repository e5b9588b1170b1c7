// Owns the small real repositories of the merge tests: files in, patches and reference merges by git itself out.
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { git, gitText, gitTry } from "../core/git.ts";
import { temporaryFolder } from "../core/testing.ts";
import { type MergeJob, type MergeResult, mergeAttempts } from "./merge.ts";

/** Content of a file, `{ link }`, `{ run }` (executable) or null (deleted), by path. */
export type Files = Record<string, string | Uint8Array | { link: string } | { run: string } | null>;

export class Repository implements Disposable {
  readonly #folder = temporaryFolder("tandem-merge");
  readonly git_dir = join(this.#folder.path, ".git");
  tree = "";

  static async of(files: Files): Promise<Repository> {
    const repository = new Repository();
    await repository.run("init", "--quiet", "--initial-branch=base");
    repository.#write(files);
    await repository.#commit("base");
    repository.tree = await repository.run("rev-parse", "base^{tree}");
    return repository;
  }

  /** The patch that makes these changes to the base, as an agent's `git diff --binary` gives it. */
  async patch(changes: Files, flags: readonly string[] = ["--binary"]): Promise<Uint8Array> {
    await this.run("checkout", "--quiet", "--force", "-B", "scratch", "base");
    this.#write(changes);
    await this.run("add", "--all");
    return git(["diff", "--cached", ...flags, "base"], { cwd: this.#folder.path });
  }

  /** What `git merge` in a checkout makes of the patches, agent by agent: the tree, or where it conflicts. */
  async merged(patches: readonly Uint8Array[], union: boolean): Promise<string> {
    writeFileSync(join(this.git_dir, "info", "attributes"), union ? "* merge=union\n" : "");
    for (const [at, patch] of patches.entries()) {
      await this.run("checkout", "--quiet", "--force", "-B", `agent${at + 1}`, "base");
      await git(["apply", "--index", "-"], { cwd: this.#folder.path, input: patch });
      await this.#commit(`agent${at + 1}`);
      if (at === 0) continue;
      const merge = ["merge", "--quiet", "--no-edit", "--no-ff", `agent${at}`];
      const { exit_code } = await gitTry(merge, { cwd: this.#folder.path });
      if (exit_code !== 0) {
        await this.run("reset", "--quiet", "--hard");
        return `conflict at ${at + 1}`;
      }
    }
    return this.run("rev-parse", "HEAD^{tree}");
  }

  /** A file's text in a tree that the diff makes of the base. */
  async applied(
    diff: Uint8Array,
  ): Promise<{ tree: string; read: (path: string) => Promise<string> }> {
    await this.run("checkout", "--quiet", "--force", "-B", "check", "base");
    if (diff.length > 0)
      await git(["apply", "--index", "-"], { cwd: this.#folder.path, input: diff });
    const tree = await this.run("write-tree");
    const read = (path: string) =>
      git(["show", `${tree}:${path}`], { cwd: this.#folder.path }).then(String);
    return { tree, read };
  }

  run(...args: string[]): Promise<string> {
    return gitText(args, { cwd: this.#folder.path });
  }

  #commit(message: string): Promise<string> {
    return this.run("add", "--all").then(() =>
      this.run("commit", "--quiet", "--allow-empty", "--message", message),
    );
  }

  #write(files: Files): void {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.#folder.path, name);
      rmSync(path, { force: true });
      if (content === null) continue;
      mkdirSync(dirname(path), { recursive: true });
      if (typeof content === "string" || content instanceof Uint8Array)
        writeFileSync(path, content);
      else if ("link" in content) symlinkSync(content.link, path);
      else {
        writeFileSync(path, content.run);
        chmodSync(path, 0o755);
      }
    }
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

/** Runs a batch in a scratch folder of its own. */
export async function mergeHere(jobs: readonly MergeJob[], signal?: AbortSignal) {
  using folder = temporaryFolder("tandem-merge");
  return await mergeAttempts(jobs, { scratch: folder.path, concurrency: 2, signal });
}

/** Runs one job that must have a result. */
export async function mergeOne(job: Omit<MergeJob, "id">): Promise<MergeResult> {
  const [outcome] = await mergeHere([{ id: "one", ...job }]);
  if (!outcome || "fault" in outcome) throw outcome?.fault ?? new Error("no outcome");
  return outcome;
}

/** Lines `line 1` … `line <count>`, some replaced, each with a newline. */
export function numbered(count: number, replaced: Record<number, string> = {}): string {
  return Array.from({ length: count }, (_, at) => `${replaced[at + 1] ?? `line ${at + 1}`}\n`).join(
    "",
  );
}
