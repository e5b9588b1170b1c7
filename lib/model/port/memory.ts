// Owns what one agent's program was told: ids of calls, and what the provider wants to see again with its own answers.
import { sha256 } from "../../core/files.ts";
import type { Answer, ChatTurn, ToolCall } from "../model.ts";
import { reasoningText } from "../provider/opaque.ts";
import { canonicalJson } from "../request.ts";
import type { AssistantTurn, Said, WireTurn } from "../wire/wire.ts";

/** An answer as the model gave it; `shown` are the ids that the program saw for its calls. */
type Kept = {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  readonly shown: readonly string[];
  readonly opaque?: unknown;
};
/** A turn with the answer that it was once. */
type Found = { readonly turn: AssistantTurn; readonly kept: Kept | undefined };

/** What every wire takes as the id of a call. */
const ID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Programs hand an answer back in later requests, split, trimmed, or without what stood before it. It is found again by the seal that
 * went out with its reasoning, else by the ids of its calls, else by its text, and is put back as the model gave it.
 */
export class Memory {
  private readonly kept = new Map<string, Kept>();
  private readonly ids = new Map<string, string>();

  /** The answer as a program is to see it, which is remembered; `number` is the agent's call that it answers. */
  said(answer: Answer, number: number): Said {
    const { text, tool_calls: calls, opaque, stop_reason, usage, usage_known } = answer;
    const shown = calls.map((call, index) => this.idFor(call.id, `${number}_${index + 1}`));
    const kept = { text, calls, shown, ...(opaque === undefined ? {} : { opaque }) };
    const seal =
      opaque === undefined ? undefined : `seal_${sha256(canonicalJson(kept)).slice(0, 40)}`;
    if (seal !== undefined) this.kept.set(seal, kept);
    for (const id of shown) this.kept.set(`call ${id}`, kept);
    if (calls.length === 0) this.kept.set(`text ${text.trim()}`, kept);
    return {
      id: crypto.randomUUID().replaceAll("-", ""),
      text,
      reasoning: reasoningText(opaque),
      seal,
      tool_calls: calls.map((call, index) => ({ ...call, id: shown[index] ?? call.id })),
      stop_reason,
      usage: usage_known === false ? null : usage,
    };
  }

  /** The turns as the model knows them. */
  restored(turns: readonly WireTurn[]): ChatTurn[] {
    const ids = new Map(this.ids);
    return this.together(turns).map((one): ChatTurn => {
      if ("role" in one) {
        if (one.role !== "tool") return one;
        return { ...one, tool_call_id: ids.get(one.tool_call_id) ?? one.tool_call_id };
      }
      return assistantTurn(one, ids);
    });
  }

  /** Parts of one answer as one turn; assistant turns side by side are parts of one unless they are known to be of two. */
  private together(turns: readonly WireTurn[]): (Found | Exclude<WireTurn, AssistantTurn>)[] {
    const joined: (Found | Exclude<WireTurn, AssistantTurn>)[] = [];
    for (const turn of turns) {
      const last = joined.at(-1);
      if (turn.role !== "assistant") joined.push(turn);
      else {
        const found = { turn, kept: this.find(turn) };
        if (last === undefined || "role" in last || areTwo(last, found)) joined.push(found);
        else joined[joined.length - 1] = both(last, found);
      }
    }
    return joined;
  }

  private find({ seal, tool_calls, content }: AssistantTurn): Kept | undefined {
    const names = [
      ...(seal === undefined ? [] : [seal]),
      ...tool_calls.map(({ id }) => `call ${id}`),
      ...(tool_calls.length === 0 ? [`text ${content.trim()}`] : []),
    ];
    return names.map((name) => this.kept.get(name)).find((kept) => kept !== undefined);
  }

  /** The model's own where programs and wires take it, and where it was not used before in this agent's time. */
  private idFor(own: string, place: string): string {
    const id = ID.test(own) && !this.ids.has(own) ? own : `call_${place}_${this.ids.size}`;
    this.ids.set(id, own);
    return id;
  }
}

function areTwo(left: Found, right: Found): boolean {
  return left.kept !== undefined && right.kept !== undefined && left.kept !== right.kept;
}

function both(left: Found, right: Found): Found {
  const seal = left.turn.seal ?? right.turn.seal;
  const turn = {
    role: "assistant" as const,
    content: left.turn.content + right.turn.content,
    tool_calls: [...left.turn.tool_calls, ...right.turn.tool_calls],
    seal,
  };
  return { turn, kept: left.kept ?? right.kept };
}

/** As the model gave it where the program says the same; what was changed since stands alone. */
function assistantTurn({ turn, kept }: Found, ids: Map<string, string>): ChatTurn {
  const { content, tool_calls: told } = turn;
  const own = kept === undefined ? undefined : ownIds(told, kept);
  for (const [index, { id }] of told.entries()) if (own?.[index]) ids.set(id, own[index].id);
  // Arguments that were no JSON come back in many forms, and as none at all.
  const tool_calls = told.map((call, index) =>
    own?.[index]?.malformed === undefined
      ? { ...call, id: ids.get(call.id) ?? call.id }
      : own[index],
  );
  const isSame =
    kept !== undefined && own?.length === kept.calls.length && kept.text.trim() === content.trim();
  if (!isSame) return { role: "assistant", content, tool_calls };
  const opaque = kept.opaque === undefined ? {} : { opaque: kept.opaque };
  return { role: "assistant", content: kept.text, tool_calls, ...opaque };
}

/** The model's calls that a program's are; undefined where one is not. Wires without ids tell them by name and order. */
function ownIds(told: readonly ToolCall[], { calls, shown }: Kept): ToolCall[] | undefined {
  const left = new Set(calls);
  const own = told.map(({ id, name }) => {
    const known = calls[shown.indexOf(id)];
    const found = known ?? [...left].find((call) => call.name === name);
    if (found !== undefined) left.delete(found);
    return found;
  });
  const whole = own.filter((call) => call !== undefined);
  return whole.length === own.length ? whole : undefined;
}
