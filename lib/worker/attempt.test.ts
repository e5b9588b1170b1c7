import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describeWith } from "../core/testing.ts";
import { withVariable, workersPlace } from "./agents.fixture.ts";
import { farPlace } from "./far.fixture.ts";
import { performErrand } from "./registry.ts";

setDefaultTimeout(60_000);

const HELLO = `import { word } from "./words/word.ts";
export default async ({ agent_id, openSandbox }) => {
  const sandbox = await openSandbox();
  await sandbox.exec("echo " + word + " > " + agent_id + ".txt");
  return {};
};\n`;

describe("18: an agent of one's own at another process", () => {
  test("works with what it imports, under the name that it has here", async () => {
    await using place = workersPlace();
    place.file("words/word.ts", `export const word: string = "hello";\n`);
    const agent = place.file("hello.ts", HELLO);
    const { units } = await place.run({ agent });
    expect(units).toEqual([
      { key: "r/demo_task/task1/features_1_2", outcome: "submitted", fresh: true },
    ]);
    const folder = place.at("logs/r/demo_task/task1/features_1_2");
    expect(readFileSync(`${folder}/agent1/patch.diff`, "utf8")).toContain("+hello");
    expect(JSON.parse(readFileSync(`${folder}/result.json`, "utf8"))).toMatchObject({ agent });
    expect(place.ledger.work.leases()).toEqual([]);
  });

  test("that throws is a fault with its words and its name", async () => {
    await using place = workersPlace();
    const agent = place.file(
      "broken.ts",
      `export default async () => { throw new Error("ouch"); };`,
    );
    const { units } = await place.run({ agent });
    const fault = { code: "agent_failed", message: `the agent ${agent} threw: ouch` };
    expect(units).toMatchObject([
      { fault: { ...fault, hint: "fix the agent and run again; --debug shows the trace" } },
    ]);
    expect(place.ledger.faults.open()).toMatchObject([{ ...fault, cause: "Error: ouch" }]);
  });

  test("that imports Tandem itself has the same one: its faults keep their code", async () => {
    await using place = workersPlace();
    const agent = place.file(
      "faulty.ts",
      `import { Fault } from "tandem";
export default async () => { throw new Fault("patch_missing", "gone", { hint: "find it" }); };`,
    );
    const link = place.at("node_modules/tandem");
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(import.meta.dir, "../.."), link);
    const { units } = await place.run({ agent });
    expect(units).toMatchObject([
      { fault: { code: "patch_missing", message: "gone", hint: "find it" } },
    ]);
  });

  test("whose file holds a secret does not go there; what it reads from its surroundings does not come back", async () => {
    await using place = workersPlace();
    const canary = "canary-7f3a9c51e2d84b06";
    using _secret = withVariable("CANARY_TOKEN", canary);
    const leaky = place.file("leaky.ts", `export default async () => ({ patch: "${canary}" });`);
    const { units } = await place.run({ agent: leaky });
    expect(units).toMatchObject([
      {
        fault: { code: "bad_file", message: expect.stringContaining(`${leaky} holds a secret`) },
      },
    ]);
    const reads = place.file(
      "reads.ts",
      `export default async ({ mailbox, agent_id }) => {
  const secret = process.env.CANARY_TOKEN;
  await mailbox?.send("all", "it is " + secret);
  if (agent_id === "agent2") throw new Error("found " + secret + " " + btoa(secret));
  return { patch: "+" + secret };
};`,
    );
    await place.run({ agent: reads, name: "r2" });
    expect(place.way.kinds).toEqual(["attempt"]);
    expect(place.way.carries("[redacted]")).toBe(true);
    for (const form of [canary, btoa(canary).slice(0, 20)])
      expect({ form, carried: place.way.carries(form) }).toEqual({ form, carried: false });
  });

  test("is told when the sender gives up", async () => {
    await using place = workersPlace();
    const agent = place.file(
      "waits.ts",
      `export default ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));`,
    );
    const stop = new AbortController();
    const running = place.run({ agent, signal: stop.signal });
    while (!place.way.wire.texts.some((text) => text.includes('"working"'))) await Bun.sleep(10);
    stop.abort(new Error("enough"));
    expect(await running).toMatchObject({ left: 1, units: [] });
    expect(place.ledger.work.leases()).toEqual([]);
  });
});

test("18: a replay of what is not there is a fault that says so", async () => {
  await using place = workersPlace();
  const { units } = await place.run({ agent: "mini", model: "replay/dem" });
  expect(units).toMatchObject([
    { fault: { code: "recording_missing", hint: "did you mean replay/demo?" } },
  ]);
});

test("18: what is not an errand is refused in one line", async () => {
  await using way = farPlace();
  const site = {} as Parameters<typeof performErrand>[2];
  for (const [kind, input] of [
    ["constructor", {}],
    ["dance", {}],
    ["suite", { tree: 1 }],
  ] as const)
    await expect(performErrand(kind, input, site)).rejects.toMatchObject({
      code: "bad_file",
      hint: "caller and worker must be of the same version",
    });
  expect(way.kinds).toEqual([]);
});

describeWith("redis", "18: messages over a server of Redis", () => {
  test("that the other process starts", async () => {
    await using place = workersPlace();
    const agent = place.file(
      "talks.ts",
      `export default async ({ agent_id, mailbox }) => {
  await mailbox.send("all", "from " + agent_id);
  return { patch: "" };
};`,
    );
    const { units } = await place.run({ agent, redis: "auto" });
    expect(units).toMatchObject([{ outcome: "empty patch" }]);
    const path = place.at("logs/r/demo_task/task1/features_1_2/result.json");
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({
      mailbox: expect.stringContaining("Redis"),
      messages_sent: 2,
    });
  });
});
