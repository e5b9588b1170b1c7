// Owns gathering what effects are made from: of the page of one attempt, and of many attempts of a report.
import type { HandedRow } from "../../../db/handed.ts";
import type { Ledger } from "../../../db/ledger.ts";
import type { MeasureScope, SaidRow } from "../../../db/measures.ts";
import type { AttemptPage } from "../../../db/pages.ts";
import { chunks } from "../../core/lists.ts";
import type { Attempted, StepCall } from "./effect.ts";

/** A turn of a trajectory: a model's answer asks for calls, in a step. */
type Turn = {
  readonly step: number | null;
  readonly tool_calls: readonly {
    readonly name: string;
    readonly arguments: Readonly<Record<string, unknown>>;
  }[];
};
/** What an agent did; no turns where its trajectory cannot be read. */
export type AgentTurns = { readonly agent_id: string; readonly turns: readonly Turn[] };

/** The calls of trajectories; null where no trajectory has any. */
export function callsIn(agents: readonly AgentTurns[]): readonly StepCall[] | null {
  const calls = agents.flatMap(({ agent_id, turns }) =>
    turns.flatMap(({ step, tool_calls }) =>
      step === null
        ? []
        : tool_calls.map((call) => ({
            agent_id,
            step,
            name: call.name,
            arguments: call.arguments,
          })),
    ),
  );
  return calls.length === 0 ? null : calls;
}

/** Of the page of one attempt, with its agents' trajectories. */
export function attemptedOnPage(
  ledger: Ledger,
  page: AttemptPage,
  trajectories: readonly AgentTurns[],
): Attempted {
  const { attempt_key, repo, task_id } = page.attempt;
  return {
    agents: agentsOf(ledger.handed.files([attempt_key])),
    messages: page.messages,
    steps: page.steps,
    reads_kept: page.imported?.reads_kept !== false,
    calls: callsIn(trajectories),
    paths: ledger.handed.references(repo, task_id),
  };
}

/** Attempts whose rows are in memory at a time. */
const AT_A_TIME = 50;
export type AttemptedRow = { readonly run: string; readonly attempted: Attempted };

/** Of every attempt with a message, without trajectories: what was edited when is not known here, what was handed in is. */
export function* attemptedIn(ledger: Ledger, scope: MeasureScope): Generator<AttemptedRow> {
  const references = new Map<string, readonly string[]>();
  const said = Map.groupBy(ledger.measures.said(scope), ({ attempt_key }) => attempt_key);
  for (const keys of chunks([...said.keys()], AT_A_TIME)) {
    const files = Map.groupBy(ledger.handed.files(keys), ({ attempt_key }) => attempt_key);
    const steps = Map.groupBy(ledger.handed.steps(keys), ({ attempt_key }) => attempt_key);
    for (const key of keys) {
      const [messages, handed] = [said.get(key) ?? [], files.get(key) ?? []];
      const paths = referencesOf(ledger, references, handed);
      yield attemptedRow(messages, { handed, paths, steps: steps.get(key) ?? [] });
    }
  }
}

type Parts = Pick<Attempted, "paths" | "steps"> & { readonly handed: readonly HandedRow[] };

function attemptedRow(messages: readonly SaidRow[], { handed, paths, steps }: Parts): AttemptedRow {
  const reads_kept = messages[0]?.reads_kept !== 0;
  const attempted = { agents: agentsOf(handed), messages, steps, reads_kept, calls: null, paths };
  return { run: messages[0]?.run ?? "", attempted };
}

function referencesOf(
  ledger: Ledger,
  known: Map<string, readonly string[]>,
  [first]: readonly HandedRow[],
): readonly string[] {
  if (first === undefined) return [];
  const task = `${first.repo}/${first.task_id}`;
  const found = known.get(task) ?? ledger.handed.references(first.repo, first.task_id);
  known.set(task, found);
  return found;
}

function agentsOf(rows: readonly HandedRow[]): Attempted["agents"] {
  return [...Map.groupBy(rows, ({ agent_id }) => agent_id)].map(([agent_id, own]) => {
    const files = own.flatMap(({ path }) => path ?? []);
    return { agent_id, files: files.length === 0 ? null : files };
  });
}
