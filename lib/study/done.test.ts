import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { G12, G23, GOLD, studyPlace } from "./flow.fixture.ts";

// Whole flows over git and sandboxes: more than the usual five seconds where others work too.
setDefaultTimeout(120_000);

type Place = ReturnType<typeof studyPlace>;
const BOTH = [G12, G23];

async function found(place: Place, text = GOLD) {
  return { merge: await place.finished(text, "merge"), eval: await place.finished(text, "eval") };
}

describe("what is done", () => {
  test("is nothing in the beginning, and what a target made afterwards", async () => {
    using place = studyPlace();
    expect(await found(place)).toEqual({ merge: [], eval: [] });
    await place.run(GOLD, { target: "run" });
    expect(await found(place)).toEqual({ merge: [], eval: [] });
    await place.run(GOLD, { target: "merge" });
    expect(await found(place)).toEqual({ merge: BOTH, eval: [] });
    await place.run(GOLD);
    expect(await found(place)).toEqual({ merge: BOTH, eval: BOTH });
  });

  const whole = studyPlace();
  beforeAll(async () => void (await whole.run(GOLD)));
  afterAll(() => whole[Symbol.dispose]());

  /** What changes under an evaluated study, and what is still done then. */
  const CHANGES: [what: string, change: (place: Place) => void, text: string, judged: string[]][] =
    [
      ["nothing", () => undefined, GOLD, BOTH],
      [
        "a file's time, and files that are gone",
        ({ at }) => rmSync(join(at("logs"), G12), { recursive: true }),
        GOLD,
        BOTH,
      ],
      [
        "the inputs of one merge",
        ({ ledger }) =>
          ledger.query(`UPDATE merges SET inputs_hash = 'old' WHERE attempt_key = '${G12}'`),
        GOLD,
        [G23],
      ],
      [
        "the inputs of one verdict",
        ({ ledger }) =>
          ledger.query(`UPDATE scores SET inputs_hash = 'old' WHERE attempt_key = '${G23}'`),
        GOLD,
        [G12],
      ],
      [
        "an attempt set aside",
        ({ ledger }) => ledger.superseded.setAside(G12, "test"),
        GOLD,
        [G23],
      ],
      [
        "whether patches are tested alone",
        () => undefined,
        `${GOLD}\n[evaluation]\npremerge = false\n`,
        [],
      ],
      [
        "only which pairs are wanted",
        () => undefined,
        GOLD.replace(/, "demo_task[^"]*"/, ""),
        [G12],
      ],
      [
        "an arm's configuration",
        () => undefined,
        GOLD.replace('agent = "gold"', 'agent = "gold"\nmax_steps = 7'),
        [],
      ],
    ];
  test.each(CHANGES)("after a change of %s", async (_, change, text, judged) => {
    using place = studyPlace(whole);
    change(place);
    expect(await place.finished(text, "eval")).toEqual(judged);
  });
});
