import { afterAll, expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { fuzz, fuzzAsync, isRefusal, unlessRefused } from "../core/fuzz.fixture.ts";
import { recordLike, texts } from "../core/fuzz-inputs.fixture.ts";
import { temporaryFolder } from "../core/testing.ts";
import { NO_USAGE } from "./model.ts";
import { checkModelName, modelParts } from "./names.ts";
import { openPrices } from "./prices.ts";
import { recordingOfRun, recordingOfTask } from "./replay.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

const NAMES = [
  "replay/",
  "demo",
  "..",
  "/",
  "anthropic/",
  "claude-x",
  "openai/",
  "gpt-5",
  "gemini/",
  "local/",
  "openrouter/a/b",
  ":",
  "@",
  "features_1_2",
];
const caller = {
  attempt_key: "r/a_task/task1/features_1_2",
  task_dir: "/tasks/task1",
  setting: "coop",
  features: [1, 2],
  agent_id: "agent1",
};
fuzz(
  "a model's name is refused or the name of one",
  { runs: 14_000, input: texts({ tokens: NAMES }) },
  (name) => {
    const parts = unlessRefused(() => modelParts(name));
    unlessRefused(() => checkModelName(name, { base_url: name }));
    if (!parts) return;
    expect(name.endsWith(`/${parts.model}`)).toBe(true);
    if (parts.provider === "replay")
      expect(resolve("/tasks", parts.model)).toBe(`/tasks/${parts.model}`);
  },
);

fuzz(
  "a recording is looked for inside its folder only",
  { runs: 5_600, input: texts({ tokens: NAMES }) },
  (run) => {
    for (const look of [
      () => recordingOfRun({ log_dir: folder.path, run }, caller),
      () =>
        recordingOfTask(modelParts(`replay/${run}`).model, { ...caller, task_dir: folder.path }),
    ])
      try {
        look();
      } catch (error) {
        if (!isRefusal(error)) throw error;
        const [path = ""] = /(?<=no recording ).*/s.exec(error.message) ?? [folder.path];
        expect(resolve(path)).toBe(path);
        expect(path.startsWith(folder.path)).toBe(true);
      }
  },
);

const PRICES = [
  "models",
  "openai/gpt-5",
  "input",
  "output",
  "cache_read",
  "cache_write",
  "gemini/x",
];
const prices = fc.oneof(
  texts({
    seeds: ['{"models": {"openai/gpt-x": {"input": 1.25, "output": 10, "cache_read": 0.125}}}'],
    tokens: [...PRICES.map((word) => `"${word}":`), "{", "}", ",", "1", "-1", "1e400"],
  }),
  recordLike(PRICES).map((models) => JSON.stringify({ models })),
);
fuzzAsync(
  "a price file is refused, or no price is below nothing",
  { runs: 3_500, input: prices },
  async (content) => {
    const file = join(folder.path, "prices.json");
    writeFileSync(file, content);
    try {
      const { cost } = await openPrices({ file });
      const usage = { ...NO_USAGE, input_tokens: 5, output_tokens: 7, cache_write_tokens: 1 };
      for (const model of ["gpt-x", "gpt-5", "__proto__", "toString"]) {
        const usd = cost("openai", model, usage);
        expect(usd === null || (usd >= 0 && Number.isFinite(usd))).toBe(true);
      }
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  },
);
