import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../core/fault.ts";
import { describeWith, HOMES, temporaryFolder } from "../../core/testing.ts";
import type { Backend, OpenOptions, Sandbox, TaskFiles } from "../sandbox.ts";
import { run, SMALL_SETUP, taskPlace } from "../task.fixture.ts";
import { localBackend } from "./local.ts";

setDefaultTimeout(60_000);

/** What package managers leave: absolute paths in the repository, folders beside it, caches at home. */
const SETUP = `${SMALL_SETUP}
echo built > .gitignore && git commit -qam 'ignore what is built'
mkdir built && printf '#!%s/built/interpreter\\n' "$PWD" > built/tool && chmod +x built/tool
printf '#!/bin/sh\\necho "$0 runs in $(pwd -P)"\\n' > built/interpreter && chmod +x built/interpreter
pwd > built/where && mkdir ../beside && echo beside > ../beside/file
mkdir -p ~/.cache/small ~/store && echo kept > ~/.cache/small/file && truncate -s 300M ~/store/large
echo gone > /tmp/of-setup; ls / > built/top
`;

describeWith("bwrap", "S5: a room built from nothing", () => {
  let place: ReturnType<typeof taskPlace>;
  let backend: Backend;
  let task: TaskFiles;
  const opened: Sandbox[] = [];
  const open = async (purpose: OpenOptions["purpose"], using = backend) => {
    const sandbox = await using.open({ task, label: "a-room", purpose });
    opened.push(sandbox);
    return sandbox;
  };
  let agent: Sandbox;
  let suite: Sandbox;
  beforeAll(async () => {
    place = taskPlace();
    task = place.task(SETUP);
    mkdirSync(join(task.dir, "feature1"));
    writeFileSync(join(task.dir, "feature1/tests.patch"), "hidden");
    backend = place.backend(false);
    [agent, suite] = [await open("agent"), await open("suite")];
  });
  afterAll(async () => {
    for (const sandbox of opened) await sandbox[Symbol.asyncDispose]();
    place[Symbol.dispose]();
  });

  test("agents and suites have the repository where images have it, and its first name leads there", async () => {
    for (const sandbox of [agent, suite]) {
      expect(sandbox).toMatchObject({ repo_path: "/workspace/repo", work_path: "/patches" });
      const { text } = await run(
        sandbox,
        'pwd -P; cd "$(cat built/where)" && pwd -P && built/tool',
      );
      expect(text).toBe(
        "/workspace/repo\n/workspace/repo\n/workspace/small/built/interpreter runs in /workspace/repo\n",
      );
    }
  });

  test("setup.sh's home and what it left beside the repository are kept; its /tmp is not", async () => {
    for (const sandbox of [agent, suite]) {
      const { text } = await run(
        sandbox,
        "cat ~/.cache/small/file ../beside/file; ls /tmp/of-setup 2>&-; stat -c %s ~/store/large",
      );
      expect(text).toBe(`kept\nbeside\n${300 * 2 ** 20}\n`);
    }
  });

  test("what one sandbox changes at home no other sees; large stores are an agent's to read", async () => {
    const write =
      "echo changed > ~/.cache/small/file; echo x > ~/new; echo x >> ~/store/large || echo refused";
    expect((await run(agent, write)).text).toContain("refused\n");
    const other = await open("agent");
    expect((await run(other, "cat ~/.cache/small/file; ls ~")).text).toBe("kept\nstore\n");
    expect(await run(suite, "echo x > ~/store/new && cat ~/store/new")).toMatchObject({
      text: "x\n",
    });
    expect((await run(other, "ls ~/store")).text).toBe("large\n");
  });

  test("nothing is there but what is listed", async () => {
    const listed =
      ".tandem bin dev etc lib lib32 lib64 libx32 patches proc run sbin sys tmp usr var workspace nix gnu";
    const tools = (await run(agent, "echo $PATH")).text
      .split(/[:\n]/)
      .map((path) => path.split("/")[1]);
    const known = new Set([...listed.split(" "), ...tools, "root", "home", "opt"]);
    for (const command of ["ls -A /", "cat built/top"]) {
      const { text } = await run(agent, command);
      expect(
        text
          .trim()
          .split("\n")
          .filter((name) => !known.has(name)),
      ).toEqual([]);
    }
    expect((await run(agent, "ls -A /.tandem")).text).toBe("scripts\n");
    expect(
      (
        await run(
          agent,
          "echo x > /new; echo x > /etc/new; echo x > /usr/new; ls -d /new /etc/new /usr/new",
        )
      ).exit_code,
    ).not.toBe(0);
    expect(
      (
        await run(
          agent,
          "ls /etc | grep -xE 'shadow|gshadow|sudoers|hostname|machine-id|ssh|docker|environment|cron.d'",
        )
      ).text,
    ).toBe("");
  });

  test("users and groups are its own: no other of the host is known", async () => {
    const { text } = await run(
      agent,
      "cut -d: -f1 /etc/passwd; id -un; getent passwd $(id -u) | cut -d: -f6",
    );
    expect(text).toBe("root\nagent\nnobody\nagent\n/workspace/home\n");
  });

  test.each(["~/CooperBench", "/srv/data", "/var/data", "/opt/data", "/home/x"])(
    "a folder that fetch-dataset took it from is not there: %s",
    async (path) => {
      expect((await run(agent, `ls ${path}`)).exit_code).toBe(2);
      expect(
        (await run(agent, `find / -xdev -name tests.patch 2>&- | head -1; ls '${task.dir}'`)).text,
      ).toContain("No such file");
    },
  );

  test("a folder that is hidden is empty even in a tool's home, and keys there are no tools", async () => {
    using home = temporaryFolder("tandem-tools", HOMES);
    const bin = join(home.path, "node-v20/bin");
    for (const folder of [bin, join(home.path, "node-v20/lib"), join(home.path, "node-v20/logs")])
      mkdirSync(folder, { recursive: true });
    writeFileSync(join(bin, "odd-tool"), "#!/bin/sh\ncat $(dirname $0)/../lib/word\n", {
      mode: 0o755,
    });
    writeFileSync(join(home.path, "node-v20/lib/word"), "it runs\n");
    writeFileSync(join(home.path, "node-v20/logs/patch"), "SECRET\n");
    writeFileSync(join(home.path, "node-v20/credentials.toml"), "SECRET\n");
    writeFileSync(join(home.path, "beside"), "SECRET\n");
    const path = process.env.PATH;
    process.env.PATH = `${bin}:${path}`;
    try {
      const hidden = [join(home.path, "node-v20/logs")];
      const own = localBackend({ cache_dir: place.cache_dir, hidden, unsafe_local: false });
      const sandbox = await open("agent", own);
      const look = `odd-tool; cat ${home.path}/beside ${home.path}/node-v20/*/patch ${home.path}/node-v20/*.toml`;
      const { text } = await run(sandbox, look);
      expect(text).toStartWith("it runs\n");
      expect(text).not.toContain("SECRET");
    } finally {
      process.env.PATH = path;
    }
  });

  const INTERFACES = "ls /sys/class/net 2>&- || tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '";
  const LINK = "readlink /proc/self/ns/net";
  const hosts = Bun.spawnSync(["readlink", "/proc/self/ns/net"]).stdout.toString();

  test("S6: an agent has no network, a suite has the host's, and setup.sh had", async () => {
    expect((await run(agent, INTERFACES)).text).toBe("lo\n");
    expect((await run(agent, LINK)).text).not.toBe(hosts);
    expect((await run(suite, LINK)).text).toBe(hosts);
    expect(
      (await run(agent, "ls /etc/resolv.conf; getent hosts localhost | wc -l")).text,
    ).toEndWith("1\n");
  });

  test("S6: as asked for, it is the same for agents and suites, and part of the environment", async () => {
    const keys = new Set([await backend.environment(task)]);
    for (const [network, same] of [
      ["none", false],
      ["open", true],
    ] as const) {
      const own = localBackend({
        cache_dir: place.cache_dir,
        hidden: [],
        unsafe_local: false,
        network,
      });
      for (const purpose of ["agent", "suite"] as const)
        expect((await run(await open(purpose, own), LINK)).text === hosts).toBe(same);
      keys.add(await own.environment(task));
    }
    // Suites are open unless told.
    expect(keys.size).toBe(2);
    expect(keys).not.toContain(await place.backend(true).environment(task));
  });

  test("S6: partners without network cannot talk; each has a loopback of its own", async () => {
    const partner = await open("agent");
    const listen = `timeout 5 perl -MIO::Socket::INET -e '$| = 1; $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 7003, Listen => 1) or die; print "up\\n"; $s->accept and print "somebody\\n"'`;
    const connect =
      "timeout 2 bash -c 'exec 3<>/dev/tcp/127.0.0.1/7003' 2>&- && echo connected || echo refused";
    const [heard, said] = await Promise.all([
      run(agent, listen),
      Bun.sleep(1_000).then(() => run(partner, connect)),
    ]);
    expect([heard.text, said.text]).toEqual(["up\n", "refused\n"]);
    const itself = `(${listen}) & until (exec 3<>/dev/tcp/127.0.0.1/7003) 2>&-; do sleep 0.1; done; wait`;
    expect((await run(agent, itself)).text).toBe("up\nsomebody\n");
  });

  test("S6: --network none cannot be kept without bubblewrap, and is refused", () => {
    const options = { cache_dir: place.cache_dir, hidden: [], unsafe_local: true };
    expect(() => localBackend({ ...options, network: "none" })).toThrow(UsageError);
  });

  test("has as many processes as it may, and no file above its limit", async () => {
    const own = localBackend({
      cache_dir: place.cache_dir,
      hidden: [],
      unsafe_local: false,
      limits: { pids: 40 },
    });
    const sandbox = await open("agent", own);
    const many = `perl -e 'for (1 .. 100) { my $p = fork; last unless defined $p; if (!$p) { sleep 9; exit } $n++ } print $n'`;
    expect(Number((await run(sandbox, many)).text)).toBeLessThan(40);
    expect((await run(sandbox, "truncate -s 9G huge; stat -c %s huge")).text).not.toContain(
      `${9 * 2 ** 30}`,
    );
    expect((await run(sandbox, "echo usable; ulimit -v")).text).toBe("usable\nunlimited\n");
  });

  test("is ended when it fills the disk, and says so", async () => {
    const own = localBackend({
      cache_dir: place.cache_dir,
      hidden: [],
      unsafe_local: false,
      limits: { disk_mib: 700 },
    });
    const sandbox = await open("agent", own);
    const fill =
      "for i in $(seq 20); do head -c 100M /dev/zero > f$i; sleep 0.2; done; sleep 20; echo never";
    const ended = await sandbox.exec(fill, { timeout_ms: 60_000 });
    expect(ended).toMatchObject({ exit_code: 137, disk_exceeded: true, timed_out: false });
    expect(Buffer.from(ended.output).toString()).toContain("more than it may");
  });

  test("what is prepared is there once for all, and none of it is left open", () => {
    const tmp = join(place.cache_dir, ".tmp");
    expect(existsSync(tmp) ? readdirSync(tmp) : []).toEqual([]);
  });
});
