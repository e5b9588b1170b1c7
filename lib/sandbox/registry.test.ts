import { expect, test } from "bun:test";
import { argsOf, valuesOf } from "../cli/settings.ts";
import { backendSettings } from "../config/backend-settings.ts";
import { UsageError } from "../core/fault.ts";
import { temporaryFolder } from "../core/testing.ts";
import type { BackendObject } from "./backend.ts";
import { LIMITS, NETWORK } from "./options.ts";
import { BACKEND_NAMES, BACKENDS, backendName, loadBackend, openBackend } from "./registry.ts";
import { run, SMALL_SETUP, taskPlace } from "./task.fixture.ts";

const request = (name: string, log_dir = "logs") => ({
  ...{ name, log_dir, hidden: [], unsafe_local: true, options: {} },
});

test("a backend opens under its name, and its object has that name", async () => {
  for (const name of BACKEND_NAMES) {
    expect((await openBackend(request(name))).name).toBe(name);
    expect((await loadBackend(name)).name).toBe(name);
  }
});

test.each(["", "locl", "LOCAL", "toString"])('"%s" is no backend', async (name) => {
  expect(() => backendName(name)).toThrow(UsageError);
  const refusal = /unknown backend ".*"(: did you mean "local"\?| \(there are local, docker\))/;
  expect(() => backendName(name)).toThrow(refusal);
  await expect(openBackend(request(name))).rejects.toThrow(refusal);
});

type ThirdOptions = { readonly memory_mib?: number; readonly region?: string };

/** What a backend's own file would hold: one object over the machinery of sandboxes. */
function thirdBackend(opened: ThirdOptions[]): BackendObject<ThirdOptions> {
  return {
    name: "third",
    open(options, place) {
      opened.push(options);
      const folder = taskPlace();
      const { backend } = folder;
      return { ...backend(place.unsafe_local), name: "third" };
    },
    check: async () => [{ part: "third", state: "poor", found: "far away", hint: "be patient" }],
    leftovers: async () => [],
    networkLine: () => "network: open",
  };
}

test("a third backend is one object and one row: it opens, runs commands, and is looked at", async () => {
  const opened: ThirdOptions[] = [];
  using folder = temporaryFolder();
  using tasks = taskPlace();
  const rows = { third: { options: LIMITS, load: async () => thirdBackend(opened) } };
  const asked = { ...request("third", folder.path), options: { memory_mib: 512 } };
  const backend = await openBackend<ThirdOptions>(asked, rows);
  const task = tasks.task(SMALL_SETUP);
  await using sandbox = await backend.open({ task, label: "x", purpose: "agent" });
  expect(await run(sandbox, "cat six.txt | wc -l")).toEqual({ exit_code: 0, text: "6\n" });
  expect([backend.name, opened]).toEqual(["third", [{ memory_mib: 512 }]]);
  expect(await (await loadBackend("third", rows)).check()).toMatchObject([{ part: "third" }]);
  await expect(openBackend({ ...asked, name: "thrd" }, rows)).rejects.toThrow('mean "third"?');
});

test("its settings become rows, flags and values, and tell which backends take them", () => {
  const region = {
    section: "sandbox",
    kind: { is: "text" },
    flag: "region",
    help: "where machines are",
  } as const;
  const third = { options: { ...NETWORK, ...LIMITS, region } };
  const rows = backendSettings({ ...BACKENDS, third });
  expect(rows).toMatchObject({
    region: { backends: ["third"] },
    memory_mib: { backends: ["docker", "third"] },
    build: { backends: ["docker"] },
  });
  expect(rows.network?.backends).toEqual([]);
  expect(argsOf(["region", "memory_mib"], rows)).toMatchObject({
    region: { description: "third: where machines are" },
    memory: { description: "docker, third: memory of a sandbox, in MiB", otherwise: "4096" },
  });
  expect(valuesOf(["region"], { region: "north" }, rows)).toEqual({ region: "north" });
});
