// Owns one step of an agent as HTML: a line until it is opened, then what the model said, its commands and their outputs.
import type { StepTimes } from "./clock.ts";
import { type Html, html, type Slot } from "./html.ts";
import { clip, duration, firstLine, offset, usd } from "./numbers.ts";
import { pre } from "./parts.ts";
import { failureIn, type StepTraits, traitsOf } from "./step-kinds.ts";
import { stepId } from "./timeline.ts";
import { callText, contentText, type Trajectory, type Turn } from "./trajectory.ts";

/** Longer than what an agent is shown of an output, so that its copy is whole. */
const MOST_CHARACTERS = 20_000;
const SUMMARY_CHARACTERS = 160;
const NAME_CHARACTERS = 24;

/** An agent with its turns; `file` is where they are, as people name it. */
export type Lane = {
  readonly agent_id: string;
  readonly trajectory: Trajectory;
  readonly file: string;
};
/** A step of one agent; `times` are undefined when the ledger has none. */
export type ShownStep = StepTraits & {
  readonly lane: Lane;
  /** The agent's place, from 0. */
  readonly at: number;
  readonly step: number;
  readonly times: StepTimes | undefined;
  /** The turns of this step, in their order. */
  readonly turns: readonly Turn[];
};

/** A step with its turns; its traits are found by rule. */
export function shownStep(about: Omit<ShownStep, keyof StepTraits>): ShownStep {
  return { ...about, ...traitsOf(about.turns, about.times) };
}

/** One line, opened to everything that was said and done. */
export function stepHtml(shown: ShownStep): Html {
  const { lane, at, step, times, turns, kinds } = shown;
  const answers = turns.filter(({ role }) => role === "assistant");
  const commands = answers.flatMap(({ tool_calls }) => tool_calls.map(callText));
  const thought = answers
    .map(({ content }) => contentText(content))
    .filter((said) => said.trim() !== "");
  const gist = firstLine(thought.join("\n"), SUMMARY_CHARACTERS);
  const command = firstLine(commands.join("\n"), SUMMARY_CHARACTERS);
  return html`<details class="step a${at + 1} in-${at + 1}" id="${stepId(lane.agent_id, step)}" data-kinds="${kinds.join(" ")}"><summary><span class="step-head"><b>${step}</b> <span class="who">${lane.agent_id}</span> ${badges(shown)}</span>${gist !== "" && html` <span class="gist">${gist}</span>`}${command !== "" && html` <code class="gist">${command}</code>`}</summary><div class="step-body">${thought.map((said) => textBlock({ kind: "thought", label: "said", content: said }, lane))}${body(turns, lane)}${times && numbers(times)}</div></details>`;
}

/** A text with what it is; the page's script puts buttons for copying behind its label. */
type Block = {
  readonly kind: "thought" | "command" | "output" | "told";
  readonly label: string;
  readonly failed?: boolean;
  readonly content: string;
};

function textBlock({ kind, label, failed, content }: Block, { file }: Lane): Html {
  return html`<div class="text ${kind}"><span class="label${failed === true && " v-fail"}">${label}</span>${pre(clipped(content), file)}</div>`;
}

/** Commands and what came back, in their order; a turn from before the answer comes before it. */
function body(turns: readonly Turn[], lane: Lane): Html[] {
  const first = lane.trajectory.turns.find(({ role }) => role === "assistant");
  // What comes before the first answer is what the agent was told, above the transcript.
  const own = first === undefined ? [] : turns.slice(Math.max(0, turns.indexOf(first)));
  return own.flatMap((turn) => {
    if (turn.role !== "assistant") return [textBlock(answered(turn), lane)];
    return turn.tool_calls.map((asked) =>
      textBlock({ kind: "command", label: "command", content: callText(asked) }, lane),
    );
  });
}

function answered({ role, content, reason }: Turn): Block {
  const text = contentText(content);
  if (role === "tool") {
    const failure = failureIn(text);
    const label = failure === null ? "output" : `output, ${failure}`;
    return { kind: "output", label, failed: failure !== null, content: text };
  }
  const why = reason === undefined ? "" : `: ${reason}`;
  const label = role === "summary" ? `summary in place of older turns${why}` : "told";
  return { kind: "told", label, content: text };
}

function badges({ times, kinds, edited }: ShownStep): Slot {
  const { exit_code = null, messages_sent = 0, messages_received = 0 } = times?.row ?? {};
  const { commands = 0, helper = null } = times?.row ?? {};
  const failed = exit_code !== null && exit_code !== 0 ? `exit ${exit_code}` : "failed";
  const tags: readonly Slot[] = [
    helper !== null && html`<span class="tag">helper ${helper}</span>`,
    kinds.includes("failed") && html`<span class="tag v-fail">${failed}</span>`,
    kinds.includes("edit") &&
      html`<span class="tag" title="${edited.join(", ")}">edits ${edited.length === 1 ? firstLine(edited[0]?.split("/").at(-1) ?? "", NAME_CHARACTERS) : `${edited.length} files`}</span>`,
    kinds.includes("test") && html`<span class="tag">tests</span>`,
    commands > 1 && html`<span class="tag">${commands} commands</span>`,
    messages_received > 0 && html`<span class="tag">reads ${messages_received}</span>`,
    messages_sent > 0 && html`<span class="tag">sends ${messages_sent}</span>`,
  ];
  return tags.filter((one) => one !== false).map((one) => html`${one} `);
}

function numbers({ row, asked }: StepTimes): Html {
  const input = row.input_tokens + row.cache_read_tokens + row.cache_write_tokens;
  // No call reads nothing: a server that reported no tokens did not use none.
  const tokens =
    input + row.output_tokens === 0
      ? "tokens unknown"
      : `${input} tokens in (${row.cache_read_tokens} cached), ${row.output_tokens} out`;
  return html`<p class="numbers">${offset(asked)}: model ${duration(row.model_ms)}, commands ${duration(row.exec_ms)}; ${tokens}; ${usd(row.cost_usd)}</p>`;
}

/** The opening words to an agent, folded. */
export function openingHtml(lane: Lane): Slot {
  const { turns } = lane.trajectory;
  const first = turns.findIndex(({ role }) => role === "assistant");
  const said = turns
    .slice(0, first < 0 ? undefined : first)
    .filter(({ role }) => role === "system" || role === "user");
  if (said.length === 0) return null;
  return html`<details class="opening"><summary>What ${lane.agent_id} was told</summary>${said.map(({ role, content }) => textBlock({ kind: "told", label: role, content: contentText(content) }, lane))}</details>`;
}

function clipped(content: string) {
  return clip(content.replaceAll("\r\n", "\n"), MOST_CHARACTERS);
}
