// Owns the one small question that doctor asks a model, and how its answer comes.
import type { Tool } from "../model/model.ts";
import type { Provider, RawAnswer } from "../model/provider/contract.ts";
import { ProviderError } from "../model/provider/error.ts";

const COMMAND = "echo ready";
export const TOOL: Tool = {
  name: "bash",
  description: "Runs a command in a shell.",
  parameters: {
    type: "object",
    properties: { command: { type: "string", description: "The command." } },
    required: ["command"],
  },
};
export const QUESTION = {
  turns: [
    {
      role: "user",
      content: `Call the tool bash with the command \`${COMMAND}\`. Do nothing else.`,
    },
  ],
  tools: [TOOL],
  purpose: "step",
} as const;

/** When the pieces of an answer came. */
export class Heard {
  private readonly began_ms = performance.now();
  first_s: number | undefined;
  pieces = 0;

  readonly piece = (): void => {
    this.first_s ??= (performance.now() - this.began_ms) / 1000;
    this.pieces++;
  };
}

export type End = { readonly seconds: number; readonly heard: Heard } & (
  | { readonly answer: RawAnswer; readonly failure?: undefined }
  | { readonly answer?: undefined; readonly failure: ProviderError }
);

export async function ask(
  provider: Provider,
  heard: Heard,
  signal: AbortSignal,
  tools = true,
): Promise<End> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  try {
    const request = tools ? QUESTION : { ...QUESTION, tools: [] };
    const answer = await provider.call(request, signal);
    return { answer, seconds: seconds(), heard };
  } catch (error) {
    if (error instanceof ProviderError) return { failure: error, seconds: seconds(), heard };
    throw error;
  }
}
