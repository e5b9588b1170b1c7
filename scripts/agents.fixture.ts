// Owns scripted agents for whole runs: what each does step by step, the keys it needs, and what a run left behind.
import { Database } from "bun:sqlite";
import { expect } from "bun:test";
import { openPrices } from "../lib/model/prices.ts";
import {
  type Asked,
  type Script,
  type Scripted,
  WIRE_KEY,
} from "../lib/model/wire/script.fixture.ts";
import type { WireServer } from "../lib/model/wire/serve.fixture.ts";
import { demoFile } from "../lib/sandbox/task.fixture.ts";
import type { Called } from "./cli.fixture.ts";

/** Every provider's key, as the local servers want it. */
export const KEYS: Readonly<Record<string, string>> = {
  ANTHROPIC_API_KEY: WIRE_KEY,
  OPENAI_API_KEY: WIRE_KEY,
  GEMINI_API_KEY: WIRE_KEY,
  OPENAI_COMPATIBLE_API_KEY: WIRE_KEY,
};
/** A model of each provider whose price the table knows. */
export const CLAUDE = "anthropic/claude-sonnet-4-5";
export const GPT = "openai/gpt-5";
export const GEMINI = "gemini/gemini-2.5-pro";

/** Who asks, and for which of its steps (from 1). */
export type Scene = {
  readonly agent_id: string;
  readonly features: readonly number[];
  readonly step: number;
  /** The commit that the prompt names as the base. */
  readonly base: string;
  readonly asked: Asked;
};
/** A command for the agent's bash, or the whole answer. */
export type Move = string | Scripted | ((scene: Scene) => string | Scripted);

/**
 * A model that plays a part: the n-th of the moves at an agent's n-th step. It knows the step from the conversation
 * alone, so that retries, resumed runs and any order of agents get the same answers.
 */
export function playing(movesOf: (scene: Scene) => readonly Move[]): Script {
  return (asked) => {
    const scene = sceneOf(asked);
    const moves = movesOf(scene);
    const move = moves[scene.step - 1];
    if (move === undefined) throw new Error(`${scene.agent_id} asks for step ${scene.step}`);
    const made = typeof move === "function" ? move(scene) : move;
    return typeof made === "string" ? bash(made, scene) : made;
  };
}

export function sceneOf(asked: Asked): Scene {
  const { hint, turns } = asked;
  return {
    agent_id: /You are (agent\d+)\./.exec(hint)?.[1] ?? "agent1",
    features: [...hint.matchAll(/<feature number="(\d+)">/g)].map(([, number]) => Number(number)),
    step: turns.filter(({ role }) => role === "assistant").length + 1,
    base: /git diff --cached --binary (\w+)/.exec(hint)?.[1] ?? "",
    asked,
  };
}

/** An answer that runs a command; with counts of every kind that the service tells, so that a bill can be wrong in each. */
export function bash(command: string, { step, asked }: Scene): Scripted {
  const writes = asked.path.endsWith("/messages") ? { cache_write_tokens: 10 * step } : {};
  return {
    text: `Step ${step}.`,
    reasoning: `It is time for step ${step}.`,
    tool_calls: [{ name: "bash", arguments: { command } }],
    usage: { cache_read_tokens: 100 * step, ...writes },
  };
}

const SUBMIT = "COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT";

/** Hands in, in the words of the prompt. */
export const submit = ({ base }: Scene): string =>
  `git add -A && git diff --cached --binary ${base} -- . ':!patch.txt' > patch.txt\necho ${SUBMIT}`;

/** Builds a feature as its reference patch does; `but` are paths to leave out. */
export function build(feature_id: number, but: readonly string[] = []): string {
  const without = but.map((path) => ` --exclude='${path}'`).join("");
  const patch = demoFile(`feature${feature_id}/feature.patch`).toString("latin1");
  return `git apply${without} <<'PATCH' && echo built\n${patch}PATCH`;
}

/** What a whole attempt without talk needs: every feature built, then submitted. */
export const diligent = ({ features }: Scene): Move[] => [
  features.map((feature_id) => build(feature_id)).join("\n"),
  submit,
];

/** Rows of a ledger. */
export function rows<Row = Record<string, unknown>>(path: string, sql: string): Row[] {
  using database = new Database(path, { readonly: true });
  return database.query<Row, []>(sql).all();
}

const SUMS = ["input", "output", "cache_read", "cache_write", "reasoning"]
  .map((kind) => `sum(${kind}_tokens) AS ${kind}_tokens`)
  .join(", ");

/** Tokens and US dollars of a run, as two tables of the ledger have them. */
export function billOf(path: string, run: string) {
  const ofRun = `FROM {} WHERE attempt_key LIKE '${run}/%'`;
  const sum = (table: string) =>
    rows(path, `SELECT ${SUMS}, sum(cost_usd) AS cost_usd ${ofRun.replace("{}", table)}`)[0];
  return { agents: sum("agents"), calls: sum("calls") };
}

/** The same bill as a server has it: what it counted, at the table's prices (of which none is stepped here). */
export async function billOfServer({ served }: Pick<WireServer, "served">, model: string) {
  const [provider = "", name = ""] = model.replace("gemini/", "google/").split("/");
  const cost = (await openPrices()).cost(provider, name, served.usage) ?? Number.NaN;
  const sum = { ...served.usage, cost_usd: expect.closeTo(cost, 9) };
  return { agents: sum, calls: sum };
}

/** Exit code and outcomes of a step's results; faults by their code. */
export function outcomesOf({ code, stdout, stderr }: Called) {
  const lines = stdout.split("\n").filter((line) => line !== "");
  const units = lines.map((line) => {
    const { key, outcome, fault } = JSON.parse(line);
    return [String(key).replace(/^.*features_/, ""), outcome ?? fault];
  });
  return { code, units: Object.fromEntries(units), ...(code === 2 ? { stderr } : {}) };
}

/** All that an agent has shown to the server, as its last question has it. */
export function shownTo(server: WireServer, agent_id: string): string {
  const last = server.asked.filter((asked) => sceneOf(asked).agent_id === agent_id).at(-1);
  return (last?.turns ?? []).map(({ content }) => content).join("\n");
}
