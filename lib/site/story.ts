// Owns the sentence that stands on top of an attempt's page: what happened and why, by rules from what the ledger holds. It never guesses.
import { type Html, html, joined } from "./html.ts";
import { plural } from "./numbers.ts";
import { aloneClauses } from "./story-alone.ts";
import type { Clause, Piece, StoryInput } from "./story-input.ts";
import { suiteClauses, treeOf } from "./story-suites.ts";
import {
  AGENT_WORDS,
  CAUSE_WORDS,
  faultWords,
  MARK_WORDS,
  MERGE_WORDS,
  OUTCOME_ORDER,
  SIDE_WORDS,
  STEP_WORDS,
} from "./story-words.ts";

/** The clauses of the sentence: the first is the verdict, the others say why. Pure. */
export function storyOf(input: StoryInput): readonly Clause[] {
  const { row, page } = input;
  if (row.fault !== null) return [brokenHead(input), ...limitClauses(input)];
  if (page === undefined) return [["not finished: the ledger has no result of this attempt yet"]];
  if (row.outcome === null) return [unscoredHead(input), ...limitClauses(input)];
  const tested = [...lostWork(input), ...suiteClauses(input)];
  const conflict = conflictClauses(input);
  const why =
    OUTCOME_ORDER[row.outcome] === "conflict first"
      ? [...conflict, ...tested]
      : [...tested, ...conflict];
  const alone = row.passed === true ? [] : aloneClauses(input);
  const told = [...why, ...alone, ...limitClauses(input), ...otherClauses(input)];
  const [first = [], ...rest] = [...(why.length > 0 ? [] : unknownWhy(input)), ...told];
  return [[{ text: row.outcome, to: "verdict" }, ": ", ...first], ...rest];
}

/** The sentence as HTML. */
export function storyHtml(clauses: readonly Clause[]): Html {
  const pieces = (clause: Clause) =>
    clause.map((piece) =>
      typeof piece === "string"
        ? piece
        : html`<a href="#${encodeURIComponent(piece.to)}">${piece.text}</a>`,
    );
  const parts = clauses.map((clause) => html`${pieces(clause)}`);
  return html`<p class="story" id="story">${joined(parts, "; ")}.</p>`;
}

/** The sentence as text. */
export function storyText(clauses: readonly Clause[]): string {
  const text = (piece: Piece) => (typeof piece === "string" ? piece : piece.text);
  return `${clauses.map((clause) => clause.map(text).join("")).join("; ")}.`;
}

function brokenHead({ row, faults, page, policy }: StoryInput): Clause {
  const code = row.fault ?? "";
  const open = faults.findLast((fault) => fault.code === code && fault.resolved_at === null);
  const error = policy === "imported" ? page?.imported?.error : null;
  const when = open === undefined ? "" : ` ${STEP_WORDS[open.step]}`;
  const theirs = error ? ` (${error})` : "";
  return [
    { text: "no verdict", to: "verdict" },
    ": ",
    { text: faultWords(code), to: "faults" },
    `${theirs}${when}, a fault of the laboratory that is not scored`,
  ];
}

function unscoredHead({ row, policy, page }: StoryInput): Clause {
  const head = [{ text: "no verdict", to: "verdict" }, ` under the policy ${policy}: `];
  if (policy === "imported") {
    const error = page?.imported?.error;
    return [...head, error ?? "the imported logs hold none, and do not say why"];
  }
  if (row.merge_status === null) return [...head, "it is not merged yet"];
  const merge = { text: "naive merge", to: "merge" };
  return [...head, "the ", merge, ` ${MERGE_WORDS[row.merge_status]}, and it is not tested yet`];
}

/** Agents that left nothing, and patches that do not apply: what was tested lacks their work. */
function lostWork({ page, row }: StoryInput): Clause[] {
  if (page === undefined) return [];
  return page.agents.flatMap(({ agent_id, outcome }): Clause[] => {
    const words = AGENT_WORDS[outcome];
    if (words !== null) return [[{ text: agent_id, to: "agents" }, ` ${words}`]];
    const side = page.sides.find((one) => one.agent_id === agent_id);
    const applied = side === undefined || side.status === "applied";
    if (applied || (side.status === "empty" && row.passed === true)) return [];
    const why = side.reason === null ? "" : ` (${side.reason})`;
    return [[{ text: `${agent_id}'s patch`, to: "patches" }, ` ${SIDE_WORDS[side.status]}${why}`]];
  });
}

function conflictClauses({ page, row, conflict_paths, policy }: StoryInput): Clause[] {
  if (row.merge_status !== "conflicts") return [];
  const naive = page?.merges.find(({ strategy }) => strategy === "naive");
  const [path] = conflict_paths;
  const where =
    conflict_paths.length === 1 && path !== undefined
      ? [" in ", { text: path, to: "merge" }]
      : naive === undefined
        ? []
        : [` in ${plural(naive.files, "file")}`];
  const sections = naive === undefined ? "" : ` (${plural(naive.sections, "section")})`;
  const untested = row.outcome === "conflict" ? `, which fails the pair under ${policy}` : "";
  const merge = policy === "imported" ? "other system's merge" : "naive merge";
  return [["the ", { text: merge, to: "merge" }, " conflicts", ...where, `${sections}${untested}`]];
}

function limitClauses({ page }: StoryInput): Clause[] {
  return (page?.agents ?? []).flatMap(({ agent_id, limit_reached, outcome }): Clause[] =>
    limit_reached === null && outcome !== "limit reached"
      ? []
      : [
          [
            { text: agent_id, to: "agents" },
            limit_reached === null ? " reached a limit" : ` reached its limit of ${limit_reached}`,
          ],
        ],
  );
}

/** Contradictions, marks, and faults that were overcome. */
function otherClauses(input: StoryInput): Clause[] {
  const { page, row, faults, policy, marksOf } = input;
  const tree = treeOf(input);
  const marks = (page?.suites ?? [])
    .filter(({ tested }) => tested === tree?.tested)
    .flatMap(({ tested, suite }) =>
      marksOf(suite).flatMap((mark): Clause[] => {
        const to = `suite-${tested}-${suite.feature_id}`;
        const words = MARK_WORDS[mark];
        return words === null
          ? []
          : [[{ text: `feature ${suite.feature_id}'s suite`, to }, ` ${words}`]];
      }),
    );
  const theirs = page?.imported?.passed ?? null;
  const contradicted = policy !== "imported" && theirs !== null && theirs !== row.passed;
  const overcome = faults.filter(({ resolved_at }) => resolved_at !== null);
  return [
    ...marks,
    ...(contradicted
      ? [[{ text: "the imported verdict", to: "further" }, ` is ${theirs ? "passed" : "failed"}`]]
      : []),
    ...(overcome.length > 0
      ? [
          [
            { text: plural(overcome.length, "fault"), to: "faults" },
            ` overcome before (${[...new Set(overcome.map(({ code }) => code))].join(", ")})`,
          ],
        ]
      : []),
  ];
}

/** Where nothing above says why. */
function unknownWhy({ row, policy }: StoryInput): Clause[] {
  if (row.passed === true)
    return [
      [
        policy === "imported"
          ? "by the imported logs, which hold no suites"
          : "the ledger does not hold its suites",
      ],
    ];
  if (row.cause !== null) return [[CAUSE_WORDS[row.cause]]];
  const holder = policy === "imported" ? "the imported logs do" : "the ledger does";
  return [[`${holder} not hold why`]];
}
