// Owns the table of ends: every way out of a model call, a command or an agent, and whether it is an outcome or a fault.

import type { FaultCode } from "./fault.ts";
import type { AgentOutcome } from "./vocabulary.ts";

/**
 * `through an outage`: until the provider works again, as long as one may last. `a few times`: more of the same would
 * be this request's own trouble. `never`: asking again cannot mend it.
 */
export type AskedAgain = "through an outage" | "a few times" | "never";
type CallRow = {
  readonly says: string;
  readonly asked_again: AskedAgain;
  /** When it is not asked again any more. */
  readonly fault: FaultCode;
  readonly hint: string;
  /** What an agent makes of it, instead of the fault, where its conversation cannot be mended. */
  readonly agent?: AgentEnd;
};

const WAIT = "wait, or lower -c, and run the same command again: finished pairs are not repeated";

/** Ways in which a request to a provider fails; "refused" is one only to callers that are no agents. */
export const CALL_ENDS = {
  "rate limit": {
    says: "the provider refuses because of too many requests (429)",
    asked_again: "through an outage",
    fault: "provider_down",
    hint: WAIT,
  },
  overloaded: {
    says: "the provider refuses because it is overloaded (503, 529)",
    asked_again: "through an outage",
    fault: "provider_down",
    hint: WAIT,
  },
  "no connection": {
    says: "nothing answers at the address, or the connection is cut before an answer begins",
    asked_again: "through an outage",
    fault: "provider_down",
    hint: WAIT,
  },
  "bad gateway": {
    says: "what stands in front of the server cannot reach it (502, 504, 520 to 530)",
    asked_again: "through an outage",
    fault: "provider_down",
    hint: WAIT,
  },
  server: {
    says: "the server fails to handle the request (500 and other statuses)",
    asked_again: "a few times",
    fault: "provider_down",
    hint: WAIT,
  },
  connection: {
    says: "the answer broke off before its end",
    asked_again: "a few times",
    fault: "provider_down",
    hint: WAIT,
  },
  timeout: {
    says: "the answer took too long, or fell silent",
    asked_again: "a few times",
    fault: "provider_down",
    hint: WAIT,
  },
  "bad answer": {
    says: "the answer is malformed",
    asked_again: "a few times",
    fault: "provider_down",
    hint: WAIT,
  },
  auth: {
    says: "the key is refused",
    asked_again: "never",
    fault: "model_auth",
    hint: "set a valid key of this provider in the environment or .env, then run the same command again",
  },
  quota: {
    says: "the account has no money, or is not allowed to spend it",
    asked_again: "never",
    fault: "model_auth",
    hint: "the account's quota or credit is used up: top it up, then run the same command again",
  },
  "unknown model": {
    says: "there is no such model at the address",
    asked_again: "never",
    fault: "model_unusable",
    hint: "correct the model's name or --base-url: no later call would be answered",
  },
  "no stream": {
    says: "the server sends a whole answer where a stream was requested",
    asked_again: "never",
    fault: "model_unusable",
    hint: "serve the model with streaming (server-sent events, as OpenAI does), or call it through a gateway that streams",
  },
  refused: {
    says: "a filter refuses this text; an agent gets an empty answer",
    asked_again: "never",
    fault: "model_request",
    hint: "the provider's filter refuses this request: see its message",
  },
  "bad call": {
    says: "the provider cannot read the model's own tool call; an agent gets an answer without one",
    asked_again: "never",
    fault: "model_request",
    hint: "the model wrote a tool call that its provider cannot read: try again, or choose a model that can call tools",
  },
  "bad request": {
    says: "the request is refused; an agent whose conversation is longer than any that was answered first tries a summary of it",
    asked_again: "never",
    fault: "model_request",
    hint: "see the provider's message: correct the model's name, its options or --base-url",
  },
  "context length": {
    says: "the request is longer than the model accepts; an agent first tries a summary of its conversation",
    asked_again: "never",
    fault: "context_too_long",
    hint: "lower the compaction threshold in the agent's configuration, or choose a model with a longer context",
    agent: "context",
  },
  "prompt cut": {
    says: "the request is answered, but the server silently cut it; an agent first tries a summary of its conversation",
    asked_again: "never",
    fault: "prompt_cut",
    hint: "start the server with a larger context, or lower the compaction threshold in the agent's configuration",
  },
} as const satisfies Readonly<Record<string, CallRow>>;
export type CallEnd = keyof typeof CALL_ENDS;

