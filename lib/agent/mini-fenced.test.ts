import { afterAll, describe, expect, test } from "bun:test";
import { configured, LIMITS, type Line, miniPlace, SUBMIT, seen } from "./job.fixture.ts";

const place = miniPlace();
afterAll(() => place[Symbol.dispose]());
const mini = (lines: readonly Line[], fields: Parameters<typeof place.mini>[1] = {}) =>
  place.mini(lines, { ...configured({ tool_style: "fenced" }), ...fields });

const fence = (command: string, text = "I do it.") => `${text}\n\n\`\`\`bash\n${command}\n\`\`\``;
const say = (...commands: string[]): Line => ({
  text: commands.map((command) => fence(command)).join("\n"),
  stop_reason: "stop",
});

describe("fenced commands", () => {
  test("are run in order, shown as user turns, and hand in", async () => {
    const { result, asked } = await mini([say("echo a > f; echo 1", "cat f; exit 3"), say(SUBMIT)]);
    expect(seen(result)).toEqual([
      "[command 1 of 2]\n[exit status 0]\n1\n",
      "[command 2 of 2]\n[exit status 3]\na\n",
      expect.stringContaining("COMPLETE_TASK"),
    ]);
    expect(asked.map(({ tools }) => tools)).toEqual([[], []]);
    expect(asked[1]?.turns.map(({ role }) => role)).toEqual([
      "system",
      "user",
      "assistant",
      "user",
    ]);
    expect(result).toMatchObject({ outcome: "submitted", patch_source: "work tree" });
    expect(result.steps).toMatchObject([{ commands: 2, exit_code: 3 }, { commands: 1 }]);
  });

  test("behind the submission are not run", async () => {
    const { result } = await mini([say("echo x > x", SUBMIT, "rm x")]);
    expect(result).toMatchObject({ patch_source: "work tree", steps: [{ commands: 2 }] });
  });

  const WRONG: [name: string, text: string, words: string][] = [
    ["no fence", "I think.", "had no fenced block marked `bash`"],
    ["another mark", "```python\nls\n```", "had no fenced block marked `bash`"],
    ["nothing at all", "", "Your answer was empty."],
    ["no end", "```bash\nls", "no closing fence"],
  ];
  test.each(WRONG)("%s: the model is told", async (_, text, words) => {
    const { result, shown } = await mini([{ text }, say(SUBMIT)]);
    expect(seen(result)[0]).toContain(words);
    expect(shown[1]?.at(-1)?.content).toEndWith(`${seen(result)[0]}`);
  });

  test("calls of a tool that was not offered are answered, and not sent back", async () => {
    const tool_calls = [{ id: "1", name: "bash", arguments: { command: "touch x" } }];
    const { result, shown } = await mini([{ text: "So.", tool_calls }, say(SUBMIT)]);
    expect(seen(result)[0]).toContain("no fenced block");
    expect(shown[1]?.[2]).toMatchObject({ role: "assistant", tool_calls: [] });
    expect(result.outcome).toBe("empty patch");
  });

  test("a step limit counts answers, not commands", async () => {
    const limits = { ...LIMITS, max_steps: 1 };
    const { result } = await mini([say("true", "true", "echo x > x")], { limits });
    expect(result).toMatchObject({ limit_reached: "steps", steps: [{ commands: 3 }] });
  });
});
