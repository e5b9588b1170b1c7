// Owns the sealed form of a request: the contract's fields only, in canonical JSON, named by their content.
import { Fault } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { neverChanges } from "../core/redact.ts";
import type { ChatTurn, ModelOptions, ModelRequest, Tool } from "./model.ts";

/** A turn as it was when it was asked with; `sha256` is over its canonical JSON. */
export type SealedTurn = { readonly turn: ChatTurn; readonly sha256: string };

/** A request that later changes of the agent's own objects cannot reach. */
export type SealedRequest = {
  readonly turns: readonly SealedTurn[];
  readonly tools: readonly Tool[];
  readonly purpose: ModelRequest["purpose"];
  readonly options: ModelOptions;
  /** SHA-256 over the canonical JSON of options, purpose, tools and the turns' own hashes. */
  readonly sha256: string;
};

/**
 * The request with its hash. Turns that `previous` holds at the same place are taken from there, so a long conversation
 * is neither hashed nor kept again at every call.
 */
export function sealRequest(
  request: ModelRequest,
  options: ModelOptions,
  previous?: SealedRequest,
): SealedRequest {
  const turns = request.turns.map((turn, index) => sealTurn(turn, previous?.turns[index]));
  const tools = sealTools(request.tools, previous?.tools);
  const { purpose } = request;
  const parts = [
    `"options":${canonicalJson(options)}`,
    `"purpose":${canonicalJson(purpose)}`,
    `"tools":${textOfTools(tools)}`,
    `"turns":[${turns.map((turn) => `"${turn.sha256}"`).join(",")}]`,
  ];
  return { turns, tools, purpose, options, sha256: sha256(`{${parts.join(",")}}`) };
}

/** Tools that were sealed once, with their JSON when it was asked for: programs offer the same again and again, and many of them. */
const sealedTools = new WeakMap<readonly Tool[], string | undefined>();

function sealTools(given: readonly Tool[], before: readonly Tool[] | undefined): readonly Tool[] {
  if (sealedTools.has(given)) return given;
  const tools = given.map(({ name, description, parameters }) => ({
    name,
    description,
    parameters,
  }));
  if (before !== undefined && Bun.deepEquals(before, tools, true)) return before;
  sealedTools.set(neverChanges(tools), undefined);
  return tools;
}

/**
 * A name of what is asked, whatever it is asked for and with which options: equal for equal turns and tools. It is made of the turns' own
 * hashes, so that it costs little beside {@link sealRequest}'s; turns and tools of `previous` are taken over as there.
 */
export function sealAsked(
  { turns: told, tools: offered }: Pick<ModelRequest, "turns" | "tools">,
  previous?: SealedAsked,
): SealedAsked {
  const turns = told.map((turn, index) => sealTurn(turn, previous?.turns[index]));
  const tools = sealTools(offered, previous?.tools);
  const own = tools === previous?.tools ? previous.tools_sha256 : sha256(textOfTools(tools));
  const key = sha256([own, ...turns.map((turn) => turn.sha256)].join(" "));
  return { turns, tools, tools_sha256: own, key };
}
export type SealedAsked = Pick<SealedRequest, "turns" | "tools"> & {
  readonly tools_sha256: string;
  readonly key: string;
};

function textOfTools(tools: readonly Tool[]): string {
  const text = sealedTools.get(tools) ?? canonicalJson(tools);
  sealedTools.set(tools, text);
  return text;
}

/** How many leading turns the two have in common. */
export function sharedTurns(left: SealedRequest, right: SealedRequest): number {
  const differs = left.turns.findIndex((turn, at) => turn.sha256 !== right.turns[at]?.sha256);
  return differs === -1 ? left.turns.length : differs;
}

/** The request as a provider takes it. */
export function openSeal({ turns, tools, purpose }: SealedRequest): ModelRequest {
  return { turns: turns.map(({ turn }) => turn), tools, purpose };
}

/** No tool, answer or configuration needs more; far deeper values end a program that walks through them. */
const MOST_LEVELS = 500;

/** Whether lists and objects of the value are nested deeper than {@link canonicalJson} takes. */
export function isTooDeep(value: unknown, levels = MOST_LEVELS): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  // Most are texts, of which large requests have thousands.
  return parts.some((part) => typeof part === "object" && isTooDeep(part, levels - 1));
}

/**
 * JSON without white space, keys of every object in code unit order, undefined fields left out. Throws Fault `bad_file`
 * for a value of more than 1,000 levels: what Tandem itself makes has a few.
 */
export function canonicalJson(value: unknown, level = 0): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  // Twice the room of one part, since parts stand in turns and turns in requests.
  if (level > 2 * MOST_LEVELS)
    throw new Fault("bad_file", `JSON is nested more than ${2 * MOST_LEVELS} levels deep`, {
      hint: "nothing that Tandem writes is: repair the file, or record it again",
    });
  if (Array.isArray(value))
    return `[${value.map((part) => canonicalJson(part, level + 1)).join(",")}]`;
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field, level + 1)}`);
  return `{${fields.join(",")}}`;
}

/** By the very objects that this module made, which nobody changes: those that a port or a recording asks with again. */
const sealedTurns = new WeakMap<ChatTurn, SealedTurn>();

function sealTurn(turn: ChatTurn, before: SealedTurn | undefined): SealedTurn {
  const known = sealedTurns.get(turn);
  if (known !== undefined) return known;
  if (before !== undefined && isSame(before.turn, turn)) return before;
  const plain = plainTurn(turn);
  const sealed = { turn: neverChanges(plain), sha256: sha256(canonicalJson(plain)) };
  sealedTurns.set(plain, sealed);
  return sealed;
}

/** Whether a model is asked with the same. */
function isSame(before: ChatTurn, turn: ChatTurn): boolean {
  if (before.role !== turn.role || before.content !== turn.content) return false;
  if (turn.role === "tool")
    return before.role === "tool" && before.tool_call_id === turn.tool_call_id;
  return turn.role !== "assistant" || Bun.deepEquals(before, plainTurn(turn), true);
}

/** Agents keep notes of their own on turns (a step's number, say); a model is not asked with them. */
function plainTurn(turn: ChatTurn): ChatTurn {
  if (turn.role === "tool")
    return { role: turn.role, tool_call_id: turn.tool_call_id, content: turn.content };
  if (turn.role !== "assistant") return { role: turn.role, content: turn.content };
  const tool_calls = turn.tool_calls.map(({ id, name, arguments: given, malformed }) => ({
    id,
    name,
    arguments: given,
    ...(malformed === undefined ? {} : { malformed }),
  }));
  const opaque = turn.opaque === undefined ? {} : { opaque: turn.opaque };
  return { role: turn.role, content: turn.content, tool_calls, ...opaque };
}
