import { describe, expect } from "bun:test";
import fc from "fast-check";
import { fuzz, fuzzAsync } from "../core/fuzz.fixture.ts";
import { floods, noiseBytes, recordLike, texts } from "../core/fuzz-inputs.fixture.ts";
import { printing } from "../sandbox/printing.fixture.ts";
import { memoryMailbox } from "../team/memory.ts";
import { type Action, actionsOf, BASH } from "./actions.ts";
import { deliver } from "./deliver.ts";
import { cappedText, outputBytes, shortened } from "./observation.ts";
import { takePosted } from "./send-message.ts";

const MARKS = [
  "```",
  "```bash\n",
  "```\n",
  "~~~\n",
  "   ```bash\n",
  "````bash\n",
  "ls\n",
  "    x\n",
  "\t",
  "```sh\n",
  "`",
  "```a",
  "``` ",
  "echo '```'\n",
];

describe("commands", () => {
  fuzz(
    "in blocks are whole lines of the text",
    { runs: 56_000, input: texts({ tokens: MARKS }) },
    (text) => {
      const actions = actionsOf({ text, tool_calls: [] }, "fenced");
      for (const action of actions) assertAction(action);
      for (const action of actions)
        if ("command" in action)
          for (const line of action.command.split("\n")) expect(text.includes(line)).toBe(true);
    },
  );

  const command = fc
    .stringMatching(/^[a-z][a-z `'"$|\n]{0,40}[a-z]$/)
    .filter((text) => !text.includes("```"));
  fuzz(
    "written in blocks are read from them",
    { runs: 10_500, input: fc.array(command, { maxLength: 4 }) },
    (commands) => {
      const text = commands.map((one) => `Now this:\n\n\`\`\`bash\n${one}\n\`\`\`\n`).join("\n");
      expect(actionsOf({ text, tool_calls: [] }, "fenced")).toEqual(
        commands.map((one) => ({ command: one })),
      );
    },
  );

  const call = fc.record({
    id: fc.string(),
    name: fc.oneof(fc.constant(BASH.name), fc.string()),
    arguments: recordLike(["command", "ls", "timeout"]),
  });
  fuzz(
    "in calls are texts",
    { runs: 10_500, input: fc.array(call, { maxLength: 3 }) },
    (tool_calls) => {
      const actions = actionsOf({ text: "", tool_calls }, "native");
      expect(actions.map(({ call_id }) => call_id)).toEqual(tool_calls.map(({ id }) => id));
      for (const action of actions) assertAction(action);
    },
  );

  fuzz("in floods are found in time", { runs: 800, input: floods(MARKS) }, (text) => {
    actionsOf({ text, tool_calls: [] }, "fenced");
    const calls = [
      { id: "1", name: text, arguments: {} },
      { id: "2", name: "bash", arguments: { [text]: 1 } },
    ];
    for (const action of actionsOf({ text: "", tool_calls: calls }, "native")) assertAction(action);
  });
});

function assertAction(action: Action): void {
  if ("command" in action) {
    expect(typeof action.command).toBe("string");
    expect(action.command.trim() === "" || action.command.includes("\0")).toBe(false);
  } else expect(action.problem === "" || action.problem.length > 1_000).toBe(false);
}

const WORDS = [
  "1 ",
  "0 agent2",
  "all",
  " ",
  "\n",
  "\n\n",
  "3 1.to",
  "9 1.text",
  "7 2.text",
  "hello",
  "ä",
];
const LISTING = "2\n8 1.to\n5 2.to\n5 1.text\n3 2.text\n21 total\n\n1 agent20 allhellohä";
const posted = texts({ tokens: WORDS, seeds: [LISTING] });
const NEVER = new AbortController().signal;

describe("messages", () => {
  fuzzAsync(
    "that were posted go to partners or nobody, and nobody waits",
    { runs: 7_000, input: posted },
    async (listing) => {
      const { posted: messages } = await takePosted(printing(listing), "/work/outbox", NEVER);
      expect(messages.length).toBeLessThanOrEqual(listing.split("\n").length);
      const mailbox = memoryMailbox(["agent1", "agent2"]);
      const job = { agent_id: "agent1", partners: ["agent2"], signal: NEVER };
      const { sent, notes } = await deliver(messages, { job, mailbox, step: 1, left_ms: 0 });
      const history = await mailbox.history();
      expect(history.length).toBe(sent);
      expect(history.every(({ recipient }) => recipient === "agent2")).toBe(true);
      expect(notes.filter((note) => note.length > 500)).toEqual([]);
    },
  );

  const long = floods(WORDS);
  fuzzAsync("floods too", { runs: 60, input: long }, async (listing) => {
    const size = Buffer.byteLength(listing) + 2;
    const { posted: messages } = await takePosted(
      printing(`1\n${size} 1.to\n2 1.text\n\n1 ${listing}`),
      "/work/outbox",
      NEVER,
    );
    const mailbox = memoryMailbox(["agent1", "agent2"]);
    const job = { agent_id: "agent1", partners: ["agent2"], signal: NEVER };
    const { notes } = await deliver(messages.slice(0, 20), { job, mailbox, step: 1, left_ms: 0 });
    expect(notes.filter((note) => note.length > 500)).toEqual([]);
  });
});

const cap = fc.record({ head_bytes: fc.nat(60), tail_bytes: fc.nat(60) });
const LINE = /\n\[\.\.\. (\d+) bytes left out \.\.\.\]\n/;

describe("observations", () => {
  const bytes = fc.oneof(
    noiseBytes(200),
    texts({}).map((text) => Buffer.from(text)),
  );
  fuzz(
    "are the output, or head and tail of it with every byte accounted for",
    { runs: 42_000, input: fc.tuple(bytes, cap) },
    ([output, cap]) => {
      const shown = cappedText({ output, dropped_bytes: 0 }, cap);
      if (output.length <= cap.head_bytes + cap.tail_bytes)
        expect(shown).toBe(output.toString("utf8"));
      else {
        const left = Number(LINE.exec(shown)?.[1]);
        expect(left).toBeGreaterThanOrEqual(output.length - cap.head_bytes - cap.tail_bytes);
        expect(left).toBeLessThanOrEqual(output.length - cap.head_bytes - cap.tail_bytes + 6);
        // Bytes that are no UTF-8 become replacement characters, three bytes each.
        expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(
          3 * (cap.head_bytes + cap.tail_bytes) + 60,
        );
      }
    },
  );

  fuzz(
    "of valid text hold no half characters",
    { runs: 21_000, input: fc.tuple(fc.string({ unit: "binary", maxLength: 60 }), cap) },
    ([text, cap]) => {
      const shown = shortened(text.replaceAll("\ufffd", "?"), cap);
      expect(shown.includes("\ufffd")).toBe(false);
    },
  );

  fuzz(
    "count what the sandbox left out already",
    { runs: 7_000, input: fc.tuple(noiseBytes(100), fc.nat(1e9)) },
    ([output, dropped_bytes]) => {
      const cap = { head_bytes: 10, tail_bytes: 10 };
      const shown = cappedText({ output, dropped_bytes: dropped_bytes + 1 }, cap);
      expect(Number(LINE.exec(shown)?.[1])).toBeGreaterThan(dropped_bytes + outputBytes(cap) - 20);
    },
  );
});