/** What the table says of a failed request. */
export function callRow(end: CallEnd): CallRow {
  return CALL_ENDS[end];
}

type CommandRow = {
  readonly says: string;
  /** `goes on`: the agent is shown it. `submits`: the agent has handed in. */
  readonly agent: "goes on" | "submits";
};
/** Ways in which a command of an agent ends. One that has no end, for its sandbox is gone, is a fault of the laboratory. */
export const COMMAND_ENDS = {
  submits: { says: "it succeeds, and its first line is the submission", agent: "submits" },
  ended: { says: "it ends by itself, with any exit status", agent: "goes on" },
  "timed out": { says: "its time or the agent's ran out, and it was killed", agent: "goes on" },
  "out of memory": { says: "memory ran out, and the engine killed something", agent: "goes on" },
  "disk exceeded": {
    says: "the sandbox wrote more than it may, and the command was killed",
    agent: "goes on",
  },
} as const satisfies Readonly<Record<string, CommandRow>>;
export type CommandEnd = keyof typeof COMMAND_ENDS;

type AgentRow = {
  readonly says: string;
  /** Of an agent whose patch can be kept; its work is taken in every case. */
  readonly outcome: AgentOutcome;
  /** Which limit it is that was reached. */
  readonly limit?: true;
};
/** Ways in which an agent ends by its own doing. Everything else that ends one is a fault, and its attempt is made again. */
export const AGENT_ENDS = {
  submitted: { says: "it handed in its work", outcome: "submitted" },
  steps: { says: "it made as many model calls as allowed", outcome: "limit reached", limit: true },
  cost: { says: "it cost as much as allowed", outcome: "limit reached", limit: true },
  "wall time": {
    says: "it worked as long as allowed; waits for the provider or for a turn do not count",
    outcome: "limit reached",
    limit: true,
  },
  context: {
    says: "its conversation is longer than the model accepts, and no summary helps",
    outcome: "limit reached",
    limit: true,
  },
  refused: {
    says: "the provider's filter withheld three answers in a row",
    outcome: "refused",
  },
  "patch too large": {
    says: "it left more than 64 MiB, whatever else ended it",
    outcome: "patch too large",
  },
  "empty patch": { says: "it handed in nothing", outcome: "empty patch" },
} as const satisfies Readonly<Record<string, AgentRow>>;
export type AgentEnd = keyof typeof AGENT_ENDS;
/** The limits of an agent. */
export type LimitReached = {
  [End in AgentEnd]: (typeof AGENT_ENDS)[End] extends { readonly limit: true } ? End : never;
}[AgentEnd];

/** The end as a limit; null for an end that is none. */
export function limitOf(end: AgentEnd): LimitReached | null {
  return "limit" in AGENT_ENDS[end] ? (end as LimitReached) : null;
}

/** The worst first: what an attempt is called by when its agents ended differently. */
const WORST_FIRST = [
  "empty patch",
  "patch too large",
  "refused",
  "limit reached",
  "submitted",
] as const satisfies readonly AgentOutcome[];

/** The worst of the agents' outcomes; "submitted" of none. */
export function worstOutcome(outcomes: readonly AgentOutcome[]): AgentOutcome {
  return WORST_FIRST.find((outcome) => outcomes.includes(outcome)) ?? "submitted";
}

/** Why nothing came of agents that all left nothing: the worst reason that one had, else that it is nothing. */
export function reasonOfNothing(
  outcomes: readonly AgentOutcome[],
): Exclude<AgentOutcome, "submitted"> {
  const reasons = WORST_FIRST.filter((outcome) => outcome !== "empty patch");
  const reason = reasons.find((outcome) => outcomes.includes(outcome)) ?? "empty patch";
  return reason === "submitted" ? "empty patch" : reason;
}
