import { expect, test } from "bun:test";
import type { Script } from "../lib/model/wire/script.fixture.ts";
import { chatServer } from "../lib/model/wire/servers.fixture.ts";
import { KEYS } from "./agents.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";

const CALLS: Script = () => ({
  tool_calls: [{ name: "bash", arguments: { command: "echo ready" } }],
});

test("exit 0 where a model could work, with one row a property", async () => {
  using here = place();
  await using server = chatServer(CALLS);
  const flags = ["--model", "local/qwen3", "--base-url", server.base_url];
  const { code, stdout, stderr } = await here.call("doctor", flags, { env: { ...KEYS } });
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("asking") });
  expect(jsonLines(stdout).map(({ part, state }) => `${part} ${state}`)).toEqual([
    "address good",
    "answers good",
    "tools good",
    "streaming good",
    "usage good",
    "window poor",
    "price poor",
  ]);
  expect(stdout + stderr).not.toContain(KEYS.OPENAI_COMPATIBLE_API_KEY ?? "no key");
});

test("exit 1 where it refuses, in its own words", async () => {
  using here = place();
  await using server = chatServer(() => ({ status: 401, body: { error: "who are you" } }));
  const flags = ["--model", "local/qwen3", "--base-url", server.base_url];
  const { code, stdout } = await here.call("doctor", flags, { env: { ...KEYS } });
  expect(code).toBe(1);
  expect(jsonLines(stdout)[1]).toMatchObject({
    part: "answers",
    state: "missing",
    "what to do": expect.stringContaining("who are you"),
  });
});

const WRONG: [flags: string[], words: string][] = [
  [["--model", "qwen3"], "unknown model"],
  [["--model", "local/qwen3"], "--base-url"],
  [["--model", "replay/demo"], "there is no model to ask"],
  [["--base-url", "http://127.0.0.1:1/v1"], "name one with --model"],
];
test.each(WRONG)("exit 2 for %p", async (flags, words) => {
  using here = place();
  const { code, stderr } = await here.call("doctor", flags);
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
});
