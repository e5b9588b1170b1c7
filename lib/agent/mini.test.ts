import { afterAll, describe, expect, test } from "bun:test";
import { NO_USAGE } from "../model/model.ts";
import type { Limits } from "./agent.ts";
import { call, jobOf, LIMITS, type Line, miniPlace, SUBMIT, seen } from "./job.fixture.ts";
import { miniAgent } from "./mini.ts";

const place = miniPlace();
const { mini } = place;
afterAll(() => place[Symbol.dispose]());

const withLimits = (limits: Partial<Limits>) => ({ limits: { ...LIMITS, ...limits } });

const WORK = "echo new > new.txt";
const HAND_IN = "git add -A && git diff --cached > patch.txt";

describe("handing in", () => {
  test("takes patch.txt and ends the work", async () => {
    const { result, shown } = await mini([WORK, HAND_IN, SUBMIT, "echo never"]);
    expect(result).toMatchObject({
      outcome: "submitted",
      limit_reached: null,
      patch_source: "patch.txt",
    });
    expect(Buffer.from(result.patch).toString()).toContain("+new\n");
    expect(shown).toHaveLength(3);
  });

  test("without patch.txt takes the work tree", async () => {
    const { result } = await mini([WORK, SUBMIT]);
    expect(result).toMatchObject({ outcome: "submitted", patch_source: "work tree" });
  });

  test("without any work is an empty patch", async () => {
    const { result } = await mini([SUBMIT]);
    expect(result).toMatchObject({ outcome: "empty patch", patch_source: "none" });
    expect(result.patch).toBeEmpty();
  });

  const LOOKS: [name: string, command: string, ends: boolean][] = [
    ["alone", SUBMIT, true],
    ["behind the patch, in one command", `${WORK}; ${HAND_IN}\n${SUBMIT}`, true],
    ["with words behind", `${SUBMIT}; echo bye`, true],
    ["with blank lines before", `echo; echo; ${SUBMIT}`, true],
    ["with words before", `echo hi; ${SUBMIT}`, false],
    ["in a failing command", `${SUBMIT}; false`, false],
    ["within a line", "echo I say COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT", false],
    ["written to a file", `${SUBMIT} > notes`, false],
  ];
  test.each(LOOKS)("%s", async (_, command, ends) => {
    const { shown } = await mini([command, SUBMIT]);
    expect(shown).toHaveLength(ends ? 1 : 2);
  });
});

describe("a limit is an outcome, and the work is taken", () => {
  const taken = { outcome: "limit reached", patch_source: "work tree" } as const;

  test("steps", async () => {
    const { result, shown } = await mini(
      [WORK, "true", "true", "true"],
      withLimits({ max_steps: 3 }),
    );
    expect(result).toMatchObject({ ...taken, limit_reached: "steps" });
    expect([shown.length, result.steps.length]).toEqual([3, 3]);
  });

  test("cost", async () => {
    const dear: Line = { tool_calls: [call(WORK)], cost_usd: 0.4 };
    const { result } = await mini([dear, dear, dear, dear], withLimits({ max_cost_usd: 0.8 }));
    expect(result).toMatchObject({ ...taken, limit_reached: "cost" });
    expect(result.steps).toHaveLength(2);
  });

  test("wall time, during a command", async () => {
    const { result } = await mini(
      [`${WORK}; sleep 100`, SUBMIT],
      withLimits({ max_wall_ms: 1_500 }),
    );
    expect(result).toMatchObject({ ...taken, limit_reached: "wall time" });
    expect(seen(result)[0]).toContain("killed at its time limit");
  });

  test("wall time, and the calls behind it are not run", async () => {
    const line: Line = { tool_calls: [call(`${WORK}; sleep 100`), call("rm new.txt")] };
    const { result } = await mini([line], withLimits({ max_wall_ms: 1_500 }));
    expect(result).toMatchObject({
      ...taken,
      limit_reached: "wall time",
      steps: [{ commands: 1 }],
    });
  });

  test("wall time, during a model call", async () => {
    const slow: Line = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    const { result } = await mini([WORK, slow], withLimits({ max_wall_ms: 1_500 }));
    expect(result).toMatchObject({ ...taken, limit_reached: "wall time" });
    expect(result.steps).toHaveLength(1);
  });

  test("before anything was done, with nothing to take", async () => {
    const { result, shown } = await mini([], withLimits({ max_wall_ms: 0 }));
    expect(result).toMatchObject({
      limit_reached: "wall time",
      outcome: "limit reached",
      patch_source: "none",
    });
    expect(shown).toEqual([]);
  });

  test("a command's own limit ends the command, not the work", async () => {
    const { result } = await mini(
      ["sleep 100", WORK, SUBMIT],
      withLimits({ command_timeout_ms: 100 }),
    );
    expect(result.outcome).toBe("submitted");
    expect(seen(result)[0]).toStartWith("[the command was killed at its time limit]");
  });
});

