import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { sandboxesOf } from "../engine/places.ts";
import { verdictHash } from "../eval/planned.ts";
import { EVAL_RULES } from "../eval/rules.ts";
import { mergeInputs } from "../merge/planned.ts";
import { MERGE_RULES, mergeHash } from "../merge/rules.ts";
import { taskFinder } from "../select/task-files.ts";
import { G12, G23, GOLD, studyPlace } from "./flow.fixture.ts";
import { armStates } from "./state.ts";

// Whole flows over git and sandboxes: more than the usual five seconds where others work too.
setDefaultTimeout(120_000);

type Place = ReturnType<typeof studyPlace>;

async function stateOf(place: Place, text: string) {
  const study = place.read(text);
  const arms = await place.armsOf(study);
  const { ledger, at } = place;
  return await armStates({ ledger, study, arms, log_dir: at("logs"), dataset_dir: at("dataset") });
}

/** What G12's merge and verdict rest on now. */
async function restsOf({ ledger, at }: Place) {
  const places = { ledger, log_dir: at("logs"), dataset_dir: at("dataset") };
  const backend = await sandboxesOf(places, { unsafe_local: true });
  const taskOf = taskFinder(ledger, at("dataset"));
  const [inputs] = await mergeInputs({ ledger, taskOf, baseOf: backend.baseAtHand }, [G12]);
  if (inputs === undefined || !("inputs_hash" in inputs)) throw new Error("no inputs");
  const environment = await backend.environment(taskOf("demo_task/task1/features_1_2"));
  return { inputs, rests: { merge: inputs.inputs_hash, environment, premerge: true } };
}

const setHash = (place: Place, table: string, hash: string | undefined) =>
  place.ledger.query(`UPDATE ${table} SET inputs_hash = '${hash}' WHERE attempt_key = '${G12}'`);

const whole = studyPlace();
beforeAll(async () => void (await whole.run(GOLD)));
afterAll(() => whole[Symbol.dispose]());

type Change = (place: Place) => void | Promise<void>;
const CASES: [what: string, change: Change, text: string, again: string[]][] = [
  ["nothing", () => undefined, GOLD, []],
  [
    "a setting of an arm",
    () => undefined,
    GOLD.replace('agent = "gold"', 'agent = "gold"\nmax_steps = 7\ncommand_timeout_s = 1.5'),
    [
      "2 to run again: max_steps changed 100 → 7, command_timeout_s changed 300 → 1.5 (made before in s-gold)",
    ],
  ],
  [
    "the rules of merging",
    async (place) => {
      const { inputs } = await restsOf(place);
      setHash(place, "merges", mergeHash(inputs, inputs.base?.tree, MERGE_RULES - 1));
    },
    GOLD,
    [
      `1 to merge again: the rules of merging changed ${MERGE_RULES - 1} → ${MERGE_RULES}`,
      "1 to evaluate again: it is merged anew first",
    ],
  ],
  [
    "what a merge is of",
    (place) => void setHash(place, "merges", "old"),
    GOLD,
    [
      "1 to merge again: the patches or the tests changed",
      "1 to evaluate again: it is merged anew first",
    ],
  ],
  [
    "the rules of evaluation",
    async (place) => {
      const { rests } = await restsOf(place);
      setHash(place, "scores", verdictHash(rests, EVAL_RULES - 2));
    },
    GOLD,
    [`1 to evaluate again: the rules of evaluation changed ${EVAL_RULES - 2} → ${EVAL_RULES}`],
  ],
  [
    "what a verdict rests on",
    (place) => void setHash(place, "scores", "old"),
    GOLD,
    ["1 to evaluate again: its image, or how it is prepared, changed"],
  ],
  [
    "premerge",
    () => undefined,
    `${GOLD}\n[evaluation]\npremerge = false\n`,
    ["2 to evaluate again: premerge changed true → false"],
  ],
  [
    "the policies",
    () => undefined,
    `${GOLD}\n[evaluation]\npolicies = ["union", "agent1"]\n`,
    // Of a clean merge every policy is decided at once.
    ["1 to evaluate again: not judged under agent1 yet"],
  ],
  [
    "an attempt set aside",
    ({ ledger }) => void ledger.superseded.setAside(G12, "retry: failed"),
    GOLD,
    ["1 to run again: set aside before (retry: failed)"],
  ],
  [
    "a fault",
    ({ ledger }) => {
      ledger.superseded.setAside(G23, "retry: failed");
      const happened_at = new Date().toISOString();
      const about = { unit: G23, run: "s-gold", repo: "demo_task", task_id: 1, features: [2, 3] };
      const fault = { ...about, try: 1, step: "run", code: "engine_gone", happened_at } as const;
      ledger.faults.add({ ...fault, message: "gone", hint: "start it" });
    },
    GOLD,
    ["1 to run again: fault engine_gone is retried"],
  ],
];

describe("a plan says why units are done again, after a change of", () => {
  test.each(CASES)("%s", async (_, change, text, again) => {
    using place = studyPlace(whole);
    await change(place);
    const [state] = await stateOf(place, text);
    expect(state?.again.map(({ to, units, why }) => `${units} to ${to} again: ${why}`)).toEqual(
      again,
    );
  });

  test("nothing that was ever done: it is new, and counted by arm and step", async () => {
    using place = studyPlace(whole);
    const text = `${GOLD}\n[arms.none]\nagent = "null"\n`;
    expect(await stateOf(place, text)).toEqual([
      { run: 2, merge: 2, eval: 2, again: [] },
      { run: 0, merge: 0, eval: 0, again: [] },
    ]);
    await place.run(text, { target: "run" });
    expect((await stateOf(place, text))[1]).toEqual({ run: 2, merge: 0, eval: 0, again: [] });
  });
});
