import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { actionsOf } from "../agent/actions.ts";
import { parseJson } from "../cooperbench/read/bytes.ts";
import { csvRecords } from "../labels/csv.ts";
import { mentionsIn } from "../labels/mentions.ts";
import { holdsPlan } from "../labels/speech-acts.ts";
import { saidIn } from "../model/provider/envelope.ts";
import { parsePatch, patchProblems } from "../patch/parse.ts";
import { promisesIn } from "../report/effects/promises.ts";
import { firstLine } from "../site/numbers.ts";
import { redact, redactBytes } from "./redact.ts";
import { cpuMs } from "./testing.ts";
import { visible } from "./visible.ts";

setDefaultTimeout(120_000);

const LENGTH = 100_000;
const CPU_MS = 400;
const SECRET = { A_TOKEN: `${"a".repeat(30)}b1` };

const READERS: Record<string, (text: string) => unknown> = {
  "a plan in a message": holdsPlan,
  "files named in a message": mentionsIn,
  "promises in a message": (text) =>
    promisesIn(text, { paths: ["src/a.ts"], sender: "agent1", reader: "agent2" }),
  "an error's body": (text) => saidIn(text, 500),
  "an error's page": (text) => saidIn(`<html>${text}`, 500),
  "a patch": (text) => [parsePatch(Buffer.from(text)), patchProblems(Buffer.from(text))],
  "labels of people": csvRecords,
  "JSON of others": (text) => [
    parseJson(Buffer.from(text)),
    parseJson(Buffer.from(`[NaN,${text}`)),
  ],
  "a text with secrets": (text) => [redact(text, SECRET), redactBytes(Buffer.from(text), SECRET)],
  "a text that is shown": (text) => [visible(text), firstLine(text, 100)],
  "an answer with blocks": (text) => actionsOf({ text, tool_calls: [] }, "fenced"),
};
const PIECES = [
  ...["a", " ", "\n", "\r", "\t", ".", "?!", "...)", "*_", "> ", "- ", "1", ":1", "#L1", "lines "],
  ...["`", "```", "```bash\n", "~~~\n", "</think>", "<think>", "http://", "I will ", "<", "<title"],
  ...["{", "[", '"', '\\"', '{\\"\\"\\"', '{"', '"a",', "a@", "\u001b]0;", `${"a".repeat(30)}b`],
  ...["@@ -1 +1 @@\n", "diff --git a/x b/x\n", "+++ ", "--- a\n", "GIT binary patch\nliteral 1\n"],
  ...["src/a.ts, ", "I leave all my src/a.ts and ", "if src/a.ts: "],
  ...["max_tokens ", "tokens context ", "please let me know "],
];

describe("S10: reads quickly", () => {
  test.each(Object.entries(READERS))("%s", (_, read) => {
    const slow = PIECES.flatMap((piece) => [piece, `${piece}x`]).filter((piece) => {
      const text = piece.repeat(Math.ceil(LENGTH / piece.length));
      return cpuMs(() => tried(() => read(text))) > CPU_MS;
    });
    expect(slow).toEqual([]);
  });
});

/** A refusal is an answer too. */
function tried(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
  }
}
