// Owns the prompt templates: their names, their default texts, their variables, and filling them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Mustache from "mustache";
import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";

/**
 * What every template may say about a job: `base` is the base commit, `submit` the word that hands in. `program` is on for agent
 * programs, with the names of the channels' tools and of the program's own that are none.
 */
const JOB_VARIABLES = [
  "agent_id",
  "repo",
  "base",
  "has_partners",
  "one_partner",
  "partner_list",
  "first_partner",
  "messaging",
  "git",
  "fenced",
  "max_steps",
  "wait_s",
  "submit",
  "program",
  "channel_tools",
  "own_tools",
] as const;
export type JobView = Readonly<Record<(typeof JOB_VARIABLES)[number], string | number | boolean>>;

/** Each template with the variables it has besides the job's. */
const OWN_VARIABLES = {
  system: [],
  task: ["features", "feature_id", "description"],
  no_call: ["empty"],
  observation: [
    "exit_code",
    "timed_out",
    "oom_killed",
    "output",
    "notes",
    "several",
    "number",
    "count",
  ],
  summary: ["task", "older"],
  resume: ["summary"],
} as const satisfies Record<string, readonly string[]>;
export type TemplateName = keyof typeof OWN_VARIABLES;
export type Templates = Readonly<Record<TemplateName, string>>;

/** The text of `prompts/<name>.mustache`, without the newline at its end. */
export function templateText(name: TemplateName): string {
  const path = join(import.meta.dir, "prompts", `${name}.mustache`);
  return readFileSync(path, "utf8").replace(/\n$/, "");
}

/** Fills a template. Values go in as they are: a prompt is not a web page. */
export function fill(template: string, view: object): string {
  return Mustache.render(template, view, {}, { escape: String });
}

/** Throws for broken mustache, and UsageError for variables that the template will never have; neither names the place. */
export function checkTemplate(name: TemplateName, text: string): void {
  checkVariables(text, [...JOB_VARIABLES, ...OWN_VARIABLES[name]]);
}

/** The same for any template with these variables. */
export function checkVariables(text: string, known: readonly string[]): void {
  for (const { kind, variable } of tagsOf(Mustache.parse(text))) {
    if (kind === ">") throw new UsageError(`partials such as "${variable}" are not supported`);
    if (variable !== "." && !known.includes(variable))
      throw new UsageError(unknownName("variable", variable, known));
  }
}

type Spans = ReturnType<typeof Mustache.parse>;

/** Every tag of a parsed template, those inside sections included. */
function tagsOf(spans: Spans): { kind: string; variable: string }[] {
  return spans.flatMap(([kind, variable, , , inner]) => {
    if (kind === "text" || kind === "!" || kind === "=") return [];
    return [{ kind, variable }, ...(Array.isArray(inner) ? tagsOf(inner) : [])];
  });
}
