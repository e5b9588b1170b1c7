// Owns what a report says about check-dataset's findings on the tasks that were tried.
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { CheckRow } from "../../db/schema.ts";
import { taskKey } from "../core/keys.ts";
import type { ReportLine } from "./line.ts";

/** What check-dataset found about the features of these rows' tasks, one line per task and kind of check. */
export function checkLines(checks: readonly CheckRow[], rows: readonly OutcomeRow[]): ReportLine[] {
  const tasks = new Set(rows.map(taskKey));
  const tried = new Set(rows.flatMap(({ task_hash }) => task_hash ?? []));
  const own = checks.filter(
    (check) => tasks.has(taskKey(check)) && (tried.size === 0 || tried.has(check.task_hash)),
  );
  const grouped = Map.groupBy(own, ({ repo, task_id, kind, backend, task_hash }) =>
    JSON.stringify([repo, task_id, kind, backend, task_hash]),
  );
  return [...grouped.values()].flatMap((found) => {
    const [first] = found;
    if (!first) return [];
    const { repo, task_id, kind, backend } = first;
    const which = (wanted: (check: CheckRow) => boolean) =>
      found
        .filter(wanted)
        .map(({ feature_id }) => feature_id)
        .join(",");
    const why = found.flatMap(({ feature_id, cause }) =>
      cause === null ? [] : [`${feature_id}: ${cause}`],
    );
    return [
      {
        repo,
        task: task_id,
        check: kind,
        backend,
        features: found.length,
        as_it_should: found.filter(({ good, flaky }) => good && !flaky).length,
        not_as_it_should: which(({ good, flaky, unknown }) => !good && !flaky && !unknown),
        flaky_features: which(({ flaky }) => flaky),
        unproven_features: which(({ unknown, flaky }) => unknown && !flaky),
        why_not_as_it_should: why.join("; "),
      },
    ];
  });
}
