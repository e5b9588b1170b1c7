import { describe, expect, test } from "bun:test";
import type { JudgedPromise, MessageEffect } from "../report/effects/effect.ts";
import type { MessageTimes } from "./clock.ts";
import { messageHtml, messageKinds } from "./message.ts";

const MESSAGE: MessageTimes = {
  ...{ seq: 3, sender: "agent1", recipient: "agent2", content: "I only edit <b>src/a.ts</b>" },
  ...{ sent: 1000, read: 1500, unread: false, sent_step: 2, read_step: 4 },
};
const PROMISE: JudgedPromise = {
  ...{ by: "agent1", kind: "touch", paths: ["src/a.ts"], only: true, part: false, further: false },
  ...{ fresh: false, quote: "I only edit src/a.ts", status: "kept", path: "src/a.ts", step: 5 },
  why: "agent1's patch changes src/a.ts.",
};
const EFFECT: MessageEffect = {
  ...{ seq: 3, sender: "agent1", reader: "agent2", read: true, answered: false, answer: null },
  ...{ edited: [], named: [], promises: [] },
};
const STEPS = new Set(["agent1-step-2", "agent2-step-4", "agent1-step-5", "agent2-step-6"]);

/** The text of the message's head and of what it did, and its links. */
function shown(effect: Partial<MessageEffect> | undefined, message: Partial<MessageTimes> = {}) {
  const effects = new Map(effect === undefined ? [] : [[3, { ...EFFECT, ...effect }] as const]);
  const place = { agents: ["agent1", "agent2"], steps: STEPS, effects };
  const { text } = messageHtml({ ...MESSAGE, ...message }, place);
  const lines = [...text.matchAll(/<li>([\s\S]*?)<\/li>/g)].map(([, line = ""]) =>
    line.replace(/<[^>]*>/g, ""),
  );
  const [, head = ""] = /class="message-head">([\s\S]*?)<\/p>/.exec(text) ?? [];
  return {
    text,
    lines,
    head: head.replace(/<[^>]*>/g, ""),
    links: [...text.matchAll(/href="([^"]*)"/g)].map(([, to]) => to),
  };
}

type Case = readonly [title: string, effect: Partial<MessageEffect>, lines: readonly string[]];
const CASES: readonly Case[] = [
  [
    "a promise that was kept",
    { promises: [PROMISE] },
    [
      "promise kept: agent1 changes only src/a.ts, from “I only edit src/a.ts”. agent1&#39;s patch changes src/a.ts. (step 5)",
    ],
  ],
  [
    "a request that was not",
    {
      promises: [
        { ...PROMISE, by: "agent2", kind: "keep_off", only: false, status: "broken", step: 6 },
      ],
    },
    [
      "request broken: agent2 is to leave alone src/a.ts, from “I only edit src/a.ts”. agent1&#39;s patch changes src/a.ts. (step 6)",
    ],
  ],
  [
    "a promise that the rules cannot decide",
    { promises: [{ ...PROMISE, status: "open", step: null, why: "No patch." }] },
    ["promise open: agent1 changes only src/a.ts, from “I only edit src/a.ts”. No patch."],
  ],
  [
    "edits until the next message",
    {
      edited: [
        { agent_id: "agent2", step: 4, path: "b.ts" },
        { agent_id: "agent2", step: 6, path: "b.ts" },
      ],
    },
    ["agent2 then edited b.ts (step 4)"],
  ],
  [
    "what is not known of edits, and an answer",
    { edited: null, answered: true, answer: { seq: 4, sent_step: 6, steps: 3, duration_ms: 4200 } },
    ["agent2 answered after 3 steps, 4.2 s"],
  ],
  [
    "files that it names",
    {
      edited: null,
      named: [
        { path: "a.ts", in_patch: true, step: null },
        { path: "b.ts", in_patch: null, step: null },
        { path: "c.ts", in_patch: true, step: 6 },
      ],
    },
    [
      "names a.ts: in agent2&#39;s patch; b.ts: whether agent2 changed it is not known; c.ts: agent2 edited it in step 6",
    ],
  ],
];

describe("a message on an attempt's page", () => {
  test.each(CASES.map((one) => [one[0], one] as const))(
    "tells of %s",
    (_title, [, effect, lines]) => {
      const told = shown(effect).lines.filter(
        (line) => !/edited nothing|did not answer/.test(line),
      );
      expect(told).toEqual([...lines]);
    },
  );

  test("that was read, and did nothing", () => {
    expect(shown({}).lines).toEqual([
      "agent2 edited nothing until the next message it read",
      "agent2 did not answer it",
    ]);
    expect(shown(undefined).lines).toEqual([]);
  });

  test("links to steps that the page has, and only to those", () => {
    expect(shown({}).links).toEqual(["#agent1-step-2", "#agent2-step-4"]);
    expect(shown({}, { sent_step: 77, read_step: 78 }).links).toEqual([]);
    expect(shown({}, { sent_step: 77 }).head).toContain(
      "agent1 → agent2 in step 77, read at +1.50 s (after 500 ms), step 4",
    );
  });

  test.each([
    [{ read: null, read_step: null, unread: true }, "never read"],
    [{ read: null, read_step: null, unread: null }, "time of reading unknown"],
    [{ read: null, read_step: 4 }, "read, step 4"],
  ] as const)("says of %j: %s", (message, words) => {
    expect(shown({}, message).head.replaceAll("read,  step", "read, step")).toContain(words);
  });

  test("is found by a broken promise", () => {
    expect(messageKinds({ ...EFFECT, promises: [{ ...PROMISE, status: "broken" }] })).toEqual([
      "message",
      "broken",
    ]);
    expect(messageKinds({ ...EFFECT, promises: [PROMISE] })).toEqual(["message"]);
    expect(messageKinds(undefined)).toEqual(["message"]);
  });

  test("escapes its text", () => {
    expect(shown({}).text).toContain("I only edit &lt;b&gt;src/a.ts&lt;/b&gt;");
  });
});
