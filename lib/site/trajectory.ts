// Owns reading an agent's trajectory for a page: what was said and done, step by step; a damaged file is reported, not thrown.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { commandIn } from "../core/shell-calls.ts";

/** The most that is read; a larger trajectory is named, not shown. */
const MOST_BYTES = 64 * 2 ** 20;

const call = z.looseObject({
  name: z.string().catch(""),
  arguments: z.record(z.string(), z.unknown()).catch({}),
  malformed: z.string().optional().catch(undefined),
});
const turn = z.looseObject({
  role: z.string().catch("unknown"),
  content: z.unknown(),
  tool_calls: z.array(call).catch([]),
  step: z.number().int().nullable().catch(null),
  reason: z.string().optional().catch(undefined),
});
const trajectory = z.looseObject({ messages: z.array(turn) });

export type Turn = z.infer<typeof turn>;
export type Call = z.infer<typeof call>;
/** The turns; or why there are none, as text. */
export type Trajectory = { readonly turns: readonly Turn[]; readonly problem: string | null };

/** Reads `<folder>/trajectory.json`. */
export function readTrajectory(folder: string): Trajectory {
  const path = join(folder, "trajectory.json");
  if (!existsSync(path)) return { turns: [], problem: "there is no trajectory.json" };
  const { size } = statSync(path);
  if (size > MOST_BYTES)
    return { turns: [], problem: `trajectory.json is too large to show (${size} bytes)` };
  try {
    return {
      turns: trajectory.parse(JSON.parse(readFileSync(path, "utf8"))).messages,
      problem: null,
    };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    return { turns: [], problem: "trajectory.json is damaged" };
  }
}

/** Content as text: models of some providers give lists of parts. */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (Array.isArray(content)) return content.map(contentText).join("\n");
  if (typeof content === "object" && content !== null && "text" in content)
    return contentText(content.text);
  return content === null || content === undefined ? "" : JSON.stringify(content, null, 2);
}

/** What a call asked for: the command of a shell's call, else its arguments as JSON. */
export function callText({ malformed, ...call }: Call): string {
  if (malformed !== undefined) return malformed;
  const { name, arguments: given } = call;
  return commandIn(call) ?? `${name} ${JSON.stringify(given, null, 2)}`;
}
