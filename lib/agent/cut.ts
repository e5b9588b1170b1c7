// Owns what happens to an agent whose prompts the server cuts silently: it may shorten them once, then it is a fault.
import { CALL_ENDS } from "../core/ends.ts";
import { Fault } from "../core/fault.ts";

/** Windows as observed differ by what a server drops at a time. */
const SAME = 0.75;

/** The fault of a server whose window appears to be this many tokens. */
export function promptCut(window_tokens: number): Fault {
  const window = window_tokens.toLocaleString("en");
  const below = Math.floor((window_tokens * 3) / 4 / 100) * 100;
  return new Fault(
    CALL_ENDS["prompt cut"].fault,
    `the server cuts prompts silently: it counts about ${window} tokens however long the request is`,
    {
      hint: `start the server with a larger context (Ollama: OLLAMA_CONTEXT_LENGTH or num_ctx; llama.cpp: -c; LM Studio: the model's context length), or set compaction.threshold_tokens below ${below} in the agent's configuration`,
    },
  );
}

/** Cut prompts of one agent. */
export class CutPrompts {
  private window_tokens: number | undefined;

  /** Throws Fault `prompt_cut` when the server went on cutting at the window where it did before. */
  noticed(window_tokens: number): void {
    const before = this.window_tokens;
    this.window_tokens = window_tokens;
    if (before === undefined) return;
    const [small, large] = [Math.min(before, window_tokens), Math.max(before, window_tokens)];
    if (small >= SAME * large) throw promptCut(large);
  }
}

/** Why a conversation was compacted before its time. */
export function cutReason(window_tokens: number): string {
  return `the server seems to cut prompts to about ${window_tokens.toLocaleString("en")} tokens`;
}
