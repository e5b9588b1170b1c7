import { expect, setSystemTime, test } from "bun:test";
import { sayEvent } from "./models.ts";
import type { Output } from "./output.ts";

function heard() {
  const said: string[] = [];
  const nothing = () => undefined;
  const say = (message: string) => void said.push(message);
  const out: Output = {
    json: true,
    quiet: false,
    emit: nothing,
    text: nothing,
    say,
    warn: say,
    end: async () => undefined,
  };
  return { out, said };
}
const retry = (message: string) =>
  ({ kind: "retry", failure: "connection", message, wait_ms: 1500 }) as const;

test("A21: the first failure is said at once, later ones every half minute with their count", () => {
  setSystemTime(new Date("2026-01-01T00:00:00Z"));
  const { out, said } = heard();
  sayEvent(out, retry("local/x could not be reached or was cut off: Connection refused"));
  expect(said).toEqual([
    "local/x could not be reached or was cut off: Connection refused: trying again in 2 s",
  ]);
  for (let n = 0; n < 3; n++) sayEvent(out, retry("again"));
  setSystemTime(new Date("2026-01-01T00:00:29Z"));
  sayEvent(out, retry("again"));
  expect(said).toHaveLength(1);
  setSystemTime(new Date("2026-01-01T00:00:31Z"));
  sayEvent(out, retry("later"));
  expect(said.slice(1)).toEqual(["later: trying again in 2 s (and 4 more)"]);
  setSystemTime();
});

test("A21: a lowered limit is said", () => {
  const { out, said } = heard();
  sayEvent(out, { kind: "limit", limit: 3 });
  expect(said).toEqual(["at most 3 model calls at a time from now on"]);
});

test("a cut prompt is said, with the window as it shows", () => {
  const { out, said } = heard();
  const caller = {
    attempt_key: "first/demo_task/task1/features_1_2",
    task_dir: "",
    setting: "coop",
    features: [1, 2],
    agent_id: "agent2",
  };
  sayEvent(out, { kind: "cut prompt", caller, window_tokens: 4096 });
  expect(said).toEqual([
    "first/demo_task/task1/features_1_2: the server seems to cut agent2's prompts to about 4,096 tokens: older turns no longer reach the model",
  ]);
});
