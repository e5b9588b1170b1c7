import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { verdictHash } from "../../eval/planned.ts";
import { EVAL_RULES } from "../../eval/rules.ts";
import { ledgerInputs } from "../../merge/planned.ts";
import { MERGE_RULES, mergeHash } from "../../merge/rules.ts";
import { G12, G23, GOLD, studyPlace } from "../../study/flow.fixture.ts";
import { changedByRules } from "./changed.ts";

// Whole flows over git and sandboxes: more than the usual five seconds where others work too.
setDefaultTimeout(120_000);

type Place = ReturnType<typeof studyPlace>;
const whole = studyPlace();
beforeAll(async () => void (await whole.run(GOLD)));
afterAll(() => whole[Symbol.dispose]());

const KEYS = [G12, G23];
const TODAY = `merging ${MERGE_RULES}, evaluation ${EVAL_RULES}`;

/** Makes G12's merge and verdict what an older version would have stored: it found the pair failing. */
function aged({ ledger }: Place, { merging = MERGE_RULES, evaluation = EVAL_RULES }) {
  const [inputs] = ledgerInputs(ledger, [G12]);
  const [row] = ledger.merges.of(G12);
  const [{ environment } = { environment: "" }] = ledger.earlier_scores.environments();
  if (inputs === undefined || row === undefined) throw new Error("no merge");
  const merge = mergeHash(inputs, row.base_tree, merging);
  const hash = verdictHash({ merge, environment, premerge: true }, evaluation);
  ledger.query(`UPDATE merges SET inputs_hash = '${merge}' WHERE attempt_key = '${G12}'`);
  ledger.query(
    `UPDATE scores SET inputs_hash = '${hash}', outcome = 'failed', passed = 0 WHERE attempt_key = '${G12}' AND policy = 'union'`,
  );
  ledger.query(`UPDATE scores SET inputs_hash = '${hash}' WHERE attempt_key = '${G12}'`);
}

const union = ({ ledger }: Place) =>
  changedByRules(ledger, KEYS).filter(({ policy }) => policy === "union");

describe("of a ledger whose rows are all of today's rules", () => {
  test("nothing has changed, also when it is evaluated again", async () => {
    using place = studyPlace(whole);
    expect(changedByRules(place.ledger, KEYS)).toEqual([]);
    await place.run(GOLD, { force: true });
    expect(changedByRules(place.ledger, KEYS)).toEqual([]);
  });
});

describe("of a ledger with a verdict of older rules", () => {
  const OLD = [
    ["evaluation", { evaluation: EVAL_RULES - 2 }],
    ["merging", { merging: MERGE_RULES - 1 }],
    ["both", { merging: MERGE_RULES - 2, evaluation: EVAL_RULES - 1 }],
  ] as const;
  test.each(OLD)("%s: it is listed, and after eval beside the new one", async (_, rules) => {
    using place = studyPlace(whole);
    aged(place, rules);
    const before = { merging: MERGE_RULES, evaluation: EVAL_RULES, ...rules };
    const rules_before = `merging ${before.merging}, evaluation ${before.evaluation}`;
    const about = { key: G12, run: "s-gold", kind: "verdict", policy: "union" } as const;
    const open = {
      ...about,
      rules_before,
      rules_now: null,
      before: "failed",
      now: null,
      differs: null,
    };
    expect(union(place)).toEqual([open]);
    const merges = changedByRules(place.ledger, KEYS).filter(({ kind }) => kind === "merge");
    expect(merges.map((row) => row.rules_before)).toEqual(
      before.merging === MERGE_RULES ? [] : [`merging ${before.merging}`],
    );

    await place.run(GOLD);
    expect(union(place)).toEqual([{ ...open, rules_now: TODAY, now: "passed", differs: true }]);
    // Under the other policies nothing differs, and that is told too.
    expect(changedByRules(place.ledger, KEYS).every(({ kind }) => kind === "verdict")).toBe(true);
    const archived = place.ledger.archive.run_tables.includes("earlier_scores");
    expect(archived).toBe(true);
  });

  test("a verdict that rests on something else is not called older", () => {
    using place = studyPlace(whole);
    place.ledger.query("UPDATE scores SET inputs_hash = 'other'");
    expect(changedByRules(place.ledger, KEYS)).toEqual([]);
  });
});
