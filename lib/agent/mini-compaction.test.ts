import { afterAll, describe, expect, test } from "bun:test";
import { Fault } from "../core/fault.ts";
import { NO_USAGE } from "../model/model.ts";
import type { AgentResult } from "./agent.ts";
import { shownTurns } from "./context.ts";
import { call, configured, LIMITS, type Line, miniPlace, SUBMIT } from "./job.fixture.ts";

const place = miniPlace();
const { mini } = place;
afterAll(() => place[Symbol.dispose]());

const full = (
  command: string,
  tokens: Partial<typeof NO_USAGE> = { input_tokens: 28_001 },
): Line => ({
  tool_calls: [call(command, command)],
  usage: { ...NO_USAGE, ...tokens },
});
const summary = (text: string, cost_usd = 0): Line => ({ text, stop_reason: "stop", cost_usd });
const tooLong: Line = () =>
  Promise.reject(new Fault("context_too_long", "too long", { hint: "less" }));
const summaries = ({ transcript }: AgentResult) =>
  transcript.filter(({ role }) => role === "summary");

describe("when the last call's prompt passed the threshold", () => {
  const COUNTS: [name: string, tokens: Partial<typeof NO_USAGE>, purpose: "step" | "summary"][] = [
    ["input", { input_tokens: 28_001 }, "summary"],
    ["read from the cache", { input_tokens: 1, cache_read_tokens: 28_000 }, "summary"],
    ["written to the cache", { cache_write_tokens: 20_000, input_tokens: 8001 }, "summary"],
    ["not yet", { input_tokens: 28_000 }, "step"],
    ["output does not count", { output_tokens: 90_000 }, "step"],
  ];
  test.each(COUNTS)("%s", async (_, tokens, purpose) => {
    const { asked } = await mini([
      "echo 1",
      "echo 2",
      full("echo 3", tokens),
      summary("Notes."),
      SUBMIT,
    ]);
    expect(asked[3]?.purpose).toBe(purpose);
  });

  test("a summary takes the older turns' place, the last two stay whole", async () => {
    const lines = ["echo 1", "echo 2", full("echo 3"), summary("I did one."), SUBMIT];
    const { result, asked, shown } = await mini(lines);
    expect(asked.map(({ purpose }) => purpose)).toEqual([
      "step",
      "step",
      "step",
      "summary",
      "step",
    ]);
    expect(asked[3]?.tools).toEqual([]);
    const request = asked[3]?.turns.map(({ content }) => content).join("\n") ?? "";
    expect(request).toContain("Build number 1.");
    expect(request).toContain("$ echo 1");
    expect(request).not.toContain("$ echo 2");
    const [system, task, ...rest] = shown[4] ?? [];
    expect(system).toEqual(shown[0]?.[0]);
    expect(task?.content).toStartWith(`${shown[0]?.[1]?.content}\n\n`);
    expect(task?.content).toEndWith("I did one.");
    expect(rest).toEqual(
      shown[2]?.slice(4).concat(shownTurns(result.transcript, "native").slice(4, 6)) ?? [],
    );
    expect(rest.map(({ role }) => role)).toEqual(["assistant", "tool", "assistant", "tool"]);
  });

  test("the transcript keeps every turn, and says what the model saw from then on", async () => {
    const lines = ["echo 1", "echo 2", full("echo 3"), summary("I did one."), SUBMIT];
    const { result, shown } = await mini(lines);
    expect(result.transcript.map(({ role, step }) => `${role} ${step}`)).toEqual([
      ...["system 1", "user 1", "assistant 1", "tool 1", "assistant 2", "tool 2"],
      ...["assistant 3", "tool 3", "summary 4", "assistant 4", "tool 4"],
    ]);
    expect(result.transcript[8]).toMatchObject({ from_turn: 2, until_turn: 4 });
    const before = result.transcript.slice(0, 9);
    expect(shownTurns(before, "native")).toEqual([...(shown[4] ?? [])]);
    expect(result.steps).toHaveLength(4);
  });

  test("again and again, each summary holding the one before", async () => {
    const lines = [
      "echo 1",
      "echo 2",
      full("echo 3"),
      summary("First."),
      full("echo 4"),
      summary("Second."),
      SUBMIT,
    ];
    const { result, asked } = await mini(lines);
    expect(asked[5]?.turns[0]?.content).toContain("First.");
    expect(asked[5]?.turns[0]?.content).toContain("$ echo 2");
    expect(asked[6]?.turns.map(({ content }) => content).join()).not.toContain("First.");
    expect(summaries(result)).toMatchObject([{ until_turn: 4 }, { until_turn: 6 }]);
  });

  const NEVER: [name: string, lines: Line[], fields: Parameters<typeof configured>[0]][] = [
    ["when there is nothing older", [full("echo 1"), full("echo 2"), SUBMIT], {}],
    ["when it is off", ["true", "true", full("true"), SUBMIT], { compaction: { enabled: false } }],
    [
      "of a higher threshold",
      ["true", "true", full("true"), SUBMIT],
      { compaction: { threshold_tokens: 28_001 } },
    ],
    [
      "of more turns to keep",
      ["true", "true", full("true"), SUBMIT],
      { compaction: { keep_turns: 3 } },
    ],
  ];
  test.each(NEVER)("but not %s", async (_, lines, fields) => {
    const { asked } = await mini(lines, configured(fields));
    expect(asked.map(({ purpose }) => purpose)).not.toContain("summary");
  });

  test("without words in the summary everything stays", async () => {
    const { result, shown } = await mini([
      "echo 1",
      "echo 2",
      full("echo 3"),
      summary(" "),
      SUBMIT,
    ]);
    expect(summaries(result)).toEqual([]);
    expect(shown[4]).toHaveLength(8);
  });

  test("fenced conversations keep their form", async () => {
    const fence = (command: string) => `\`\`\`bash\n${command}\n\`\`\``;
    const usage = { ...NO_USAGE, input_tokens: 30_000 };
    const lines: Line[] = [
      ...["echo 1", "echo 2"].map((command) => ({ text: fence(command) })),
      { text: fence("echo 3"), usage },
      summary("Notes."),
      { text: fence(SUBMIT) },
    ];
    const { shown } = await mini(lines, configured({ tool_style: "fenced" }));
    expect(shown[4]?.map(({ role }) => role)).toEqual([
      "system",
      "user",
      "assistant",
      "user",
      "assistant",
      "user",
    ]);
  });
});

