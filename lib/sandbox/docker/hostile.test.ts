import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { describeWith, temporaryFolder } from "../../core/testing.ts";
import {
  type DockerPlace,
  docker,
  dockerPlace,
  openRequest,
  processesIn,
  run,
} from "./docker.fixture.ts";
import type { DockerBackend } from "./docker.ts";
import { socketProxy } from "./proxy.fixture.ts";
import type { DockerSandbox } from "./sandbox.ts";

setDefaultTimeout(120_000);

describeWith("docker", "hostile commands", () => {
  let place: DockerPlace;
  let backend: DockerBackend;
  let sandbox: DockerSandbox;
  beforeAll(async () => {
    place = dockerPlace();
    backend = place.backend({ pids: 200, memory_mib: 256 });
    sandbox = await backend.open(openRequest(place));
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  const ENDLESS: [name: string, command: string][] = [
    ["sleeps", "sleep 9999"],
    ["sleeps in other sessions", "setsid sleep 9999 & setsid -f sleep 9998; timeout 99 sleep 9997"],
    ["ignores signals", "trap '' TERM INT HUP; while :; do sleep 1; done"],
    ["forks without end", "f() { f | f & }; f; sleep 9999"],
    ["forks faster than it is killed", "while :; do setsid sleep 9999 & done"],
    ["kills its shell and goes on", "kill -KILL $PPID; sleep 9999"],
    ["is stopped", "kill -STOP $$; sleep 9999"],
    ["prints without end", "yes"],
  ];
  test.each(ENDLESS)(
    "a command that %s ends at its deadline, and nothing of it is left",
    async (_, command) => {
      const { timed_out, exit_code } = await run(sandbox, command, {
        timeout_ms: 700,
        max_output_bytes: 1_000,
      });
      // What goes on without its shell is not waited for.
      const waits = !command.includes("$PPID");
      if (!command.includes("STOP"))
        expect({ timed_out, exit_code }).toEqual({ timed_out: waits, exit_code: 137 });
      expect(await processesIn(sandbox.container_id)).toEqual([]);
      expect(await run(sandbox, "echo usable; pwd")).toMatchObject({
        text: "usable\n/workspace/repo\n",
        exit_code: 0,
      });
    },
  );

  const LEAVING: [name: string, command: string][] = [
    ["a child", "sleep 9999 & echo over"],
    ["a daemon", "setsid -f sleep 9999; echo over"],
    ["an orphan", "(sleep 9999 &) ; echo over"],
    ["a forking child", "f() { sleep 0.1; f & }; f & echo over"],
  ];
  test.each(LEAVING)("what a command leaves is killed at its end: %s", async (_, command) => {
    expect(await run(sandbox, command)).toMatchObject({
      exit_code: 0,
      timed_out: false,
      text: "over\n",
    });
    expect(await processesIn(sandbox.container_id)).toEqual([]);
  });

  const KILLING: [command: string][] = [
    ["kill -KILL $PPID"],
    ["pkill -KILL bash"],
    ["pkill -x sleep; pkill -KILL -x sleep; kill -KILL $PPID"],
  ];
  test.each(KILLING)("%s is an exit status of 137, and the next command runs", async (command) => {
    expect(await run(sandbox, command)).toMatchObject({ exit_code: 137, timed_out: false });
    expect((await run(sandbox, "echo usable")).text).toBe("usable\n");
  });

  test("1 GB of output is cut to head and tail", async () => {
    const result = await run(sandbox, "echo begin; head -c 1000000000 /dev/zero; echo end", {
      ...{ max_output_bytes: 1_000, timeout_ms: 600_000 },
    });
    expect(result.exit_code).toBe(0);
    expect(result.text).toStartWith("begin\n\0");
    expect(result.text).toEndWith("\0end\n");
    expect(result.dropped_bytes).toBe(1_000_000_000 + "begin\nend\n".length - 1_000);
  }, 600_000);

  test("a file that would fill the disk stops at its limit", async () => {
    const command =
      "dd if=/dev/zero of=/tmp/full bs=1M count=2 seek=8191 2>&1 | tail -1; stat -c %s /tmp/full; rm /tmp/full";
    expect((await run(sandbox, command)).text).toContain(`${8 * 2 ** 30}\n`);
  });

  test("an abort ends the command; the sandbox stays usable", async () => {
    const stop = new AbortController();
    const running = run(sandbox, "sleep 9999", { signal: stop.signal });
    setTimeout(() => stop.abort(new Error("enough")), 200);
    await expect(running).rejects.toThrow("enough");
    expect(await processesIn(sandbox.container_id)).toEqual([]);
    expect((await run(sandbox, "echo usable")).text).toBe("usable\n");
  });

  const HUNGRY: [command: string, exit_code: number][] = [
    // The engine's word comes a moment later than the kill; nothing that succeeds waits for it.
    ["head -c 600m /dev/zero | tail | wc -c; sleep 2", 0],
    ["exec tail /dev/zero", 137],
  ];
  test.each(HUNGRY)("want of memory is told: %s", async (command, exit_code) => {
    expect(await run(sandbox, command)).toMatchObject({
      oom_killed: true,
      exit_code,
      timed_out: false,
    });
    expect(await run(sandbox, "kill -KILL $$")).toMatchObject({
      oom_killed: false,
      exit_code: 137,
    });
  });

  test("want of memory in one sandbox is not told of another", async () => {
    await using other = await backend.open(openRequest(place));
    const [hungry, calm] = await Promise.all([
      run(other, "exec tail /dev/zero"),
      run(sandbox, "sleep 1; kill -KILL $$"),
    ]);
    expect([hungry.oom_killed, calm.oom_killed]).toEqual([true, false]);
  });

  test("eight sandboxes at once do not get into each other's way", async () => {
    const opening = Array.from({ length: 8 }, () => backend.open(openRequest(place, "agent")));
    await using all = new AsyncDisposableStack();
    const eight = (await Promise.all(opening)).map((one) => all.use(one));
    const texts = await Promise.all(
      eight.map(async (one, index) => {
        await run(one, `echo ${index} > mine; git add . && git commit -qm ${index}`);
        return (await run(one, "cat mine; git log --format=%s")).text;
      }),
    );
    expect(texts).toEqual(eight.map((_, index) => `${index}\n${index}\nbase\n`));
  });

  describe("a fault, not a result, is", () => {
    test("a container that somebody removed", async () => {
      await using own = await backend.open(openRequest(place));
      const running = faultOf(run(own, "sleep 30"));
      await docker("rm", "-f", own.container_id);
      expect(await running).toMatchObject({ code: "sandbox_failed" });
      await expect(run(own, "true")).rejects.toMatchObject({ code: "sandbox_failed" });
      await expect(own.get("/etc/passwd")).rejects.toMatchObject({ code: "sandbox_failed" });
      await expect(own.put("/tmp/x", Buffer.from("x"))).rejects.toMatchObject({
        code: "sandbox_failed",
      });
    });

    test("a container whose first process was killed", async () => {
      await using own = await backend.open(openRequest(place));
      const running = faultOf(run(own, "sleep 30"));
      await docker("kill", own.container_id);
      expect(await running).toMatchObject({ code: "sandbox_failed" });
    });

    test("an engine that goes away under a command", async () => {
      using folder = temporaryFolder();
      const socket = join(folder.path, "engine.sock");
      const proxy = socketProxy(socket);
      const own = await place.backend({ socket }).open(openRequest(place));
      const gone = { code: "engine_gone", hint: expect.stringContaining("docker info") };
      const running = faultOf(run(own, "sleep 30"));
      await Bun.sleep(200);
      proxy.stop();
      expect(await running).toMatchObject(gone);
      await expect(run(own, "true")).rejects.toMatchObject(gone);
      // What cannot be removed now is left to the reaper, without a word.
      await own[Symbol.asyncDispose]();
      await docker("rm", "-f", "-v", own.container_id);
    });

    test("an engine that was never there, also when asked for a base", async () => {
      const absent = place.backend({ socket: "/nonexistent/engine.sock" });
      const gone = { code: "engine_gone", message: expect.stringContaining("does not answer") };
      await expect(absent.open(openRequest(place))).rejects.toMatchObject(gone);
      await expect(absent.base(place.task)).rejects.toMatchObject(gone);
    });
  });

  test("a program that has used sandboxes ends at once", async () => {
    const script = `
      const { dockerBackend, DOCKER_DEFAULTS } = await import(${JSON.stringify(join(import.meta.dir, "docker.ts"))});
      const [registry, dir, cache_dir] = ${JSON.stringify([place.image.split("/")[0], place.task.dir, place.cache_dir])};
      const backend = dockerBackend({ ...DOCKER_DEFAULTS, registry, cache_dir, network: "none" });
      const task = { repo: "small_task", task_id: 1, dir, task_hash: "small" };
      {
        await using sandbox = await backend.open({ task, label: "x/y", purpose: "suite" });
        await sandbox.exec("true", { timeout_ms: 60000 });
      }
      setTimeout(() => { console.log("held"); process.exit(); }, 5000).unref();`;
    const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "pipe" });
    const [out, errors] = [
      await new Response(child.stdout).text(),
      await new Response(child.stderr).text(),
    ];
    expect({ out, errors, code: await child.exited }).toEqual({ out: "", errors: "", code: 0 });
  });
});

/** What a promise throws. Bun's `rejects` would hold up the program until then, and with it what makes it throw. */
function faultOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (result) => ({ resolved: result }),
    (error) => error,
  );
}
