// Owns reading an answer: the commands it wants run, and what is wrong with calls that are not commands.
import { cut } from "../core/text.ts";
import type { Answer, StopReason, Tool, ToolCall } from "../model/model.ts";
import type { AgentConfig } from "./config.ts";
import { beginsThoughts, spoken } from "./thoughts.ts";

export const BASH: Tool = {
  name: "bash",
  description:
    "Runs a command in a fresh shell in the repository's root and gives its exit status and output.",
  parameters: {
    type: "object",
    properties: { command: { type: "string", description: "The command." } },
    required: ["command"],
  },
};

/** What one call or fenced block asks for; `call_id` is present for native calls, whose results must name it. */
export type Action = { readonly call_id?: string } & (
  | { readonly command: string }
  | { readonly problem: string }
);

/** Why an answer ended early, as the model is told; the other reasons need no explanation. */
export const EARLY_END: Partial<Record<StopReason, string>> = {
  length:
    "Your answer was cut off at its token limit. Write shorter answers: long files in several commands.",
  filtered: "The provider's filter withheld your answer or a part of it.",
};

/** An answer's actions in order; none when it holds neither a call nor a block. */
export function actionsOf(
  answer: Pick<Answer, "text" | "tool_calls">,
  style: AgentConfig["tool_style"],
): Action[] {
  if (style === "fenced") return fencedActions(answer.text);
  return answer.tool_calls.map((call) => ({ call_id: call.id, ...callAction(call) }));
}

function callAction(call: ToolCall): Action {
  if (plainName(call.name) !== BASH.name)
    return {
      problem: `There is no tool "${cut(call.name, LONGEST_ECHO + 1)}": the only one is bash.`,
    };
  if (call.malformed !== undefined)
    return {
      problem: `The arguments are no JSON object (they begin with ${JSON.stringify(call.malformed.slice(0, LONGEST_ECHO))}): the tool bash takes one argument, a text: {"command": "…"}.`,
    };
  const { command } = call.arguments;
  if (typeof command === "string") return commandAction(command);
  const given = cut(Object.keys(call.arguments).join(", "), LONGEST_ECHO + 1);
  const wrong = given === "" || given === "command" ? "" : ` You gave: ${given}.`;
  return {
    problem: `The tool bash takes one argument, a text: {"command": "…"}.${wrong}`,
  };
}

/** Strips what servers leave of a model's own format: `functions.bash`, `default_api.bash`, `bash<|channel|>json`. */
function plainName(name: string): string {
  return name
    .replace(/<\|[\s\S]*$/, "")
    .replace(/^(functions|default_api)[.:]/, "")
    .trim();
}

/** The model's own text, as much of it as shows what is meant. */
const LONGEST_ECHO = 80;

function commandAction(command: string): Action {
  if (command.trim() === "") return { problem: "The command is empty." };
  if (command.includes("\0"))
    return { problem: "The command holds a NUL character, which no shell takes: write it as \\0." };
  return { command };
}

/** Backticks, whose line holds no others, or tildes. */
const FENCE = /^( {0,3})(`{3,}|~{3,})(.*)$/;
const SHELLS = ["bash", "sh", "shell", "shellscript", "zsh"];
/** The first word after a fence. In one pattern with the fence it would take quadratic time on a long line. */
const MARK = /^[ \t]*(\S*)/;

/**
 * Blocks as CommonMark reads them: a fence is closed by one of the same character that is at least as long; its content
 * is not read.
 */
function fencedActions(text: string): Action[] {
  const actions: Action[] = [];
  let open: { fence: string; indent: number; isBash: boolean; lines: string[] } | undefined;
  const said = spoken(text.replace(/^\ufeff/, ""));
  for (const line of said.split(said.includes("\n") ? /\r?\n/ : /\r/)) {
    if (open === undefined && beginsThoughts(line)) break;
    const [, indent = "", fence = "", behind = ""] = fenceOf(line);
    const mark = MARK.exec(behind)?.[1] ?? "";
    if (open === undefined) {
      if (fence !== "") open = { fence, indent: indent.length, isBash: isShell(mark), lines: [] };
    } else if (fence.startsWith(open.fence) && mark === "") {
      if (open.isBash) actions.push(commandAction(open.lines.join("\n")));
      open = undefined;
    } else open.lines.push(withoutIndent(line, open.indent));
  }
  if (open?.isBash)
    actions.push({ problem: "The last bash block has no closing fence: it was not run." });
  return actions;
}

function fenceOf(line: string): readonly string[] {
  const found = FENCE.exec(line) ?? [];
  return found[2]?.startsWith("`") && found[3]?.includes("`") ? [] : found;
}

/** `bash`, `{bash}`, `{.bash}`, `bash:run`, `/bin/bash`, `language-bash`: whatever else follows the word. */
function isShell(mark: string): boolean {
  const word =
    /^(?:\{?\.?|(?:\/usr)?\/bin\/|lang(?:uage)?-)([a-z]+)(?![\w-])/i.exec(mark)?.[1] ?? "";
  return SHELLS.includes(word.toLowerCase());
}

function withoutIndent(line: string, columns: number): string {
  const spaces = /^ */.exec(line)?.[0].length ?? 0;
  return line.slice(Math.min(spaces, columns));
}
