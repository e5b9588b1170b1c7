// Owns noticing a server that cuts prompts silently: requests grow, and the prompts that it reports do not.
import { sumOf } from "../core/lists.ts";
import type { ChatTurn, Usage } from "./model.ts";
import { type SealedRequest, type SealedTurn, sharedTurns } from "./request.ts";

/** One answered request: its length as we sent it, and its prompt as the server counted it. */
type Seen = { readonly characters: number; readonly tokens: number };

/** Below this no server cuts, and what templates add outweighs what turns do. */
const LEAST_TOKENS = 1_000;
/** So many answers in a row must show it. */
const ANSWERS = 3;
/** What has been added since the largest prompt: at least this many tokens, by the measure of that prompt. */
const LEAST_ADDED_TOKENS = 256;
/**
 * Requests grown so much since the first prompt that was about as large as any (`same`), with prompts since then between
 * `least` of it and it, of which so many (`falls`) were no more than `to` of the one before: turns add tokens to a prompt
 * that is whole. Flat: the server keeps its window full. Saw: it drops a block of turns at a time, again and again.
 */
const FLAT = { grown: 1.25, same: 1.01, least: 0.9, falls: 1, to: 1 };
const SAW = { grown: 2, same: 1.1, least: 0.4, falls: 2, to: 0.9 };

/**
 * Watches one conversation. A conversation that only grows has ever larger prompts, whatever the tokenizer; a server
 * with a window too small (Ollama's `num_ctx`, llama.cpp's context shift, LM Studio's rolling window) reports prompts
 * that stop growing or shrink. Unknown usage, calls for summaries and a conversation that starts anew say nothing; a
 * server that counts only what its cache did not hold is known by prompts as small as what was added.
 */
export class PromptWatch {
  private previous: SealedRequest | undefined;
  private seen: Seen[] = [];

  /** The window in tokens as it shows, when the answers so far show one; then watching begins anew. */
  answered(request: SealedRequest, usage: Usage | null): number | undefined {
    if (request.purpose !== "step") return undefined;
    if (!continues(this.previous, request)) this.seen = [];
    this.previous = request;
    const tokens = usage === null ? 0 : promptTokens(usage);
    if (tokens === 0) return undefined;
    this.seen.push({ characters: sumOf(request.turns, sealedLength), tokens });
    const window = windowIn(this.seen);
    if (window !== undefined) this.seen = [];
    return window;
  }
}

/** Whether a request is the one before it with turns added; its last turn may have been added to. */
function continues(before: SealedRequest | undefined, request: SealedRequest): boolean {
  if (before === undefined || request.turns.length < before.turns.length) return false;
  return sharedTurns(before, request) >= Math.max(1, before.turns.length - 1);
}

/** The window that these answers show, tokens. */
export function windowIn(seen: readonly Seen[]): number | undefined {
  const most = Math.max(0, ...seen.map(({ tokens }) => tokens));
  const isCut = most >= LEAST_TOKENS && [FLAT, SAW].some((form) => isLike(form, seen, most));
  return isCut ? most : undefined;
}

function isLike(form: typeof FLAT, seen: readonly Seen[], most: number): boolean {
  const at = seen.findIndex(({ tokens }) => tokens * form.same >= most);
  const [full, last] = [seen[at], seen.at(-1)];
  const later = seen.slice(at + 1);
  if (full === undefined || last === undefined || later.length < ANSWERS) return false;
  const falls = later.filter(
    ({ tokens }, index) => tokens <= form.to * (seen[at + index]?.tokens ?? 0),
  );
  if (falls.length < form.falls) return false;
  const added_tokens = ((last.characters - full.characters) * full.tokens) / full.characters;
  if (added_tokens < LEAST_ADDED_TOKENS || countsAddedOnly(later, added_tokens)) return false;
  if (last.characters < form.grown * full.characters) return false;
  return later.every(({ tokens }) => tokens >= form.least * full.tokens);
}

function countsAddedOnly(later: readonly Seen[], added_tokens: number): boolean {
  const told = sumOf(later, ({ tokens }) => tokens);
  return told <= 2 * added_tokens;
}

function promptTokens({ input_tokens, cache_read_tokens, cache_write_tokens }: Usage): number {
  return input_tokens + cache_read_tokens + cache_write_tokens;
}

/** The length of a conversation, characters. */
export function charactersOf(turns: readonly ChatTurn[]): number {
  return sumOf(turns, lengthOf);
}

function lengthOf(turn: ChatTurn): number {
  const calls = turn.role === "assistant" ? JSON.stringify(turn.tool_calls).length : 0;
  return turn.content.length + calls;
}

/** Sealed turns never change, and come again at every call. */
const lengths = new WeakMap<SealedTurn, number>();

function sealedLength(sealed: SealedTurn): number {
  const length = lengths.get(sealed) ?? lengthOf(sealed.turn);
  lengths.set(sealed, length);
  return length;
}
