// Owns the page of ends and faults: made from their tables.
import {
  AGENT_ENDS,
  type AgentEnd,
  CALL_ENDS,
  type CallEnd,
  COMMAND_ENDS,
  type CommandEnd,
  callRow,
} from "./ends.ts";
import { FAULT_CODES, faultRow } from "./fault.ts";

const OPENING = `# Ends

Made from \`lib/core/ends.ts\` and \`lib/core/fault.ts\` by \`npm run docs\`; do not edit it here.

An *outcome* is what the experiment found: it is a row and counts in the rate. A *fault* is the laboratory's failure: it is never scored, and the
unit is done again. What an agent does is never a fault, and a failure of the laboratory is never an outcome.
`;

/** The whole page as Markdown. */
export function endsDocument(): string {
  return [OPENING, agents(), calls(), commands(), faults()].join("\n");
}

function agents(): string {
  const rows = keys<AgentEnd>(AGENT_ENDS).map((end) => {
    const { outcome, says } = AGENT_ENDS[end];
    return [code(end), says, code(outcome), "limit" in AGENT_ENDS[end] ? "yes" : "no"];
  });
  return `## How an agent ends

In each case the work is taken as it is and counts in the rate: an attempt whose agents all left nothing fails with the worst of these, others are decided by their tests.

${table(["end", "meaning", "outcome of the agent", "a limit"], rows)}`;
}

function calls(): string {
  const rows = keys<CallEnd>(CALL_ENDS).map((end) => {
    const { says, asked_again, fault, agent } = callRow(end);
    const then =
      agent === undefined ? code(fault) : `${code(fault)}; an agent ends: ${code(agent)}`;
    return [end, says, asked_again, then, faultRow(fault).stops_run ? "yes" : "no"];
  });
  return `## How a model call fails

*Through an outage*: until the provider works again, for at most \`--max-outage\` at a stretch, with the agent's clock stopped. *A few times*: eight tries.

${table(["failure", "meaning", "tried again", "then", "stops the run"], rows)}`;
}

function commands(): string {
  const rows = keys<CommandEnd>(COMMAND_ENDS).map((end) => {
    const { says, agent } = COMMAND_ENDS[end];
    return [end, says, agent === "submits" ? "hands in its work" : "sees the result, and goes on"];
  });
  return `## How a command ends

A command that cannot end because its sandbox or engine is gone is a fault, and its attempt is made again.

${table(["end", "meaning", "the agent"], rows)}`;
}

function faults(): string {
  const rows = FAULT_CODES.map((name) => {
    const { means, passes, stops_run } = faultRow(name);
    return [code(name), means, passes ? "yes" : "no", stops_run ? "yes" : "no"];
  });
  return `## Faults

The next call does every unit that met one again. *Tried again*: it is also tried again within the call, as often as \`[retries] faults\` says.

${table(["fault", "meaning", "tried again", "stops the run"], rows)}`;
}

function keys<Key extends string>(rows: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(rows) as Key[];
}

const code = (word: string) => `\`${word}\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return `${lines.map((line) => `| ${line.join(" | ")} |`).join("\n")}\n`;
}
