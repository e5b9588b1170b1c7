// Owns what a rate's line says about its error besides Wilson's interval: clustered intervals, and what several tries say.
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { ReportLine } from "./line.ts";
import { type Group, tryRow } from "./report.ts";
import {
  type ClusteredInterval,
  clusteredInterval,
  type PairTries,
  PROPORTION,
  pairTries,
  repeatsOf,
} from "./stats/index.ts";

/** The pairs of each run that have a scored try, with their tries. */
export type RunTries = ReadonlyMap<string, readonly PairTries[]>;

/** Gathered once, for the lines of runs and of repositories. */
export function triesByRun(rows: readonly OutcomeRow[]): RunTries {
  const byRun = Map.groupBy(rows, ({ run }) => run);
  return new Map(
    [...byRun].map(([run, own]) => {
      const pairs = [...pairTries(own.map(tryRow)).values()];
      return [run, pairs.filter(({ tries }) => tries > 0)];
    }),
  );
}

/**
 * Lines of runs, or of runs and repositories, with 95 % intervals clustered by task, and by repository where a line spans
 * several. They are about the mean over pairs of each pair's mean over its tries; see {@link clusteredInterval}.
 */
export async function withIntervals(
  lines: readonly ReportLine[],
  tries: RunTries,
): Promise<ReportLine[]> {
  return await Promise.all(
    lines.map(async (line) => {
      const all = tries.get(String(line.run)) ?? [];
      const pairs = line.repo === undefined ? all : all.filter(({ repo }) => repo === line.repo);
      const by = async (cluster: "task" | "repo") =>
        boundsOf(`by_${cluster}`, await intervalOf(pairs, cluster));
      return { ...line, ...(await by("task")), ...(line.repo === undefined && (await by("repo"))) };
    }),
  );
}

/** pass@k and pass^k by run; no line for runs in which no pair has two scored tries. */
export function repeatLines(runs: readonly Group[], tries: RunTries): ReportLine[] {
  return runs.flatMap(({ labels }) => {
    const repeats = repeatsOf(tries.get(String(labels.run)) ?? []);
    return repeats.length < 2 ? [] : repeats.map((repeat) => ({ ...labels, ...repeat }));
  });
}

async function intervalOf(pairs: readonly PairTries[], by: "task" | "repo") {
  const observations = pairs.map((pair) => ({
    value: pair.passed / pair.tries,
    cluster: pair[by],
  }));
  return await clusteredInterval(observations, { range: PROPORTION });
}

/** An interval as three columns: both bounds, and why there are none. */
export function boundsOf(
  name: string,
  { low, high, reason }: Pick<ClusteredInterval, "low" | "high" | "reason">,
): ReportLine {
  return { [`${name}_low`]: low, [`${name}_high`]: high, [`${name}_reason`]: reason };
}
