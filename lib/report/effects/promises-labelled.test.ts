import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { PROMISE_KINDS } from "./effect.ts";
import { promisesIn } from "./promises.ts";

/**
 * Messages that were written and labelled before the rules: never change a label, and do not look at one while changing a
 * rule. `by` is the sender of a promise, the reader of a request. Leaving a part of a file alone is not leaving the file
 * alone.
 */
const labelled = z.object({
  ...{ text: z.string(), sender: z.string(), reader: z.string(), paths: z.array(z.string()) },
  promises: z.array(
    z.object({ by: z.string(), kind: z.enum(PROMISE_KINDS), paths: z.array(z.string()) }),
  ),
});
const MESSAGES = readFileSync(join(import.meta.dir, "promises-labelled.fixture.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => labelled.parse(JSON.parse(line)));

type Said = z.infer<typeof labelled>["promises"];

/** Each promise of each file by itself; of a folder, those files of it that are known. */
function single(promises: Said, files: readonly string[]): Set<string> {
  const each = promises.flatMap(({ by, kind, paths }) =>
    paths.flatMap((path) => {
      const within = path.endsWith("/") ? files.filter((file) => file.startsWith(path)) : [path];
      return within.map((file) => `${by} ${kind} ${file}`);
    }),
  );
  return new Set(each);
}

function measured() {
  const total = { right: 0, found: 0, labelled: 0 };
  for (const { text, sender, reader, paths, promises } of MESSAGES) {
    const said = promisesIn(text, { sender, reader, paths });
    const whole = said.filter(({ kind, part }) => kind === "touch" || !part);
    const found = single(
      whole.map(({ by, kind, paths }) => ({ by, kind, paths: [...paths] })),
      paths,
    );
    const expected = single(promises, paths);
    total.right += [...found].filter((one) => expected.has(one)).length;
    total.found += found.size;
    total.labelled += expected.size;
  }
  return total;
}

test("Show 3: on 60 messages that were labelled before, the rules find what the documents state", () => {
  expect(MESSAGES).toHaveLength(60);
  expect(MESSAGES.filter(({ promises }) => promises.length === 0)).toHaveLength(25);
  const { right, found, labelled } = measured();
  const [precision, recall] = [right / found, right / labelled];
  expect(precision).toBeGreaterThanOrEqual(0.8);
  expect(recall).toBeGreaterThanOrEqual(0.45);
  const docs = readFileSync(join(import.meta.dir, "../../../docs/reports.md"), "utf8");
  const [stated] =
    /precision [^.]*\.\d+[^.]*\.\d+ \([^)]*\)/.exec(docs.replaceAll(/\s+/g, " ")) ?? [];
  expect(stated).toBe(
    `precision ${precision.toFixed(2)} (${right} of ${found}), recall ${recall.toFixed(2)} (${right} of ${labelled})`,
  );
});
