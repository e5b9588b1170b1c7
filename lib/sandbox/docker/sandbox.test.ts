import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { thisOwner } from "../../core/owner.ts";
import { describeWith } from "../../core/testing.ts";
import { type DockerPlace, docker, dockerPlace, openRequest, run } from "./docker.fixture.ts";
import type { DockerBackend } from "./docker.ts";
import type { DockerSandbox } from "./sandbox.ts";

setDefaultTimeout(120_000);

describeWith("docker", "sandboxes in containers", () => {
  let place: DockerPlace;
  let backend: DockerBackend;
  let suite: DockerSandbox;
  let agent: DockerSandbox;
  beforeAll(async () => {
    place = dockerPlace();
    backend = place.backend();
    [suite, agent] = await Promise.all([
      backend.open(openRequest(place, "suite")),
      backend.open(openRequest(place, "agent")),
    ]);
  });
  afterAll(async () => {
    await suite[Symbol.asyncDispose]();
    await agent[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  const COMMANDS: [command: string, exit_code: number, text: string][] = [
    ["exit 7", 7, ""],
    ["echo a; echo b >&2; echo c", 0, "a\nb\nc\n"],
    ["printf '\\000\\377\\200'", 0, "\0\xff\x80"],
    ["kill -KILL $$", 137, ""],
    ["cat; echo input is closed", 0, "input is closed\n"],
    ["pwd; ls -d /patches", 0, "/workspace/repo\n/patches\n"],
    ["nosuchprogram", 127, "bash: line 1: nosuchprogram: command not found\n"],
  ];
  test.each(COMMANDS)("%s", async (command, exit_code, text) => {
    expect(await run(suite, command)).toMatchObject({
      ...{ exit_code, text, timed_out: false, oom_killed: false, dropped_bytes: 0 },
    });
  });

  test("neither variables nor folders leak; the host's keys are not there", async () => {
    process.env.ANTHROPIC_API_KEY = "secret-of-the-host";
    try {
      await run(suite, "export LEAK=1; cd /; umask 777");
      const { text } = await run(suite, 'echo "[$LEAK] $PWD $(umask)"; env');
      expect(text).toStartWith("[] /workspace/repo 0022\n");
      expect(text).not.toContain("secret-of-the-host");
    } finally {
      delete process.env.ANTHROPIC_API_KEY;
    }
  });

  test.each([99_000, 1_000_000])("a command of %d bytes runs", async (size) => {
    const { text } = await run(suite, `data='${"y".repeat(size)}'; echo \${#data}`);
    expect(text).toBe(`${size}\n`);
  });

  test("a command may remove its own folders, and the next one still runs", async () => {
    await using own = await backend.open(openRequest(place));
    await run(own, "rm -rf /workspace/repo /patches");
    expect((await run(own, "pwd; ls -A")).text).toBe("/workspace/repo\n");
  });

  describe("files", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
    test("of every byte go in and come out, into new folders and over old files", async () => {
      const path = "/patches/new folder/ünï.bin";
      await suite.put(path, bytes);
      expect(await suite.get(path)).toEqual(Buffer.from(bytes));
      expect((await run(suite, `stat -c '%s %a %U' '${path}' '/patches/new folder'`)).text).toMatch(
        /^256 644 root\n\d+ 755 root\n$/,
      );
      await suite.put(path, new Uint8Array());
      expect(await suite.get(path)).toBeEmpty();
    });

    test("go in many at once, with their modes and long names", async () => {
      const long = `/patches/${"deep/".repeat(30)}${"n".repeat(120)}`;
      const files = [
        { path: "/patches/a.sh", bytes: Buffer.from("#!/bin/sh\necho ran\n"), mode: 0o755 },
        { path: long, bytes },
        { path: "/workspace/repo/src/index.ts", bytes: Buffer.from("changed\n"), mode: 0o600 },
      ];
      await suite.putAll(files);
      expect(
        (await run(suite, "/patches/a.sh; stat -c %a src/index.ts; git diff --stat | wc -l")).text,
      ).toBe("ran\n600\n2\n");
      expect(await suite.get(long)).toEqual(Buffer.from(bytes));
      await run(suite, "git checkout -q src");
    });

    test("that are none are undefined: absent, folder, pipe, link", async () => {
      await run(
        suite,
        "mkdir -p /tmp/odd/folder; mkfifo /tmp/odd/pipe; ln -s /etc/passwd /tmp/odd/link",
      );
      for (const name of ["absent", "folder", "pipe", "link", "no/such/folder"])
        expect(await suite.get(`/tmp/odd/${name}`)).toBeUndefined();
    });

    test("replace a link instead of following it, and no folder", async () => {
      await run(
        suite,
        "echo kept > /tmp/target; ln -sf /tmp/target /tmp/out; mkdir -p /tmp/full/of/things",
      );
      await suite.put("/tmp/out", Buffer.from("new"));
      expect((await run(suite, "cat /tmp/target")).text).toBe("kept\n");
      await expect(suite.put("/tmp/full", Buffer.from("x"))).rejects.toMatchObject({
        code: "sandbox_failed",
      });
      expect((await run(suite, "ls /tmp/full/of")).text).toBe("things\n");
    });

    test.each(["relative", "", "/a/../../b", "/nul\0"])("at %j are refused", async (path) => {
      await expect(suite.put(path, bytes)).rejects.toThrow(RangeError);
    });

    test("of 300 MB pass through without several copies", async () => {
      // In a process of its own: what other tests left in this one's memory does not count.
      const asked = JSON.stringify({ options: place.options, request: openRequest(place) });
      const script = join(import.meta.dir, "big-file.fixture.ts");
      const child = Bun.spawn([process.execPath, script, asked], { stdout: "pipe" });
      const { is_same, copies } = JSON.parse(await new Response(child.stdout).text());
      expect(is_same).toBe(true);
      // The one that came back.
      expect(copies).toBeLessThan(1.9);
    }, 600_000);
  });

  describe("history", () => {
    test("of a suite is the image's", async () => {
      const { text } = await run(
        suite,
        "git log --all --format=%s; git rev-parse HEAD; git remote",
      );
      expect(text).toContain("the future");
      expect(text).toEndWith(
        `the base\nthe past\n${suite.base_commit}\norigin\n`.split("\n").slice(-3).join("\n"),
      );
    });

    const GONE = ["HEAD~1", "future", "v1", "trunk", "stash", "ORIG_HEAD", "origin"];
    test.each(GONE)("of an agent has no %s", async (name) => {
      expect((await run(agent, `git rev-parse -q --verify ${name}`)).exit_code).toBe(1);
    });

    test("of an agent is one commit with the same tree, and no object of the past", async () => {
      const look =
        "git log --all --format=%s; git reflog | wc -l; git rev-parse HEAD^{tree}; git branch --show-current";
      const tree = (await run(suite, "git rev-parse HEAD^{tree}")).text;
      expect((await run(agent, look)).text).toBe(`base\n0\n${tree}main\n`);
      const objects = "git rev-list --all --objects --reflog | cut -d' ' -f1 | sort -u";
      const past = (
        await run(suite, `git cat-file --batch-all-objects --batch-check='%(objectname)'`)
      ).text;
      const all = (
        await run(agent, `git cat-file --batch-all-objects --batch-check='%(objectname)'`)
      ).text;
      expect((await run(agent, objects)).text).toBe(all);
      expect(past.split("\n").length).toBeGreaterThan(all.split("\n").length + 4);
      for (const id of [suite.base_commit, `${suite.base_commit}^`])
        expect((await run(agent, `git cat-file -e ${id}`)).exit_code).not.toBe(0);
      expect(
        (await run(agent, "git fsck --strict && grep -rl 'the answer' .git | wc -l")).text,
      ).toEndWith("0\n");
    });

    test("of an agent starts at the same commit in every sandbox", async () => {
      await using other = await backend.open(openRequest(place, "agent"));
      expect(other.base_commit).toBe(agent.base_commit);
    });

    test("leaves the work tree as it was, and what the image built there", async () => {
      const files = "find . -path ./.git -prune -o -type f -printf '%p %m %s\\n' | sort";
      expect((await run(agent, files)).text).toBe((await run(suite, files)).text);
      expect((await run(agent, "cat built/lib.so env/lib.so '#[a] !b*' build.log")).text).toBe(
        "lib\nx\nx\nnoise\n",
      );
      expect(
        (await run(agent, "git status --porcelain; git add -A; git diff --cached --stat")).text,
      ).toBe("");
    });

    test("lets an agent commit, under an identity, with the repository's own settings", async () => {
      await using own = await backend.open(openRequest(place, "agent"));
      expect((await run(own, "ls /tmp")).text).not.toContain("hook-ran");
      const { text } = await run(
        own,
        "echo x > new.txt; git add . && git commit -qm work && git log -1 --format='%an %ae'; ls /tmp; git config core.hooksPath",
      );
      expect(text).toContain("agent agent@localhost\n");
      expect(text).toContain("hook-ran\n");
      expect(text).toEndWith(".hooks\n");
    });

    test("is readable where git doubts the owner", async () => {
      await using own = await backend.open(openRequest(place));
      expect((await run(own, "chown -R 1234 . && git status 2>&1 | head -1")).text).toContain(
        "dubious ownership",
      );
    });
  });

  describe("the container", () => {
    test("may do little, has limits, no mounts, no ports, and labels", async () => {
      const [info] = JSON.parse(await docker("inspect", suite.container_id));
      const { HostConfig, Config, Mounts } = info;
      expect(HostConfig).toMatchObject({
        ...{ Init: true, NetworkMode: "none", PidsLimit: 2048, Privileged: false },
        ...{ Memory: 4096 * 2 ** 20, MemorySwap: 4096 * 2 ** 20, NanoCpus: 2e9 },
        ...{ SecurityOpt: ["no-new-privileges"], CapDrop: ["ALL"], Binds: null },
      });
      expect(Mounts).toEqual([]);
      expect(HostConfig.PortBindings ?? {}).toEqual({});
      expect([Config.Entrypoint.slice(0, 2), Config.Cmd ?? []]).toEqual([["sh", "-c"], []]);
      expect(Config.Labels).toMatchObject({
        ...{ tandem: "1", "tandem.run": "a-run", "tandem.owner": thisOwner() },
        "tandem.key": "a-run/small_task/task1/features_1_2.agent1",
        "tandem.image": place.image,
      });
      expect(Date.parse(Config.Labels["tandem.expires"])).toBeGreaterThan(Date.now());
    });

    const POWERS: [command: string, works: boolean][] = [
      ["touch /tmp/x && chown 1234:1234 /tmp/x && chmod 4755 /tmp/x", true],
      ["chown 1234 /tmp/x && echo more >> /tmp/x", true],
      ["mount -t tmpfs none /mnt", false],
      ["mknod /tmp/device b 8 0", false],
      ["chroot / true", false],
      ["hostname other", false],
      ["truncate -s 9G /tmp/huge", false],
      ["truncate -s 7G /tmp/large && rm /tmp/large", true],
      ["cat < /dev/tcp/1.1.1.1/80", false],
      ["[ $(ulimit -c) = 0 ]", true],
    ];
    test.each(POWERS)("%s", async (command, works) => {
      const { exit_code } = await run(suite, command, { timeout_ms: 10_000 });
      expect(exit_code === 0).toBe(works);
    });

    test("S6: has the one network of ours when it is open, never the engine's default", async () => {
      const open = place.backend({ network: "open" });
      await using own = await open.open(openRequest(place));
      await using other = await open.open(openRequest(place, "agent"));
      const networkOf = ({ container_id }: DockerSandbox) =>
        docker("inspect", "-f", "{{.HostConfig.NetworkMode}}", container_id);
      const id = await docker("network", "ls", "-q", "--no-trunc", "--filter", "name=^tandem$");
      expect([await networkOf(own), await networkOf(other)]).toEqual([id, id]);
      expect((await run(own, "cat /proc/net/route | wc -l")).text.trim()).not.toBe("1");
    });
  });
});
