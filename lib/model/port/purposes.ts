// Owns telling a program's steps from its side calls: titles, summaries and the like.
import type { ModelRequest } from "../model.ts";

/**
 * Steps are the calls with the most tools that the program has offered so far. A call with fewer is a side call, unless it goes on
 * with the result of a tool that it offers itself, as a helper agent of the program's own does.
 */
export class Purposes {
  private most: number;

  /** Whether the program is known to offer tools at all. */
  constructor(offers_tools: boolean) {
    this.most = offers_tools ? 1 : 0;
  }

  of({ turns, tools }: Pick<ModelRequest, "turns" | "tools">): ModelRequest["purpose"] {
    if (tools.length >= this.most) {
      this.most = tools.length;
      return "step";
    }
    const last = turns.at(-1);
    if (last?.role !== "tool") return "side";
    const calls = turns.flatMap((turn) => (turn.role === "assistant" ? turn.tool_calls : []));
    const called = calls.findLast(({ id }) => id === last.tool_call_id)?.name;
    return tools.some(({ name }) => name === called) ? "step" : "side";
  }
}
