// Owns tools that are called with plain text: for the model each is a function with one text.
import type { Tool, ToolCall } from "../model.ts";
import { textOf } from "./read.ts";

type Grammar = {
  readonly definition?: string | undefined;
  readonly syntax?: string | undefined;
};
type PlainTool = Pick<Tool, "name"> & {
  readonly description: string | null | undefined;
  /** Of the text that it takes, and the language that the grammar is written in. */
  readonly grammar?: Grammar | undefined;
};

const PARAMETERS = {
  type: "object",
  properties: { input: { type: "string", description: "The tool's input, as plain text." } },
  required: ["input"],
};

/** A grammar is told in words: models behind the gateway have no other way to know it. */
export function plainTool({ name, description, grammar }: PlainTool): Tool {
  const { definition, syntax } = grammar ?? {};
  const form =
    definition === undefined
      ? ""
      : `\n\nThe input is plain text of this grammar${syntax === undefined ? "" : ` (${syntax})`}:\n${definition}`;
  return { name, description: `${description ?? ""}${form}`, parameters: PARAMETERS };
}

/** A call as the model knows it. */
export function plainCall(id: string, name: string, input: string): ToolCall {
  return { id, name, arguments: { input } };
}

/** The reverse of {@link plainCall}; of other arguments all, as JSON. */
export function inputOf(call: ToolCall): string {
  const { input } = call.arguments;
  return typeof input === "string" ? input : textOf(call);
}
