import { describe, expect, test } from "bun:test";
import type { Feature } from "../agent/agent.ts";
import { feature, SUBMIT } from "../agent/job.fixture.ts";
import { processesWith } from "../sandbox/task.fixture.ts";
import { runAttempt } from "./attempt.ts";
import { CONFIG, MINI, pairOf, pairPlace } from "./pair.fixture.ts";
import type { AttemptPlan } from "./plan.ts";

const FEATURES: readonly Feature[] = [feature(1), feature(2)];

function planIn(
  place: ReturnType<typeof pairPlace>,
  fields: Partial<AttemptPlan> = {},
): AttemptPlan {
  return {
    attempt: { ...pairOf(1, 2), run: "r", try: 1 },
    config: MINI,
    task: place.task,
    features: FEATURES,
    backend: place.backend,
    mailroom: place.mailroom,
    openModel: (caller, watch) => place.gateway.open(caller, { watch }),
    signal: new AbortController().signal,
    ...fields,
  };
}

describe("who builds what", () => {
  test("coop: an agent a feature, in order, and no sandbox for gold", async () => {
    using place = pairPlace();
    const features = [...FEATURES, feature(5)];
    const report = await runAttempt(planIn(place, { config: CONFIG, features }));
    expect(report.agents.map(({ agent_id, features: [one] }) => [agent_id, one])).toEqual([
      ["agent1", 1],
      ["agent2", 2],
      ["agent3", 5],
    ]);
    expect(report.agents.map(({ patch }) => Buffer.from(patch).toString())).toEqual(
      features.map(({ feature_id }) => `gold ${feature_id}`),
    );
    expect(place.backend.opened).toEqual([]);
  });

  test("solo: one agent, every feature, nobody to write to", async () => {
    using place = pairPlace();
    place.record("agent1", ["send_message agent2 x; echo y > y", SUBMIT], "solo/features_1_2");
    const config = { ...MINI, setting: "solo" } as const;
    const report = await runAttempt(planIn(place, { config }));
    expect(report.agents).toMatchObject([
      { agent_id: "agent1", features: [1, 2], outcome: "submitted" },
    ]);
    expect(report.messages).toEqual([]);
    const text = JSON.stringify(report.agents[0]?.transcript);
    expect(text).toContain("Build number 1.");
    expect(text).toContain("Build number 2.");
    expect(text).toContain("send_message: command not found");
  });

  test("each command is kept with its text, in order, and with the step that asked for it", async () => {
    using place = pairPlace();
    place.record("agent1", ["echo a > a", "exit 3", SUBMIT], "solo/features_1_2");
    const config = { ...MINI, setting: "solo" } as const;
    const { agents } = await runAttempt(planIn(place, { config }));
    const commands = agents[0]?.commands.map(({ command, step, exit_code }) => [
      command,
      step,
      exit_code,
    ]);
    expect(commands).toEqual([
      ["echo a > a", 1, 0],
      ["exit 3", 2, 3],
      [SUBMIT, 3, 0],
    ]);
    expect(agents[0]?.steps.map(({ step, commands }) => [step, commands])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
  });

  test("an agent of coop is told of its own feature only", async () => {
    using place = pairPlace();
    for (const id of ["agent1", "agent2"]) place.record(id, [SUBMIT]);
    const { agents } = await runAttempt(planIn(place));
    const [one, two] = agents.map(({ transcript }) => JSON.stringify(transcript));
    expect([one?.includes("Build number 2."), two?.includes("Build number 1.")]).toEqual([
      false,
      false,
    ]);
  });
});

describe("two agents", () => {
  test("talk, wait for each other, and both hand in", async () => {
    using place = pairPlace();
    place.record("agent1", [
      "send_message agent2 'mine is six.txt' --wait",
      "echo 1 > a; echo x >> six.txt",
      SUBMIT,
    ]);
    place.record("agent2", [
      "send_message agent1 --wait 'who takes six.txt?'",
      "send_message agent1 fine; echo 2 > b",
      SUBMIT,
    ]);
    const report = await runAttempt(planIn(place));
    expect(report.agents.map(({ outcome, patch_source }) => [outcome, patch_source])).toEqual([
      ["submitted", "work tree"],
      ["submitted", "work tree"],
    ]);
    const said = report.messages.map(({ sender, content }) => `${sender}: ${content}`);
    expect(said.sort()).toEqual([
      "agent1: mine is six.txt",
      "agent2: fine",
      "agent2: who takes six.txt?",
    ]);
    const transcript = JSON.stringify(report.agents[1]?.transcript);
    expect(transcript).toContain("[Message from agent1]: mine is six.txt");
    expect(place.backend.closed.sort()).toEqual(
      ["agent1", "agent2"].map((id) => `r/demo_task/task1/features_1_2.${id}`),
    );
  });

  test("one waits for a partner that has finished: it is told so, and goes on", async () => {
    using place = pairPlace();
    place.record("agent1", [SUBMIT]);
    place.record("agent2", ["send_message agent1 --wait 'there?'", SUBMIT]);
    const { agents } = await runAttempt(planIn(place));
    expect(JSON.stringify(agents[1]?.transcript)).toContain("your partner has finished");
  });

  test("with messaging off there is no send_message", async () => {
    using place = pairPlace();
    for (const id of ["agent1", "agent2"]) place.record(id, ["send_message all x", SUBMIT]);
    const report = await runAttempt(planIn(place, { config: { ...MINI, messaging: false } }));
    expect(report.messages).toEqual([]);
    expect(JSON.stringify(report.agents[0]?.transcript)).toContain("command not found");
  });
});

describe("a fault of one agent", () => {
  test("stops the other, closes both sandboxes, leaves no process, and is thrown", async () => {
    using place = pairPlace();
    const odd = `1${Math.floor(Math.random() * 1e9)}.25`;
    place.record("agent1", ["sleep 0.3"]);
    place.record("agent2", [`sleep ${odd}`]);
    await expect(runAttempt(planIn(place))).rejects.toMatchObject({ code: "recording_exhausted" });
    expect(place.backend.opened).toHaveLength(2);
    expect(place.backend.closed).toHaveLength(2);
    expect(await processesWith(odd)).toEqual([]);
  });

  test("stops one that waits for a message", async () => {
    using place = pairPlace();
    place.record("agent1", ["sleep 0.3"]);
    place.record("agent2", ["send_message agent1 --wait 'q?'"]);
    await expect(runAttempt(planIn(place))).rejects.toMatchObject({
      code: "recording_exhausted",
      message: expect.stringContaining("agent1.jsonl"),
    });
    expect(place.backend.closed).toHaveLength(2);
  });

  test("that has no recording is thrown as it is", async () => {
    using place = pairPlace();
    place.record("agent1", [SUBMIT]);
    await expect(runAttempt(planIn(place))).rejects.toMatchObject({ code: "recording_missing" });
    expect(place.backend.closed.toSorted()).toEqual(place.backend.opened.toSorted());
  });
});

test("an abort of the run stops all agents and throws its reason", async () => {
  using place = pairPlace();
  for (const id of ["agent1", "agent2"]) place.record(id, ["sleep 100"]);
  const stop = new AbortController();
  const running = runAttempt(planIn(place, { signal: stop.signal }));
  while (place.backend.opened.length < 2) await Bun.sleep(10);
  stop.abort(new Error("interrupted"));
  await expect(running).rejects.toThrow("interrupted");
  expect(place.backend.closed).toHaveLength(2);
});
