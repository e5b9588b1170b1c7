// Owns telling what a program's requests are for: its steps, those of helpers that it starts, and side calls (titles, summaries).
import type { Answer, ModelRequest, ToolCall } from "../model.ts";

type Asked = Pick<ModelRequest, "turns" | "tools">;
/** `helper`: which of the program's helper agents asks, from 1 in their order; absent: the program itself. */
export type Purpose = Pick<ModelRequest, "purpose"> & { readonly helper?: number };

/** Shorter texts are found in any prompt. */
const LEAST_CHARACTERS = 12;

/**
 * Steps are the calls with the most tools that the program has offered so far. A call with fewer is a side call, unless a helper
 * agent of the program's own makes it. A helper is told by its conversation: its prompt holds what a call says that still waits for
 * its result, or is just what an earlier call said; and it goes on with results of the tools that it is offered.
 */
export class Purposes {
  private most: number;
  /** Calls without a result yet, by id, with the longest text among their arguments. */
  private readonly open = new Map<string, string>();
  /** Such texts of all calls. */
  private readonly said = new Set<string>();
  /** Who made a call, by its id. */
  private readonly makers = new Map<string, Purpose>();
  /** Helpers by what the calls that began them said. */
  private readonly begun = new Map<string, number>();

  /** Whether the program is known to offer tools at all. */
  constructor(offers_tools: boolean) {
    this.most = offers_tools ? 1 : 0;
  }

  of(asked: Asked): Purpose {
    const { turns, tools } = asked;
    for (const turn of turns) if (turn.role === "tool") this.open.delete(turn.tool_call_id);
    const isWhole = tools.length >= this.most;
    if (isWhole) this.most = tools.length;
    const helper = tools.length === 0 ? undefined : this.helperOf(asked);
    if (helper !== undefined) return { purpose: "step", helper };
    return { purpose: isWhole || goesOn(asked) ? "step" : "side" };
  }

  /** Hears an answer before the program does. */
  answered({ tool_calls }: Pick<Answer, "tool_calls">, maker: Purpose): void {
    for (const call of tool_calls) {
      this.makers.set(call.id, maker);
      const text = longestText(call);
      if (text.length < LEAST_CHARACTERS) continue;
      this.open.set(call.id, text);
      this.said.add(text);
    }
  }

  private helperOf({ turns }: Asked): number | undefined {
    const [first] = turns.flatMap((turn) => (turn.role === "assistant" ? turn.tool_calls : []));
    if (first !== undefined) return this.makers.get(first.id)?.helper;
    const prompt = turns.flatMap(({ role, content }) => (role === "user" ? [content.trim()] : []));
    const asks = (text: string) => prompt.some((said) => said.includes(text));
    const asked = [...this.open.values()].find(asks) ?? prompt.find((said) => this.said.has(said));
    if (asked === undefined) return undefined;
    const helper = this.begun.get(asked) ?? this.begun.size + 1;
    this.begun.set(asked, helper);
    return helper;
  }
}

/** Whether the request brings the result of a tool that it offers itself. */
function goesOn({ turns, tools }: Asked): boolean {
  const last = turns.at(-1);
  if (last?.role !== "tool") return false;
  const calls = turns.flatMap((turn) => (turn.role === "assistant" ? turn.tool_calls : []));
  const called = calls.findLast(({ id }) => id === last.tool_call_id)?.name;
  return tools.some(({ name }) => name === called);
}

function longestText({ arguments: given }: ToolCall): string {
  const texts = Object.values(given).flatMap((value) =>
    typeof value === "string" ? [value.trim()] : [],
  );
  return texts.reduce((longest, text) => (text.length > longest.length ? text : longest), "");
}