describe("what the model is shown", () => {
  const CASES: [name: string, line: Line, words: string][] = [
    ["status and both streams", "echo out; echo err >&2; exit 3", "[exit status 3]\nout\nerr\n"],
    ["no tool call", { text: "I think." }, "had no tool call"],
    ["a wrong tool", { tool_calls: [{ ...call("ls"), name: "python" }] }, 'no tool "python"'],
    ["no command", { tool_calls: [{ ...call(""), arguments: {} }] }, "takes one argument"],
    [
      "broken arguments",
      { tool_calls: [{ ...call(""), arguments: {}, malformed: '{"command' }] },
      "are no JSON object",
    ],
    ["an empty answer", { text: " \n" }, "Your answer was empty."],
    ["bytes that are no text", "printf '\\377'", "\ufffd"],
  ];
  test.each(CASES)("%s", async (_, line, words) => {
    const { result, shown } = await mini([line, SUBMIT]);
    expect(seen(result)[0]).toContain(words);
    expect(shown[1]?.at(-1)?.content).toEndWith(`${seen(result)[0]}`);
  });

  test("head and tail of much output", async () => {
    const { result } = await mini(["seq 1 100000", SUBMIT]);
    const [shown = ""] = seen(result);
    expect(shown).toStartWith("[exit status 0]\n1\n2\n");
    expect(shown).toEndWith("99999\n100000\n");
    expect(shown).toMatch(/\[\.\.\. \d+ bytes left out \.\.\.\]/);
    expect(shown.length).toBeLessThan(16_200);
  });

  test("an answer to each of several calls, in order and by its id", async () => {
    const tool_calls = [
      call("echo a > f; echo 1", "x"),
      call("cat f", "y"),
      { ...call("", "z"), name: "no" },
    ];
    const { result, shown } = await mini([{ text: "Three.", tool_calls }, SUBMIT]);
    expect(shown[1]?.slice(2)).toMatchObject([
      { role: "assistant", content: "Three.", tool_calls },
      { role: "tool", tool_call_id: "x", content: "[exit status 0]\n1\n" },
      { role: "tool", tool_call_id: "y", content: "[exit status 0]\na\n" },
      { role: "tool", tool_call_id: "z" },
    ]);
    expect(result.steps[0]).toMatchObject({ commands: 2, exit_code: 0 });
  });

  test("that its answer was cut off or withheld, whatever else it held", async () => {
    const cut: Line = { tool_calls: [call("echo 1")], stop_reason: "length" };
    const { result } = await mini([cut, { stop_reason: "filtered" }, SUBMIT]);
    expect(seen(result).slice(0, 4)).toEqual([
      "[exit status 0]\n1\n",
      expect.stringContaining("cut off at its token limit"),
      expect.stringContaining("Your answer was empty."),
      expect.stringContaining("filter withheld"),
    ]);
  });

  test("the provider's own part of an answer, as it gave it", async () => {
    const opaque = { signature: ["x", 1] };
    const { result, shown } = await mini([{ tool_calls: [call("true")], opaque }, SUBMIT]);
    expect(shown[1]?.[2]).toMatchObject({ role: "assistant", opaque });
    expect(result.transcript[2]).toMatchObject({ opaque });
    expect(result.transcript[4]).not.toContainKey("opaque");
  });

  test("no empty answer of its own, which providers refuse", async () => {
    const { result, shown } = await mini([{ text: "" }, { text: "" }, { text: "" }, SUBMIT]);
    expect(shown[3]?.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(result).toMatchObject({ limit_reached: null, outcome: "empty patch" });
    expect(result.steps).toHaveLength(4);
    expect(result.transcript.filter(({ role }) => role === "assistant")).toHaveLength(4);
  });

  test("calls behind the submission are not run", async () => {
    const { result } = await mini([{ tool_calls: [call(WORK), call(SUBMIT), call("rm new.txt")] }]);
    expect(result).toMatchObject({ outcome: "submitted", patch_source: "work tree" });
    expect(result.steps).toMatchObject([{ commands: 2 }]);
  });
});

describe("what is recorded", () => {
  test("a row a model call: tokens, cost, times, commands, status", async () => {
    const usage = { ...NO_USAGE, input_tokens: 11, output_tokens: 3, cache_read_tokens: 5 };
    const line: Line = {
      tool_calls: [call("true"), call("exit 4")],
      usage,
      cost_usd: 0.25,
      latency_ms: 120,
    };
    const { result } = await mini([line, { text: "Hm." }, SUBMIT]);
    expect(result.steps).toMatchObject([
      { ...usage, step: 1, cost_usd: 0.25, model_ms: 120, commands: 2, exit_code: 4 },
      { step: 2, commands: 0, exit_code: null, exec_ms: 0 },
      { step: 3, commands: 1, exit_code: 0 },
    ]);
  });

  test("an unknown cost stays unknown, and reaches no limit", async () => {
    const unknown: Line = { tool_calls: [call("true")], cost_usd: null };
    const { result } = await mini([unknown, unknown, SUBMIT], withLimits({ max_cost_usd: 0.01 }));
    expect(result.steps.map(({ cost_usd }) => cost_usd)).toEqual([null, null, 0]);
    expect(result.limit_reached).toBeNull();
  });

  test("no time in the transcript: the same answers give the same bytes", async () => {
    const lines: Line[] = ["echo 1", { text: "Hm." }, WORK, SUBMIT];
    const [one, two] = [await mini(lines), await mini(lines)];
    const { transcript } = one.result;
    expect(JSON.stringify(two.result.transcript)).toBe(JSON.stringify(transcript));
  });

  test("every turn with its step", async () => {
    const { result } = await mini(["true", SUBMIT]);
    expect(result.transcript.map(({ role, step }) => `${role} ${step}`)).toEqual([
      "system 1",
      "user 1",
      "assistant 1",
      "tool 1",
      "assistant 2",
      "tool 2",
    ]);
  });
});

describe("trouble", () => {
  test("a model that cannot open costs no sandbox", async () => {
    const job = jobOf({ openModel: () => Promise.reject(new Error("no such model")) });
    await expect(miniAgent(job)).rejects.toThrow("no such model");
  });

  test("a model's error is thrown as it is", async () => {
    const broken: Line = () => Promise.reject(new Error("provider down"));
    await expect(mini([WORK, broken])).rejects.toThrow("provider down");
  });

  test("an abort ends the loop, even with a model that does not look at it", async () => {
    const stop = new AbortController();
    let asked = 0;
    const abort: Line = async () => {
      asked++;
      stop.abort(new Error("stopped"));
      return { text: "I go on." };
    };
    await expect(mini([abort, abort], { signal: stop.signal })).rejects.toThrow("stopped");
    expect(asked).toBe(1);
  });

  test("an agent that removes its own folder has an outcome, not a fault", async () => {
    const { result } = await mini(['rm -rf "$PWD"', "ls -A", SUBMIT]);
    expect(result).toMatchObject({ outcome: "empty patch", patch_source: "none" });
    expect(seen(result)[1]).toBe("[exit status 0]\n");
  });
});
