import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { openLedger } from "../../db/ledger.ts";
import { sha256 } from "../core/files.ts";
import { indexDataset } from "../dataset/index.ts";
import type { Backend } from "../sandbox/sandbox.ts";
import { demoTask, taskPlace } from "../sandbox/task.fixture.ts";
import { openTester, type TesterOptions } from "./results.ts";

const place = taskPlace();
const backend = place.backend();
const task = demoTask();
afterAll(() => place[Symbol.dispose]());

const TIMEOUT_MS = 55_555;
const NOTHING = { hash: sha256(""), bytes: new Uint8Array() };

/** A backend that counts sandboxes, and commands with the suites' own deadline. */
function counting(inner: Backend) {
  const now = { sandboxes: 0, running: 0 };
  const most = { sandboxes: 0, running: 0 };
  const count = (kind: keyof typeof now, change: 1 | -1) => {
    now[kind] += change;
    most[kind] = Math.max(most[kind], now[kind]);
  };
  const open: Backend["open"] = async (request) => {
    count("sandboxes", 1);
    const sandbox = await inner.open(request).catch((error) => {
      count("sandboxes", -1);
      throw error;
    });
    return {
      ...sandbox,
      async exec(command, options) {
        const suite = options.timeout_ms === TIMEOUT_MS;
        if (suite) count("running", 1);
        try {
          return await sandbox.exec(command, options);
        } finally {
          if (suite) count("running", -1);
        }
      },
      async [Symbol.asyncDispose]() {
        await sandbox[Symbol.asyncDispose]();
        count("sandboxes", -1);
      },
    };
  };
  return { backend: { ...inner, open }, now, most };
}

/** Tests the base with every feature's suite at once. */
async function testAll(options: Partial<TesterOptions> = {}) {
  using ledger = openLedger(":memory:");
  indexDataset(ledger, join(import.meta.dir, "../../dataset"), "demo");
  ledger.dataset.keepPatches([NOTHING]);
  const { tree } = await backend.base(task);
  const tester = openTester({
    ledger,
    backend,
    timeout_ms: TIMEOUT_MS,
    force: false,
    suites: 2,
    signal: new AbortController().signal,
    ...options,
  });
  const wanted = ledger.dataset
    .features(task.repo, task.task_id)
    .map(({ feature_id }) => ({ task, feature_id, tree, diff: NOTHING.hash, label: "r/x" }));
  const results = await Promise.allSettled([...wanted, ...wanted].map((one) => tester.test(one)));
  return { results, stored: ledger.query("SELECT suite_key FROM suite_results").length };
}

describe("suites at once", () => {
  const WIDTHS: [suites: number, most_sandboxes: number][] = [
    [1, 3],
    [2, 4],
  ];
  test.each(WIDTHS)("%d run at a time, with %d sandboxes at most", async (suites, sandboxes) => {
    const counted = counting(backend);
    const { results, stored } = await testAll({ backend: counted.backend, suites });
    expect(results.map(({ status }) => status)).toEqual(results.map(() => "fulfilled"));
    expect(stored).toBe(5);
    expect(counted.most.running).toBeLessThanOrEqual(suites);
    expect(counted.most.sandboxes).toBeLessThanOrEqual(sandboxes);
    expect(counted.most.sandboxes).toBeGreaterThan(suites);
  });

  test("leave no sandbox behind when all results are there", async () => {
    const counted = counting(backend);
    await testAll({ backend: counted.backend });
    expect(counted.now).toEqual({ sandboxes: 0, running: 0 });
  });

  test("leave no sandbox behind, and no result, when they are stopped", async () => {
    const counted = counting(backend);
    const stop = new AbortController();
    const open: Backend["open"] = async (request) => {
      const sandbox = await counted.backend.open(request);
      if (counted.now.sandboxes === 4) stop.abort(new Error("enough"));
      return sandbox;
    };
    const stopped = { ...counted.backend, open };
    const { results, stored } = await testAll({ backend: stopped, signal: stop.signal });
    const rejected = results.filter(({ status }) => status === "rejected").length;
    expect(rejected).toBe(results.length - 2 * stored);
    expect(rejected).toBeGreaterThan(0);
    expect(counted.now).toEqual({ sandboxes: 0, running: 0 });
  });
});

test("a result outlives a sandbox that cannot be removed; who asked hears of it", async () => {
  const open: Backend["open"] = async (request) => {
    const sandbox = await backend.open(request);
    return {
      ...sandbox,
      async [Symbol.asyncDispose]() {
        await sandbox[Symbol.asyncDispose]();
        throw new Error("not removed");
      },
    };
  };
  const { results, stored } = await testAll({ backend: { ...backend, open } });
  expect(stored).toBe(5);
  expect(results.every(({ status }) => status === "rejected")).toBe(true);
});