describe("a request that was too long", () => {
  test("is asked again behind a summary, and no step is lost", async () => {
    const lines = ["echo 1", "echo 2", "echo 3", tooLong, summary("Notes."), SUBMIT];
    const { result, asked } = await mini(lines);
    expect(asked.map(({ purpose }) => purpose).join(" ")).toBe("step step step step summary step");
    expect(result).toMatchObject({ limit_reached: null });
    expect(result.steps).toHaveLength(4);
  });

  const LIMITED: [name: string, lines: Line[], fields: Parameters<typeof configured>[0]][] = [
    ["a second time", ["true", "true", "true", tooLong, summary("Notes."), tooLong], {}],
    ["with nothing older", ["true", tooLong], {}],
    ["with compaction off", ["true", "true", "true", tooLong], { compaction: { enabled: false } }],
    ["with no summary", ["true", "true", "true", tooLong, summary("")], {}],
  ];
  test.each(LIMITED)("A5: %s is a limit, and the work is taken", async (_, lines, fields) => {
    const [, ...rest] = lines;
    const { result } = await mini(["echo new > new.txt", ...rest], configured(fields));
    const ended = { outcome: "limit reached", limit_reached: "context" };
    expect(result).toMatchObject({ ...ended, patch_source: "work tree" });
    expect(Buffer.from(result.patch).toString()).toContain("new.txt");
  });

  const refused: Line = () =>
    Promise.reject(new Fault("model_request", "argument out of bounds", { hint: "see" }));
  test("A3: refused in words of its own, it is asked once more behind a summary", async () => {
    const lines = ["echo 1", "echo 2", "echo 3", refused, summary("Notes."), SUBMIT];
    const { result, asked } = await mini(lines);
    expect(asked.map(({ purpose }) => purpose).join(" ")).toBe("step step step step summary step");
    expect(result).toMatchObject({ limit_reached: null });
  });

  const GIVEN_UP: [name: string, lines: Line[], asked: number][] = [
    [
      "refused again when it is shorter",
      ["true", "true", "true", refused, summary("Notes."), refused],
      6,
    ],
    ["the summary refused too", ["true", "true", "true", refused, refused], 5],
    ["nothing answered before", [refused], 1],
    ["nothing older", ["true", refused], 2],
  ];
  test.each(GIVEN_UP)("A3: %s, it is the fault that it was", async (_, lines, count) => {
    let requests = 0;
    const counted = lines.map(
      (line): Line =>
        async () => {
          requests++;
          return line;
        },
    );
    await expect(mini(counted)).rejects.toMatchObject({
      code: "model_request",
      message: "argument out of bounds",
    });
    expect(requests).toBe(count);
  });

  test("A3: a request that is no larger than an answered one is not too long", async () => {
    const long = "x".repeat(5000);
    const lines: Line[] = [
      `echo ${long}`,
      full("echo 2"),
      summary("Notes."),
      full("echo 3"),
      summary("Short."),
      refused,
    ];
    await expect(mini(lines)).rejects.toMatchObject({ code: "model_request" });
  });
});

describe("a summary counts against limits", () => {
  test("of cost", async () => {
    const limits = { ...LIMITS, max_cost_usd: 5 };
    const { result, asked } = await mini(
      ["true", "true", full("true"), summary("Notes.", 5), "never"],
      { limits },
    );
    expect(result).toMatchObject({ limit_reached: "cost" });
    expect(result.steps.map(({ cost_usd }) => cost_usd)).toEqual([0, 0, 0]);
    expect(asked).toHaveLength(4);
  });

  test("of time", async () => {
    const slow: Line = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    const limits = { ...LIMITS, max_wall_ms: 1500 };
    const { result } = await mini(["true", "echo x > x", full("true"), slow], { limits });
    expect(result).toMatchObject({ limit_reached: "wall time", patch_source: "work tree" });
  });
});
