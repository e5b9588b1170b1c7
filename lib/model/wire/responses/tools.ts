// Owns the tools of OpenAI's responses: namespaces and tools with plain text, as the plain functions that every model knows.
import { z } from "zod";
import { sha256 } from "../../../core/files.ts";
import type { Tool } from "../../model.ts";
import { plainTool } from "../plain.ts";
import { NO_PARAMETERS, object, read } from "../read.ts";
import { Refusal, type ToolForm } from "../wire.ts";

type Given = Readonly<Record<string, unknown>> & { readonly type: string };
type Named = { readonly tools: Tool[]; readonly forms: Map<string, ToolForm> };

const description = z.string().nullish();
const functionTool = z.object({ name: z.string(), description, parameters: object.nullish() });
const format = z.looseObject({ syntax: z.string().optional(), definition: z.string().optional() });
const customTool = z.object({ name: z.string(), description, format: format.nullish() });
const namespaceTool = z.object({
  name: z.string(),
  tools: z.array(z.looseObject({ type: z.string() })),
});

/** Tools that the provider itself runs, or a list of its own would be needed for: nobody else can, so they are not on offer. */
const HOSTED =
  /^(web_search|image_generation|file_search|code_interpreter|computer|tool_search|mcp$)/;
const LONGEST_NAME = 64;

/** Throws Refusal for a tool of an unknown type. */
export function toolsOf(given: readonly Given[], inside?: string): Named {
  const named: Named = { tools: [], forms: new Map() };
  for (const tool of given) {
    if (HOSTED.test(tool.type)) continue;
    const { tools, forms } = tool.type === "namespace" ? namespaced(tool) : one(tool, inside);
    named.tools.push(...tools);
    for (const [name, form] of forms) named.forms.set(name, form);
  }
  return named;
}

/** The one name under which the model knows a tool. */
export function flatName(name: string, inside: string | undefined): string {
  if (inside === undefined) return name;
  const flat = `${inside}${inside.endsWith("__") ? "" : "__"}${name}`;
  if (flat.length <= LONGEST_NAME) return flat;
  return `${flat.slice(0, LONGEST_NAME - 9)}_${sha256(flat).slice(0, 8)}`;
}

function namespaced(given: Given): Named {
  const { name, tools } = read(namespaceTool, given, "a namespace of tools");
  return toolsOf(tools, name);
}

function one(given: Given, inside: string | undefined): Named {
  if (given.type === "custom") return customToolOf(given, inside);
  if (given.type !== "function")
    throw new Refusal(
      "bad request",
      `tools of type "${given.type.slice(0, 60)}" are not supported by this gateway`,
    );
  const { name, description: says, parameters } = read(functionTool, given, "a tool");
  const flat = flatName(name, inside);
  const tool = { name: flat, description: says ?? "", parameters: parameters ?? NO_PARAMETERS };
  const forms = inside === undefined ? [] : [[flat, { name, namespace: inside }] as const];
  return { tools: [tool], forms: new Map(forms) };
}

function customToolOf(given: Given, inside: string | undefined): Named {
  const { name, description: says, format: grammar } = read(customTool, given, "a tool");
  const flat = flatName(name, inside);
  const inNamespace = inside === undefined ? {} : { namespace: inside };
  return {
    tools: [plainTool({ name: flat, description: says, grammar: grammar ?? undefined })],
    forms: new Map([[flat, { name, plain: true, ...inNamespace }]]),
  };
}
