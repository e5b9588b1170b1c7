// Owns what an attempt's story tells of each patch alone.
import type { Clause, Piece, StoryInput } from "./story-input.ts";
import { CAUSE_WORDS } from "./story-words.ts";

/** Whether each patch passed by itself; or that this was not tested, where it would have told the cause. */
export function aloneClauses(input: StoryInput): Clause[] {
  const { page, row, features } = input;
  if (page === undefined || row.setting === "solo" || row.outcome === "patch does not apply")
    return [];
  const own = page.suites.filter(({ tested }) => tested === "alone");
  const results: Alone[] =
    own.length > 0
      ? own.map(({ suite }) => ({
          feature_id: suite.feature_id,
          passed: suite.outcome === "passed",
          to: `suite-alone-${suite.feature_id}`,
        }))
      : (page.imported?.alone ?? []).map(({ feature_id, passed }) => ({
          feature_id,
          passed,
          to: "further",
        }));
  if (results.length > 0) return [aloneClause(results, features.length)];
  if (row.cause !== null && row.cause !== "patch lost") return [[CAUSE_WORDS[row.cause]]];
  const known = row.cause !== null || row.merge_status === "empty";
  return known
    ? []
    : [["no patch was tested alone, so the ledger does not hold where the failure began"]];
}

type Alone = { readonly feature_id: number; readonly passed: boolean; readonly to: string };

function aloneClause(results: readonly Alone[], features: number): Clause {
  const bad = results.filter(({ passed }) => !passed);
  const link = (one: Alone | undefined, text: string): Piece => ({ text, to: one?.to ?? "suites" });
  if (bad.length === 0 && results.length === features) {
    const who =
      features === 1
        ? "the feature"
        : features === 2
          ? "both features"
          : `all ${features} features`;
    return [link(results[0], who), " passed alone"];
  }
  return results.flatMap((one, at): Piece[] => [
    ...(at === 0 ? [] : [at === results.length - 1 ? " and " : ", "]),
    link(one, `feature ${one.feature_id}`),
    one.passed ? " passed alone" : " failed on its own patch already",
  ]);
}
