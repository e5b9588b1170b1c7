import { describe, expect, test } from "bun:test";
import { Fault, UsageError } from "../../core/fault.ts";
import { processStart, thisOwner } from "../../core/owner.ts";
import { engineFault, openEngine, refusedWith, wordsOf } from "./engine.ts";
import { labelsOf, leftReason } from "./owner.ts";

const answer = (statusCode: number, message: string) =>
  Object.assign(new Error(`(HTTP code ${statusCode}) unexpected - ${message} `), {
    statusCode,
    json: { message },
  });

describe("errors", () => {
  const CASES: [error: unknown, code: string, words: string][] = [
    [new Error("connect ECONNREFUSED"), "engine_gone", "does not answer: connect ECONNREFUSED"],
    ["a string", "engine_gone", "a string"],
    [answer(500, "driver failed"), "sandbox_failed", "the engine refused: driver failed"],
    [answer(409, "is not running"), "sandbox_failed", "is not running"],
    [answer(500, "write /x: no space left on device"), "disk_full", "no space left"],
  ];
  test("become faults, by what the engine said or did not say", () => {
    for (const [error, code, words] of CASES) {
      const fault = engineFault("trying", error);
      expect(fault.message).toStartWith("trying: ");
      expect(fault.message).toContain(words);
      expect(fault).toMatchObject({ code, cause: error });
    }
  });

  test("that are faults or usage errors already stay what they are", () => {
    for (const error of [new UsageError("x"), new Fault("internal", "x", { hint: "" })])
      expect(engineFault("trying", error)).toBe(error);
  });

  test("keep the engine's status, through the fault too", () => {
    const error = answer(404, "No such container");
    expect(refusedWith(error, 404)).toBe(true);
    expect(refusedWith(engineFault("trying", error), 409, 404)).toBe(true);
    expect(refusedWith(engineFault("trying", error), 409)).toBe(false);
    expect(refusedWith(new Error("no status"), 404)).toBe(false);
    expect(wordsOf(error)).toBe("No such container");
  });
});

describe("an engine", () => {
  const engine = openEngine({ socket: "/nonexistent/engine.sock" });

  test("that is not there is a fault with a hint, for every question", async () => {
    const gone = { code: "engine_gone", hint: expect.stringContaining("DOCKER_HOST") };
    for (let tries = 0; tries < 2; tries++)
      await expect(engine.platform()).rejects.toMatchObject(gone);
  });

  test("that does not answer in time is gone", async () => {
    const never = engine.call("waiting", () => new Promise(() => undefined), { timeout_ms: 20 });
    await expect(never).rejects.toMatchObject({
      code: "engine_gone",
      message: expect.stringContaining("no answer within 0.02 s"),
    });
  });

  test("is not waited for after an abort, whose reason is thrown", async () => {
    const stop = new AbortController();
    const waiting = engine.call("waiting", () => new Promise(() => undefined), {
      signal: stop.signal,
    });
    setTimeout(() => stop.abort(new Error("enough")), 10);
    await expect(waiting).rejects.toThrow("enough");
  });

  test("under an address that is none is a usage error", () => {
    const script = `
      const { openEngine } = await import(${JSON.stringify(`${import.meta.dir}/engine.ts`)});
      await openEngine().platform().catch((error) => console.log(error.name, error.message));`;
    const child = Bun.spawnSync([process.execPath, "-e", script], {
      env: { ...process.env, DOCKER_HOST: "http//%%" },
    });
    expect(child.stdout.toString()).toStartWith(
      'UsageError DOCKER_HOST is "http//%%", which is not an address',
    );
  });
});

describe("owners", () => {
  test("this process is alive, and its labels say until when", () => {
    const labels = labelsOf("a-run/x/task1", 60_000);
    expect(labels).toMatchObject({
      tandem: "1",
      "tandem.run": "a-run",
      "tandem.owner": thisOwner(),
    });
    expect(leftReason(labels)).toBeUndefined();
    expect(leftReason(labels, Date.now() + 61_000)).toBe("expired");
  });

  test("a process has one start; one that is gone has none", async () => {
    const child = Bun.spawn(["sleep", "60"]);
    const start = processStart(child.pid);
    expect(start).toMatch(/\S/);
    expect(processStart(child.pid)).toBe(start);
    child.kill("SIGKILL");
    await child.exited;
    expect(processStart(child.pid)).toBeUndefined();
  });

  test.each(["", "nobody", "a/b/c/d", "host//1/"])(
    "%j is nobody whose end could be told",
    (owner) => {
      expect(leftReason({ "tandem.owner": owner })).toBeUndefined();
    },
  );
});
