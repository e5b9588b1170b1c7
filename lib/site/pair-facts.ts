// Owns the tables of a pair's page: verdicts, agents, features, faults, and what imported logs or a model say about the attempt.
import type { AttemptPage } from "../../db/pages.ts";
import type { FaultRow, FeatureRow, ImportedRow, ScoreRow } from "../../db/schema.ts";
import { type Html, html } from "./html.ts";
import { count, duration, moment, usd } from "./numbers.ts";
import { facts, table, verdict } from "./parts.ts";

/** The verdict under every policy it was scored by. */
export function verdictsTable(scores: readonly ScoreRow[], policy: string): Html {
  if (scores.length === 0) return html`<p class="missing">Not evaluated yet.</p>`;
  return table({
    caption: "Verdict by policy: which tree may pass",
    columns: [
      { title: "policy" },
      { title: "outcome" },
      { title: "path" },
      { title: "where a failure began" },
    ],
    rows: scores.map((row) => [
      row.policy === policy ? html`<b>${row.policy}</b>, this report's` : row.policy,
      verdict(row.outcome, row.passed),
      row.path ?? "–",
      row.cause ?? "–",
    ]),
  });
}

/** What each agent did, used and was limited by. */
export function agentsTable(
  { agents, attempt, calls }: AttemptPage,
  config: Readonly<Record<string, unknown>>,
): Html {
  const limit = (name: string) => (typeof config[name] === "number" ? config[name] : null);
  const [steps, cost] = [limit("max_steps"), limit("max_cost_usd")];
  return html`${table({
    caption: `Agents and their limits${steps === null ? "" : `: ${steps} steps`}${cost === null ? "" : `, ${usd(cost)} each`}`,
    columns: [
      { title: "agent" },
      { title: "features" },
      { title: "ended" },
      { title: "steps", number: true },
      { title: "sent", number: true, hint: "messages" },
      { title: "tokens in", number: true },
      { title: "cached", number: true },
      { title: "tokens out", number: true },
      { title: "cost", number: true },
      { title: "model", number: true, hint: "time" },
      { title: "waited", number: true, hint: "for the provider or a turn: not the agent's time" },
      { title: "total", number: true, hint: "wall time" },
    ],
    rows: agents.map((agent, at) => [
      html`<span class="key k-agent${at + 1}"></span>${agent.agent_id}`,
      agent.features.join(", "),
      agent.limit_reached === null
        ? agent.outcome
        : verdict(`limit of ${agent.limit_reached} reached`),
      count(agent.steps),
      count(agent.messages_sent),
      count(agent.input_tokens),
      count(agent.cache_read_tokens),
      count(agent.output_tokens),
      usd(agent.cost_usd),
      duration(agent.model_ms),
      duration(waitedBy(agent.agent_id, calls)),
      duration(agent.wall_ms),
    ]),
  })}${facts([
    ["began", moment(attempt.started_at)],
    ["ended", moment(attempt.ended_at)],
    ["replay of", attempt.replay_of],
    ["diverged", attempt.diverged],
    ["prices", attempt.prices],
  ])}`;
}

/** Milliseconds before the requests that were answered; null where no call is known. */
function waitedBy(agent_id: string, calls: AttemptPage["calls"]): number | null {
  const own = calls.filter((call) => call.agent_id === agent_id);
  return own.length === 0 ? null : own.reduce((sum, { waited_ms }) => sum + waited_ms, 0);
}

/** The features' texts, folded. */
export function featuresSection(features: readonly FeatureRow[], wanted: readonly number[]): Html {
  const own = features.filter(({ feature_id }) => wanted.includes(feature_id));
  return html`${own.map(({ feature_id, title, description }) => html`<details class="feature"><summary><b>Feature ${feature_id}</b>: ${title}</summary><pre tabindex="0">${description}</pre></details>`)}`;
}

/** Faults of the unit, overcome ones too. */
export function faultsTable(faults: readonly FaultRow[]): Html {
  return table({
    caption: "Faults: failures of the laboratory, never scored",
    columns: [
      { title: "when" },
      { title: "step" },
      { title: "code" },
      { title: "what broke", words: true },
      { title: "what to do", words: true },
      { title: "overcome" },
    ],
    rows: faults.map(({ happened_at, step, code, message, hint, resolved_at }) => [
      moment(happened_at),
      step,
      code,
      message,
      hint,
      resolved_at === null ? "open" : moment(resolved_at),
    ]),
  });
}

/** Earlier tries that were redone, what imported logs say, and labels of a model. */
export function furtherSection({ superseded, imported, labels }: AttemptPage): Html {
  return html`${superseded.length > 0 && table({ caption: "Redone: what this attempt replaced", columns: [{ title: "number" }, { title: "why" }, { title: "outcome" }, { title: "replaced" }, { title: "files in" }], rows: superseded.map((one) => [String(one.generation), one.reason, one.outcome, moment(one.superseded_at), html`<code>${one.folder}</code>`]) })}${
    imported !== undefined &&
    facts([
      ["read from imported logs", imported.form],
      [
        "imported verdict",
        imported.passed === null
          ? "none"
          : verdict(imported.passed ? "passed" : "failed", imported.passed),
      ],
      ["imported merge", imported.merge_status],
      ["strategy", imported.strategy],
      ["each patch alone", aloneText(imported)],
      ["why it has no verdict", imported.error],
      ["team", teamText(imported)],
      ["missing or damaged", imported.problems.join("; ")],
    ])
  }${labels.length > 0 && table({ caption: "Labels given by a model", columns: [{ title: "measure" }, { title: "of" }, { title: "label" }, { title: "quotes", words: true }, { title: "model" }], rows: labels.map(({ measure, subject, label, quotes, model }) => [measure, subject === "-" ? "the conversation" : `message ${subject}`, label ?? "none", quotes.map((quote) => `“${quote}”`).join(" "), model]) })}`;
}

/** `feature 1 passed (3 of 3 tests), feature 2 failed`: the imported verdicts before merging. */
function aloneText({ alone }: ImportedRow): string | null {
  if (alone === null) return null;
  const one = ({ feature_id, passed, tests_passed, tests_failed }: (typeof alone)[number]) => {
    const tests =
      tests_passed === null || tests_failed === null
        ? ""
        : ` (${tests_passed} of ${tests_passed + tests_failed} tests)`;
    return `feature ${feature_id} ${passed ? "passed" : "failed"}${tests}`;
  };
  return alone.map(one).join(", ");
}

/** What CooperBench measured of a team's list of tasks, under its names. */
function teamText({ files }: ImportedRow): string | null {
  const result = files["result.json"];
  if (typeof result !== "object" || result === null || !("metrics" in result)) return null;
  const { metrics } = result;
  if (typeof metrics !== "object" || metrics === null) return null;
  const told = Object.entries(metrics).map(
    ([name, value]) => `${name.replaceAll("_", " ")}: ${JSON.stringify(value)}`,
  );
  return told.length === 0 ? null : told.join(", ");
}
