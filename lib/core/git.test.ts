import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "./fault.ts";
import { git, gitText, gitTry } from "./git.ts";
import { temporaryFolder } from "./testing.ts";

const everyByte = Uint8Array.from({ length: 256 }, (_, value) => value);

async function repository(folder: string): Promise<string> {
  const cwd = join(folder, "repository");
  mkdirSync(cwd);
  await git(["init", "--quiet", "--initial-branch=main"], { cwd });
  return cwd;
}

describe("bytes", () => {
  const cases: [title: string, bytes: Uint8Array][] = [
    ["every value", everyByte],
    ["none", new Uint8Array(0)],
    ["CRLF", Buffer.from("a\r\nb\r\n")],
    ["a part of a larger buffer", everyByte.subarray(250)],
    ["10 MiB", Buffer.alloc(10 << 20, everyByte)],
  ];
  test.each(cases)("go in and come out unchanged: %s", async (_, bytes) => {
    using folder = temporaryFolder();
    const cwd = await repository(folder.path);
    const id = await gitText(["hash-object", "-w", "--stdin"], { cwd, input: bytes });
    const read = await git(["cat-file", "blob", id], { cwd });
    expect(Buffer.compare(read, bytes)).toBe(0);
  });

  test("text goes in as UTF-8, and gitText trims what comes out", async () => {
    using folder = temporaryFolder();
    const cwd = await repository(folder.path);
    const id = await gitText(["hash-object", "-w", "--stdin"], { cwd, input: "  grün\n\n" });
    expect((await git(["cat-file", "blob", id], { cwd })).toString()).toBe("  grün\n\n");
    expect(await gitText(["cat-file", "blob", id], { cwd })).toBe("grün");
  });

  test("a command that does not read its input ends all the same", async () => {
    const result = await gitTry(["--version"], { input: new Uint8Array(10 << 20) });
    expect(result.exit_code).toBe(0);
  });
});

describe("exit statuses", () => {
  test("gitTry gives them, with what was said", async () => {
    using folder = temporaryFolder();
    const cwd = await repository(folder.path);
    const result = await gitTry(["rev-parse", "--verify", "nothing"], { cwd });
    expect(result.exit_code).toBe(128);
    expect(result.stdout.length).toBe(0);
    expect(result.stderr).toContain("fatal");
  });

  test("git and gitText make a fault of any but 0", async () => {
    using folder = temporaryFolder();
    const cwd = await repository(folder.path);
    for (const call of [git, gitText]) {
      const error = await call(["rev-parse", "--verify", "nothing"], { cwd }).catch(
        (thrown) => thrown,
      );
      expect(error).toBeInstanceOf(Fault);
      expect(error).toMatchObject({ code: "git_failed" });
      expect(String(error)).toMatch(/git rev-parse ended with 128: fatal/);
    }
  });

  test("an abort ends the command, and is no success", async () => {
    using folder = temporaryFolder();
    const cwd = await repository(folder.path);
    const controller = new AbortController();
    const marker = join(folder.path, "started");
    const alias = `alias.wait=!touch '${marker}' && exec sleep 60`;
    const call = gitTry(["-c", alias, "wait"], { cwd, signal: controller.signal });
    while (!existsSync(marker)) await Bun.sleep(5);
    controller.abort();
    expect((await call).exit_code).not.toBe(0);
  });
});

/** Runs a program that prints JSON in a process with these variables, as if the user had set them. */
function runWith(env: Record<string, string>, program: string): unknown {
  const child = Bun.spawnSync([process.execPath, "-e", program], {
    env: { ...process.env, ...env },
  });
  expect(child.stderr.toString()).toBe("");
  return JSON.parse(child.stdout.toString());
}
const GIT_MODULE = JSON.stringify(join(import.meta.dir, "git.ts"));

describe("nothing of the host", () => {
  test("its configuration, identity and variables do not count", async () => {
    using folder = temporaryFolder();
    const cwd = await repository(folder.path);
    const config =
      "[user]\n\tname = somebody\n[core]\n\tautocrlf = true\n[alias]\n\thello = version\n";
    writeFileSync(join(folder.path, ".gitconfig"), config);
    const program = `
      const { gitText, gitTry } = await import(${GIT_MODULE});
      const at = { cwd: ${JSON.stringify(cwd)} };
      const tree = await gitText(["write-tree"], at);
      const commit = await gitText(["commit-tree", "-m", "x", tree], at);
      console.log(JSON.stringify({
        commit: await gitText(["cat-file", "commit", commit], at),
        alias: (await gitTry(["hello"], at)).exit_code,
        autocrlf: await gitText(["config", "core.autocrlf"], at),
        folder: await gitText(["rev-parse", "--show-toplevel"], at),
      }));`;
    const host = {
      HOME: folder.path,
      XDG_CONFIG_HOME: folder.path,
      GIT_CONFIG_GLOBAL: join(folder.path, ".gitconfig"),
      GIT_AUTHOR_NAME: "somebody",
      GIT_DIR: join(folder.path, "elsewhere"),
      GIT_INDEX_FILE: join(folder.path, "index"),
      LC_ALL: "de_DE.UTF-8",
    };
    const found = runWith(host, program);
    expect(found).toMatchObject({ alias: 1, autocrlf: "false", folder: cwd });
    const { commit } = found as { commit: string };
    expect(commit).toContain("author tandem <tandem@localhost> 1700000000 +0000");
    expect(commit).toContain("committer tandem <tandem@localhost> 1700000000 +0000");
    expect(existsSync(join(folder.path, "index"))).toBe(false);
  });

  test("hooks of the repository do not run, wherever they are", async () => {
    using folder = temporaryFolder();
    const cwd = await repository(folder.path);
    const marker = join(folder.path, "hook-ran");
    for (const hooks of [join(cwd, ".git/hooks"), join(cwd, ".husky")]) {
      mkdirSync(hooks, { recursive: true });
      for (const name of ["pre-commit", "post-commit", "post-checkout", "post-index-change"]) {
        writeFileSync(join(hooks, name), `#!/bin/sh\ntouch '${marker}'\nexit 1\n`);
        chmodSync(join(hooks, name), 0o755);
      }
    }
    await git(["config", "core.hooksPath", ".husky"], { cwd });
    writeFileSync(join(cwd, "file"), "text\n");
    await git(["add", "file"], { cwd });
    await git(["commit", "--quiet", "-m", "one"], { cwd });
    await git(["checkout", "--quiet", "-b", "other"], { cwd });
    expect(existsSync(marker)).toBe(false);
  });

  test("it asks nobody for a password", async () => {
    const result = await gitTry(["-c", "credential.helper=", "credential", "fill"], {
      input: "protocol=https\nhost=example.invalid\n\n",
    });
    expect(result.exit_code).toBe(128);
    expect(result.stderr).toContain("terminal prompts disabled");
  });
});

test("git_dir and env reach the command", async () => {
  using folder = temporaryFolder();
  const cwd = await repository(folder.path);
  const git_dir = join(cwd, ".git");
  const blob = await gitText(["hash-object", "-w", "--stdin"], { git_dir, input: "text\n" });
  const env = { GIT_INDEX_FILE: join(folder.path, "other-index") };
  await git(["update-index", "--add", "--cacheinfo", `100644,${blob},file`], { git_dir, env });
  expect(await gitText(["ls-files"], { git_dir, env })).toBe("file");
  expect(await gitText(["ls-files"], { git_dir })).toBe("");
});
