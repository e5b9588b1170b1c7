// Owns the cases of the opening prompts: they name exactly what there is.
import { describe, expect, test } from "bun:test";
import { memoryMailbox } from "../team/mailbox.ts";
import type { AgentJob } from "./agent.ts";
import { feature, jobOf, LIMITS } from "./job.fixture.ts";
import { openingPrompts } from "./prompts.ts";

const textOf = (fields: Partial<AgentJob>) => {
  const { system, task } = openingPrompts(jobOf(fields));
  return `${system}\n${task}`;
};
const mailbox = memoryMailbox(["agent1", "agent2", "agent3"]);
const TALK = /send_message|message from|talking|--wait/i;

describe("messaging is mentioned exactly when it is on", () => {
  const CASES: [name: string, fields: Partial<AgentJob>, talk: boolean][] = [
    ["alone", {}, false],
    ["with a partner, messaging off", { partners: ["agent2"] }, false],
    ["with a partner", { partners: ["agent2"], mailbox }, true],
    ["with two partners, messaging off", { partners: ["agent2", "agent3"] }, false],
    ["with two partners", { partners: ["agent2", "agent3"], mailbox }, true],
  ];
  test.each(CASES)("%s", (_, fields, talk) => {
    expect(TALK.test(textOf(fields))).toBe(talk);
    expect(textOf(fields)).not.toContain("{{");
  });
});

describe("partners", () => {
  test("alone there is no word of others, a merge or a team", () => {
    expect(textOf({})).not.toMatch(/agent\d|partner|merge|team/i);
  });
  test("one partner is one, and not everyone", () => {
    const text = textOf({ partners: ["agent2"], mailbox });
    expect(text).toContain("You are agent1.");
    expect(text).toContain("agent2 builds another feature");
    expect(text).not.toMatch(/send_message all|partners|copies/);
  });
  test("two partners are both named, and can be written to at once", () => {
    const text = textOf({ agent_id: "agent2", partners: ["agent1", "agent3"], mailbox });
    expect(text).toContain("agent1 and agent3 build other features");
    expect(text).toContain("send_message all");
  });
  test("both agents of a pair are told the same, but for names and features", () => {
    const one = textOf({ agent_id: "agent1", partners: ["agent2"], mailbox });
    const other = textOf({ agent_id: "agent2", partners: ["agent1"], mailbox });
    const swapped = other.replace(/agent([12])/g, (_, n) => `agent${3 - Number(n)}`);
    expect(swapped).toBe(one);
  });
});

describe("the task", () => {
  test("holds every own feature as it is written, and no gold patch", () => {
    const description = 'Use <b> & "quotes", {{braces}}, {{{more}}}, `ticks` and $VARS.';
    const features = [feature(2, { description }), feature(7)];
    const { task } = openingPrompts(jobOf({ features }));
    expect(task).toContain(`<feature number="2">\n${description}\n</feature>`);
    expect(task).toContain(`<feature number="7">\nBuild number 7.\n</feature>`);
    expect(task).not.toContain("gold");
  });
  test("tells the number of steps, the repository and how to hand in", () => {
    const { task } = openingPrompts(jobOf({ limits: { ...LIMITS, max_steps: 37 } }));
    expect(task).toContain("at most 37 steps");
    expect(task).toContain("`small_task`");
    expect(task).toContain("> patch.txt\n    echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT");
  });
});
