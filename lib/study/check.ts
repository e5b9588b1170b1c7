// Owns what must fit together in a study: names, pairs, sandboxes, policies and reports.
import { extname, normalize } from "node:path";
import { isTaken } from "../config/backend-settings.ts";
import { rowsOf, SETTINGS, studyKey } from "../config/settings.ts";
import { checkedRunName, parsePairKey } from "../core/keys.ts";
import type { Problem } from "../core/problems.ts";
import { orList } from "../core/text.ts";
import type { Path } from "../core/toml.ts";
import { checkedUrl } from "../team/redis.ts";
import { armProblems, wordsOf } from "./arms.ts";
import type { ReportFormat, StudyFile } from "./schema.ts";
import { REPORT_FORMATS } from "./schema.ts";

/** Every problem that no single value shows. `isSet` distinguishes the command line's values from the file's. */
export function meaningProblems(study: StudyFile, isSet: (path: Path) => boolean): Problem[] {
  return [
    ...nameProblems(study),
    ...Object.entries(study.arms).flatMap(([name, arm]) => armProblems(name, arm, study.defaults)),
    ...datasetProblems(study),
    ...pairProblems(study),
    ...sandboxProblems(study),
    ...messageProblems(study, isSet),
    ...policyProblems(study),
    ...reportProblems(study),
  ];
}

function problem(path: Path, message: string | undefined, at: Problem["at"] = "value"): Problem[] {
  return message === undefined ? [] : [{ path, at, message }];
}

/** The position of the first entry that has the same name. */
function firstOf<Thing>(things: readonly Thing[], nameOf: (thing: Thing) => string) {
  const positions = new Map<string, number>();
  for (const [index, thing] of things.entries())
    if (!positions.has(nameOf(thing))) positions.set(nameOf(thing), index);
  return (thing: Thing) => positions.get(nameOf(thing));
}

function nameProblems({ name, arms }: StudyFile): Problem[] {
  const names = Object.keys(arms);
  if (names.length === 0)
    return problem(["arms"], "arms is empty: a study has at least one, such as [arms.coop]");
  const first = firstOf(names, (arm) => arm.toLowerCase());
  const wrong = wordsOf(() => checkedRunName(name));
  return [
    ...problem(["name"], wrong?.replace("run name", "name")),
    ...names.flatMap((arm, index) => {
      const path = ["arms", arm];
      const unsafe = wordsOf(() => checkedRunName(arm))?.replace("run name", "the arm's name");
      if (unsafe !== undefined) return problem(path, unsafe, "key");
      if (first(arm) !== index)
        return problem(path, `arms.${arm} differs from another arm only by case`, "key");
      const long = wrong === undefined && wordsOf(() => checkedRunName(`${name}-${arm}`));
      return long ? problem(path, long, "key") : [];
    }),
  ];
}

function datasetProblems({ dataset }: StudyFile): Problem[] {
  if (dataset.from === undefined)
    return dataset.hub === undefined || /^[\w.-]+\/[\w.-]+$/.test(dataset.hub)
      ? []
      : problem(["dataset", "hub"], "dataset.hub must be owner/name");
  return (["hub", "revision", "endpoint"] as const)
    .filter((field) => dataset[field] !== undefined)
    .flatMap((field) =>
      problem(
        ["dataset", field],
        `dataset.${field} is the hub's, and dataset.from is a folder: name one`,
      ),
    );
}

function pairProblems({ pairs }: StudyFile): Problem[] {
  const { keys = [], features, subset } = pairs;
  return [
    ...keys.flatMap((key, index) => {
      const wrong = wordsOf(() => parsePairKey(key));
      return problem(["pairs", "keys", index], wrong && `pairs.keys[${index}]: ${wrong}`);
    }),
    ...(pairs.keys !== undefined && subset !== undefined
      ? problem(["pairs", "subset"], "pairs.subset and pairs.keys both list pairs: name one")
      : []),
    ...(features !== undefined && new Set(features).size < features.length
      ? problem(["pairs", "features"], "pairs.features names a feature twice")
      : []),
  ];
}

function sandboxProblems({ sandbox }: StudyFile): Problem[] {
  const fields: Readonly<Record<string, unknown>> = sandbox;
  return rowsOf(SETTINGS, (setting) => !isTaken(setting, sandbox.backend))
    .map(([name, setting]) => ({
      field: studyKey(name, setting),
      backends: setting.backends ?? [],
    }))
    .filter(({ field }) => fields[field] !== undefined)
    .flatMap(({ field, backends }) => {
      const wanted = orList(backends.map((name) => `"${name}"`));
      return problem(
        ["sandbox", field],
        `sandbox.${field} needs sandbox.backend = ${wanted}`,
        "key",
      );
    });
}

function messageProblems({ messages: { redis } }: StudyFile, isSet: (path: Path) => boolean) {
  const path = ["messages", "redis"];
  if (redis === undefined || redis === "auto") return [];
  if (wordsOf(() => checkedUrl(redis)) !== undefined)
    return problem(
      path,
      "messages.redis must be auto or an address such as redis://localhost:6379",
    );
  return checkedUrl(redis).password !== "" && !isSet(path)
    ? problem(
        path,
        "messages.redis holds a password: give it with --set messages.redis=…, not in a file",
      )
    : [];
}

function policyProblems({ evaluation: { policies } }: StudyFile): Problem[] {
  return new Set(policies).size === policies.length
    ? []
    : problem(["evaluation", "policies"], "evaluation.policies names a policy twice");
}

function reportProblems({ reports, evaluation: { policies } }: StudyFile): Problem[] {
  const first = firstOf(reports, ({ path }) => normalize(path));
  return reports.flatMap((report, index) => {
    const { path, format, policy } = report;
    const place = `reports[${index}]`;
    if (first(report) !== index)
      return problem(["reports", index, "path"], `${place}.path is another report's as well`);
    if (policy !== undefined && !policies.includes(policy))
      return problem(
        ["reports", index, "policy"],
        `${place}.policy ${policy} is not in evaluation.policies`,
      );
    const wrong = formProblem(report, format ?? formatOf(path));
    return wrong === undefined ? [] : problem(["reports", index], `${place}${wrong}`);
  });
}

/** What a report in this format cannot be: reported when the study is read, not when the report is due. */
function formProblem(
  { path, parts }: StudyFile["reports"][number],
  format: ReportFormat | undefined,
): string | undefined {
  if (format === undefined)
    return `.format is missing, and its path does not show it: use one of ${REPORT_FORMATS.join(", ")}`;
  if (format === "html" && path.endsWith(".html"))
    return ".path must be a folder: a site is many files";
  const all = parts === undefined || parts.includes("all");
  if (format === "html" && !all) return ".parts does not apply to sites: they show every part";
  const perPart = format === "csv" || format === "parquet";
  const isOne = !all && parts.length === 1;
  return perPart && !path.endsWith("/") && !isOne
    ? `.path must be a folder such as "tables/": ${format} has one file per part`
    : undefined;
}

/** The format that a path's ending shows; a folder is for a site. */
export function formatOf(path: string): ReportFormat | undefined {
  if (path.endsWith("/")) return "html";
  const ending = extname(path).slice(1).toLowerCase();
  return ending === "txt" ? "table" : REPORT_FORMATS.find((format) => format === ending);
}
