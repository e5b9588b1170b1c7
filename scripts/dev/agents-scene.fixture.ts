// Owns the part that a scripted model plays for a real agent program: builds, talks on both channels, waits, fetches, ends.
import type { Asked, Scripted } from "../../lib/model/wire/script.fixture.ts";
import { demoFile } from "../../lib/sandbox/task.fixture.ts";

/** A shell tool of some program: its name, and the arguments that run a command. */
type Shell = { readonly name: RegExp; readonly args: (command: string) => Record<string, unknown> };
const SHELLS: readonly Shell[] = [
  { name: /^Bash$/, args: (command) => ({ command, description: "a step" }) },
  { name: /^exec_command$/, args: (cmd) => ({ cmd, yield_time_ms: 30_000 }) },
  { name: /^(?:shell|local_shell)$/, args: (command) => ({ command: ["bash", "-c", command] }) },
  { name: /^shell_command$/, args: (command) => ({ command }) },
  {
    name: /^run_shell_command$/,
    args: (command) => ({ command, description: "a step", is_background: false }),
  },
  { name: /^bash$/, args: (command) => ({ command, description: "a step" }) },
  {
    name: /^terminal$/,
    args: (command) => ({ command, security_risk: "LOW", summary: "a step", timeout: 240 }),
  },
];

type Move =
  | { readonly shell: string }
  | { readonly tool: string; readonly args: Record<string, unknown> }
  | { readonly end: string };

/** What one agent of the demo pair does, step by step; some programs' shell is busybox's. */
export function moves({ own, partner, feature, base }: Scene): Move[] {
  const fetched = `while git fetch -q team && git diff --quiet ${base} team/${partner}; do sleep 0.2; done`;
  return [
    { shell: `${built(feature)} && tandem_who` },
    { tool: "tandem_send", args: { to: partner, text: `by MCP: ${own} has built ${feature}` } },
    { shell: `tandem_send ${partner} "by shell: \\"${own}\\" pushes next"` },
    {
      shell: `git add -A && git commit -q -m "feature ${feature}" && git push -q team HEAD:${own} && echo pushed`,
    },
    { tool: "tandem_wait", args: { seconds: 20 } },
    {
      shell: `${fetched}; git fetch -q origin && git diff --stat ${base} origin/${partner} && tandem_inbox`,
    },
    { end: `${own} is done.` },
  ];
}

/** Some programs refuse commands with unusual characters in them. */
function built(feature: number): string {
  const patch = demoFile(`feature${feature}/feature.patch`).toString("base64");
  return `printf %s ${patch} | base64 -d | git apply && echo built`;
}

type Scene = {
  readonly own: string;
  readonly partner: string;
  readonly feature: number;
  readonly base: string;
};

/** The scripted answers; a call without tools, or with other ones, is a side call. */
export function playsProgram(asked: Asked): Scripted {
  const text = asked.turns.map(({ content }) => content).join("\n");
  const own = /You are (agent\d+)\./.exec(text)?.[1];
  const base = /work tree from (\w+) is handed in/.exec(text)?.[1];
  if (own === undefined || base === undefined || asked.tools.length === 0)
    return { text: "A title" };
  const feature = Number(/<feature number="(\d+)">/.exec(text)?.[1]);
  const partner = own === "agent1" ? "agent2" : "agent1";
  // Some programs begin with an answer that they wrote themselves.
  const called = ({ role, ...turn }: Asked["turns"][number]) =>
    role === "assistant" && "tool_calls" in turn && turn.tool_calls.length > 0;
  const step = asked.turns.filter(called).length;
  const move = moves({ own, partner, feature, base })[step] ?? { end: "Nothing is left." };
  const usage = { input_tokens: 1000 + step, output_tokens: 10 + step };
  if ("end" in move) return { text: move.end, usage };
  return { text: `Step ${step + 1}.`, tool_calls: [callOf(move, asked.tools)], usage };
}

function callOf(move: Exclude<Move, { end: string }>, tools: readonly string[]) {
  if ("shell" in move) return shellCall(move.shell, tools);
  const name = tools.find((tool) => tool.endsWith(move.tool));
  if (name !== undefined) return { name, arguments: move.args };
  const words = Object.values(move.args).map((word) => `'${word}'`);
  return shellCall(`${move.tool} ${words.join(" ")}`, tools);
}

function shellCall(command: string, tools: readonly string[]) {
  for (const { name, args } of SHELLS) {
    const found = tools.find((tool) => name.test(tool));
    if (found !== undefined) return { name: found, arguments: args(command) };
  }
  throw new Error(`no shell among the tools ${tools.join(", ")}`);
}
