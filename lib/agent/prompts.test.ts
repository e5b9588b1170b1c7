import { describe, expect, test } from "bun:test";
import { memoryMailbox } from "../team/memory.ts";
import type { AgentJob } from "./agent.ts";
import { configured, feature, jobOf, LIMITS } from "./job.fixture.ts";
import { jobView, openingPrompts } from "./prompts.ts";
import { fill } from "./templates.ts";

const BASE = "0123456789abcdef0123456789abcdef01234567";
const promptsOf = (fields: Partial<AgentJob> = {}) => {
  const job = jobOf(fields);
  return openingPrompts(job, jobView(job, BASE));
};
const openingOf = (fields: Partial<AgentJob> = {}) => Object.values(promptsOf(fields)).join("\n");

/** Whatever an agent is ever told in the words of a template. */
function everythingOf(fields: Partial<AgentJob>): string {
  const job = jobOf(fields);
  const view = jobView(job, BASE);
  const { system, task, ...others } = job.config.prompts;
  const later = Object.values(others).flatMap((template) =>
    [true, false].map((flag) =>
      fill(template, { ...view, empty: flag, several: flag, timed_out: flag, notes: [] }),
    ),
  );
  return [openingOf(fields), ...later].join("\n");
}

const mailbox = memoryMailbox(["agent1", "agent2", "agent3"]);
const CHANNELS = {
  messaging: /send_message|\bmessages?\b|talking|--wait|agreed with/i,
  git: /\bremote\b|`team`|\bteam\/|git (push|fetch|merge)|branch/i,
  partners: /agent\d|partner|merge|together/i,
};

describe("each channel is mentioned exactly when it is on", () => {
  const flags = [true, false];
  const CASES = flags.flatMap((messaging) =>
    flags.flatMap((git) => flags.map((solo) => ({ messaging, git, solo }))),
  );
  for (const tool_style of ["native", "fenced"] as const)
    test.each(CASES)(`${tool_style} %j`, ({ messaging, git, solo }) => {
      const fields = {
        partners: solo ? [] : ["agent2"],
        mailbox: messaging ? mailbox : undefined,
        git,
        ...configured({ tool_style }),
      };
      const wanted = { messaging: messaging && !solo, git: git && !solo, partners: !solo };
      const told = openingOf(fields);
      const ever = everythingOf(fields);
      for (const [channel, words] of Object.entries(CHANNELS)) {
        const on = wanted[channel as keyof typeof wanted];
        expect({ channel, told: words.test(told) }).toEqual({ channel, told: on });
        expect({ channel, ever: words.test(ever) }).toEqual({ channel, ever: on });
      }
      expect(ever).not.toContain("{{");
    });

  test.each(["native", "fenced"] as const)("and the %s form of commands alone", (tool_style) => {
    const text = everythingOf(configured({ tool_style }));
    expect(text.includes("```bash")).toBe(tool_style === "fenced");
    expect(/\btool\b/i.test(text)).toBe(tool_style === "native");
  });
});

describe("partners", () => {
  test("one partner is one, and not everyone", () => {
    const text = openingOf({ partners: ["agent2"], mailbox });
    expect(text).toContain("You are agent1.");
    expect(text).toContain("agent2 builds another feature");
    expect(text).not.toMatch(/send_message all|partners|copies/);
  });
  test("two partners are both named, and can be written to at once", () => {
    const text = openingOf({ agent_id: "agent2", partners: ["agent1", "agent3"], mailbox });
    expect(text).toContain("agent1 and agent3 build other features");
    expect(text).toContain("send_message all");
  });
  test("both agents of a pair are told the same, but for names and features", () => {
    const common = { mailbox, git: true };
    const one = openingOf({ agent_id: "agent1", partners: ["agent2"], ...common });
    const other = openingOf({ agent_id: "agent2", partners: ["agent1"], ...common });
    const swapped = other.replace(/agent([12])/g, (_, n) => `agent${3 - Number(n)}`);
    expect(swapped).toBe(one);
  });
  test("a wait is said to be as long as it is", () => {
    const wait = configured({ message_wait_ms: 15_000 });
    expect(openingOf({ partners: ["agent2"], mailbox, ...wait })).toContain("up to 15 s");
  });
  test("sharing: the own branch to push, the partner's to look at", () => {
    const { task } = promptsOf({ agent_id: "agent2", partners: ["agent1"], git: true });
    for (const words of [
      "git push team HEAD:agent2",
      "git fetch team",
      "team/agent1",
      "--no-commit",
      "patch.txt",
    ])
      expect(task).toContain(words);
  });
});

describe("commands", () => {
  test("A26: before the example block stands no prose that could be copied into a command", () => {
    const { system } = promptsOf(configured({ tool_style: "fenced" }));
    expect(system).toMatch(/\bAn answer looks like this:\n\n```bash\n/);
    expect(system.split("```bash")).toHaveLength(2);
  });
  test.each(["native", "fenced"] as const)(
    "A24: %s: what is left running is ended",
    (tool_style) => {
      const { system } = promptsOf(configured({ tool_style }));
      expect(system.replaceAll("\n", " ")).toContain(
        "what it leaves running in the background is ended with it.",
      );
    },
  );
});

describe("the task", () => {
  test("holds every own feature as it is written, and no gold patch", () => {
    const description = 'Use <b> & "quotes", {{braces}}, {{{more}}}, `ticks` and $VARS.';
    const features = [feature(2, { description }), feature(7)];
    const { task } = promptsOf({ features });
    expect(task).toContain(`<feature number="2">\n${description}\n</feature>`);
    expect(task).toContain(`<feature number="7">\nBuild number 7.\n</feature>`);
    expect(task).not.toContain("gold");
  });
  test("tells the number of steps, the repository and how to hand in", () => {
    const { task } = promptsOf({ limits: { ...LIMITS, max_steps: 37 } });
    expect(task).toContain("at most 37 steps");
    expect(task).toContain("`small_task`");
    expect(task).toContain("> patch.txt\n    echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT");
  });
  test("makes the diff against the base, so that committed work is in it", () => {
    expect(promptsOf().task).toContain("git diff --cached --binary 0123456789ab -- .");
  });
});
