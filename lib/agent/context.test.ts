import { describe, expect, test } from "bun:test";
import type { SummaryTurn, TranscriptTurn } from "./agent.ts";
import { olderTurns, shownTurns } from "./context.ts";

/** `s` system, `u…` user, `a…` assistant with a call, `e` an empty answer, `t…` tool, `S2-4` a summary of those turns. */
function turnOf(word: string): TranscriptTurn {
  const step = 1;
  if (word.startsWith("S")) {
    const [from_turn = 0, until_turn = 0] = word.slice(1).split("-").map(Number);
    const summary: SummaryTurn = { role: "summary", content: word, from_turn, until_turn };
    return { ...summary, step };
  }
  if (word === "s") return { role: "system", content: word, step };
  if (word === "e") return { role: "assistant", content: " \n", tool_calls: [], opaque: 1, step };
  if (word.startsWith("u")) return { role: "user", content: word, step };
  if (word.startsWith("t")) return { role: "tool", tool_call_id: "1", content: word, step };
  const tool_calls = [{ id: "1", name: "bash", arguments: { command: `run ${word}` } }];
  return { role: "assistant", content: word, tool_calls, opaque: { kept: word }, step };
}
const transcriptOf = (words: string) => words.split(" ").map(turnOf);

describe("a request", () => {
  const CASES: [name: string, transcript: string, shown: string][] = [
    ["holds everything", "s u1 a1 t1 a2 t2", "s u1 a1 t1 a2 t2"],
    ["joins users' turns in a row", "s u1 u2 a1 t1 u3 u4", "s u1+u2 a1 t1 u3+u4"],
    ["leaves empty answers out", "s u1 e u2 a1 t1", "s u1+u2 a1 t1"],
    ["has a summary for what it replaces", "s u1 a1 t1 a2 t2 a3 t3 S2-4", "s u1+S2-4 a2 t2 a3 t3"],
    ["goes on behind it", "s u1 a1 t1 a2 t2 S2-4 u2 a3 t3", "s u1+S2-4 a2 t2 u2 a3 t3"],
    ["has the last summary only", "s u1 a1 t1 a2 t2 S2-4 a3 t3 S2-7", "s u1+S2-7 a3 t3"],
    [
      "keeps turns on both sides of an old summary",
      "s u1 a1 t1 a2 t2 a3 t3 S2-4 a4 t4 S2-6",
      "s u1+S2-6 a3 t3 a4 t4",
    ],
  ];
  test.each(CASES)("%s", (_, transcript, shown) => {
    const turns = shownTurns(transcriptOf(transcript), "native");
    expect(turns.map(({ content }) => content.replaceAll("\n\n", "+")).join(" ")).toBe(shown);
    expect(turns.map(({ role }) => role)).not.toContain("summary");
  });

  test("gives the provider's own part of an answer back, and nothing of ours", () => {
    const [, , answer] = shownTurns(transcriptOf("s u1 a1 t1"), "native");
    expect(answer).toEqual({
      role: "assistant",
      content: "a1",
      tool_calls: [{ id: "1", name: "bash", arguments: { command: "run a1" } }],
      opaque: { kept: "a1" },
    });
  });

  test("has no tool calls where no tool was offered", () => {
    const turns = shownTurns(transcriptOf("s u1 a1"), "fenced");
    expect(turns[2]).toMatchObject({ content: "a1", tool_calls: [] });
  });
});

describe("a summary may replace", () => {
  const CASES: [name: string, transcript: string, keep: number, until: number | undefined][] = [
    ["nothing of an opening", "s u1", 2, undefined],
    ["nothing of two turns", "s u1 a1 t1 a2 t2", 2, undefined],
    ["the first of three", "s u1 a1 t1 a2 t2 a3 t3", 2, 4],
    ["all but one", "s u1 a1 t1 a2 t2 a3 t3", 1, 6],
    ["what lies between answers too", "s u1 u2 a1 t1 u3 a2 t2 u4 a3 t3", 2, 6],
    ["an answer with all its results", "s u1 a1 t1 t1 t1 a2 t2 t2 a3", 1, 9],
    ["nothing twice", "s u1 a1 t1 a2 t2 a3 t3 S2-4", 2, undefined],
    ["what came since", "s u1 a1 t1 a2 t2 a3 t3 S2-4 a4 t4", 2, 6],
    ["no message alone", "s u1 u2 a1 t1 a2 t2", 2, undefined],
  ];
  test.each(CASES)("%s", (_, transcript, keep, until) => {
    const older = olderTurns(transcriptOf(transcript), keep);
    expect(older?.until_turn).toBe(until);
    if (older !== undefined) expect(older.from_turn).toBe(2);
  });

  test("and its writer reads the turns, the commands and the summary before", () => {
    const older = olderTurns(transcriptOf("s u1 a1 t1 a2 t2 a3 t3 S2-4 a4 t4"), 2);
    expect(older?.text).toBe("S2-4\n\nEngineer:\na2\n$ run a2\n\nShown:\nt2");
  });

  test("of long turns head and tail, so that it fits", () => {
    const long = turnOf(`u${"x".repeat(100_000)}`);
    const [s, u, a, t, b] = transcriptOf("s u1 a1 t1 a2");
    const turns = [s, u, a, long, t, b].filter((turn) => turn !== undefined);
    const text = olderTurns(turns, 1)?.text ?? "";
    expect(text.length).toBeLessThan(5000);
    expect(text).toMatch(/bytes left out/);
  });
});
