// Owns finding which step of which agent wrote a line: the last one whose command has it, as a rule and not as proof.
import { decoded } from "./diff.ts";
import { type Html, html, joined, type Slot } from "./html.ts";
import { plural } from "./numbers.ts";
import { stepId } from "./timeline.ts";
import { contentText, type Trajectory } from "./trajectory.ts";

/** What an agent sent to be done, step by step: its commands and the texts in its other calls. */
export type Sent = {
  readonly agent_id: string;
  readonly steps: readonly { readonly step: number; readonly texts: readonly string[] }[];
};
export type Origins = {
  /** In the order of agents and steps; `lines` were written last in that step. */
  readonly steps: readonly {
    readonly agent_id: string;
    readonly step: number;
    readonly lines: number;
  }[];
  /** Lines that no command has: a tool or a script made them. */
  readonly elsewhere: number;
};

/** Lines without a letter or a digit, such as a brace, tell nothing of where they came from. */
const TELLING = /[\p{L}\p{N}]/u;
/** A shorter line is in too many commands by chance, unless it is a line of it. */
const FEWEST_INSIDE = 12;
const MOST_LOOKED_FOR = 200;

/** The texts that an agent's turns sent; those of a turn without a call are what it said. */
export function sentBy(agent_id: string, { turns }: Trajectory): Sent {
  const answers = turns.filter(({ role, step }) => role === "assistant" && step !== null);
  return {
    agent_id,
    steps: answers.map(({ step, tool_calls, content }) => ({
      step: step ?? 0,
      texts:
        tool_calls.length === 0
          ? [contentText(content)]
          : tool_calls.flatMap(({ arguments: given, malformed }) => malformed ?? textsIn(given)),
    })),
  };
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/** Which steps wrote the lines; those of `lines` that tell nothing do not count. */
export function originsOf(lines: readonly string[], sent: readonly Sent[]): Origins {
  const texts = sent.flatMap(({ agent_id, steps }) =>
    steps.flatMap(({ step, texts: own }) => own.map((text) => ({ agent_id, step, text }))),
  );
  const last = new Map(
    texts.flatMap((one) => one.text.split("\n").map((line) => [line.trim(), one] as const)),
  );
  const wanted = lines.map((line) => line.trim()).filter((line) => TELLING.test(line));
  const found = wanted
    .slice(0, MOST_LOOKED_FOR)
    .map((line) => last.get(line) ?? inside(line, texts));
  const counts = new Map<string, { agent_id: string; step: number; lines: number }>();
  for (const one of found) {
    if (one === undefined) continue;
    const { agent_id, step } = one;
    const id = stepId(agent_id, step);
    counts.set(id, { agent_id, step, lines: (counts.get(id)?.lines ?? 0) + 1 });
  }
  const order = sent.map(({ agent_id }) => agent_id);
  const steps = [...counts.values()].sort(
    (a, b) => order.indexOf(a.agent_id) - order.indexOf(b.agent_id) || a.step - b.step,
  );
  return { steps, elsewhere: found.filter((one) => one === undefined).length };
}

function inside<One extends { readonly text: string }>(line: string, texts: readonly One[]) {
  if (line.length < FEWEST_INSIDE) return undefined;
  return texts.findLast(({ text }) => text.includes(line));
}

/** The lines that patches add, without the white space around them. */
export function addedLines(patches: readonly (Uint8Array | undefined)[]): ReadonlySet<string> {
  const lines = patches.flatMap((bytes) => (bytes === undefined ? [] : decoded(bytes).split("\n")));
  return new Set(lines.flatMap((line) => (line.startsWith("+") ? [line.slice(1).trim()] : [])));
}

/** `written in step 3 (5 lines)`, each step a link into the page; null where there is nothing to say. */
export function originHtml({ steps, elsewhere }: Origins): Slot {
  if (steps.length === 0 && elsewhere === 0) return null;
  const several = new Set(steps.map(({ agent_id }) => agent_id)).size > 1;
  const links = steps.map(
    ({ agent_id, step, lines }): Html =>
      html`<a href="#${stepId(agent_id, step)}">${several && `${agent_id}, `}step ${step}</a> (${plural(lines, "line")})`,
  );
  const rest =
    elsewhere > 0 &&
    `${plural(elsewhere, "line")} ${elsewhere === 1 ? "is" : "are"} in no command, so a tool or a script made ${elsewhere === 1 ? "it" : "them"}`;
  if (links.length === 0) return rest;
  return html`written in ${joined(links, ", ")}${rest !== false && `; ${rest}`}`;
}
