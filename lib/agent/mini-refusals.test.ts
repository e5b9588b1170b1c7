import { afterAll, describe, expect, test } from "bun:test";
import { call, configured, type Line, miniPlace, SUBMIT } from "./job.fixture.ts";

const place = miniPlace();
const { mini } = place;
afterAll(() => place[Symbol.dispose]());

const WORK = "echo new > new.txt";
const withheld: Line = { text: "I cannot help with that.", stop_reason: "filtered" };

describe("A14: refusals", () => {
  test.each(["native", "fenced"] as const)(
    "three in a row end the agent, %s",
    async (tool_style) => {
      const work: Line = tool_style === "native" ? WORK : { text: `\`\`\`bash\n${WORK}\n\`\`\`` };
      const lines = [work, withheld, withheld, withheld, "never"];
      const { result, asked } = await mini(lines, configured({ tool_style }));
      expect(asked).toHaveLength(4);
      expect(result).toMatchObject({
        outcome: "refused",
        limit_reached: null,
        patch_source: "work tree",
      });
      expect(Buffer.from(result.patch).toString()).toContain("new.txt");
      expect(result.steps).toHaveLength(4);
    },
  );

  test("without work too", async () => {
    const { result } = await mini([withheld, withheld, withheld]);
    expect(result).toMatchObject({ outcome: "refused", limit_reached: null });
    expect(result.patch).toHaveLength(0);
  });

  const GOES_ON: [name: string, between: Line][] = [
    ["an answer", WORK],
    ["an answer without a command", { text: "Hm.", stop_reason: "stop" }],
    [
      "one that was cut, but not before its command",
      { tool_calls: [call(WORK)], stop_reason: "filtered" },
    ],
  ];
  test.each(GOES_ON)("%s between them and the agent goes on", async (_, between) => {
    const lines = [withheld, withheld, between, withheld, withheld, WORK, SUBMIT];
    expect((await mini(lines)).result).toMatchObject({ outcome: "submitted" });
  });

  test("a summary that is withheld is none", async () => {
    const full = { tool_calls: [call("true")], usage: { ...USAGE, input_tokens: 90_000 } };
    const { result } = await mini(["true", "true", full, withheld, WORK, SUBMIT]);
    expect(result.transcript.map(({ role }) => role)).not.toContain("summary");
  });
});

const USAGE = {
  input_tokens: 0,
  output_tokens: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  reasoning_tokens: 0,
};
