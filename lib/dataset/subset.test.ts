import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Fault, UsageError } from "../core/fault.ts";
import { pairKey, parsePairKey } from "../core/keys.ts";
import { describeWith, testData } from "../core/testing.ts";
import {
  makeSubset,
  parseSubset,
  type Subset,
  subsetPairs,
  subsetText,
  type TaskFeatures,
} from "./subset.ts";

const dataset: TaskFeatures[] = [
  { repo: "go_chi_task", task_id: 26, feature_ids: [1, 2, 3, 4] },
  { repo: "go_chi_task", task_id: 27, feature_ids: [1, 2] },
  { repo: "openai_tiktoken_task", task_id: 0, feature_ids: [10, 2, 1] },
  { repo: "typst_task", task_id: 1, feature_ids: [1] },
];
const stats = { tasks: 1, pairs: 1, repos: 1 };
const valid = {
  name: "mine",
  description: "",
  stats,
  tasks: [{ repo: "go_chi_task", task_id: 26 }],
};
const withTasks = (...tasks: Subset["tasks"]): Subset => ({ ...valid, tasks });
const chi = (...pairs: number[][]) => withTasks({ repo: "go_chi_task", task_id: 26, pairs });

function thrownBy(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}

describe("parseSubset", () => {
  const task = (fields: object) => ({
    ...valid,
    tasks: [...valid.tasks, { ...valid.tasks[0], ...fields }],
  });
  const wrong: [place: string, content: unknown][] = [
    ["name", { ...valid, name: "../lite" }],
    ["description", { ...valid, description: 1 }],
    ["stats", { ...valid, stats: [] }],
    ["tasks[1]", task({ pairs: [[1, 2]], groups: [[1, 2, 3]] })],
    ["tasks[1].groups[0]", task({ groups: [[1]] })],
    ["tasks", { ...valid, tasks: [] }],
    ["tasks[1].task_id", task({ task_id: "26" })],
    ["tasks[1].repo", task({ repo: "" })],
    ["tasks[1].pairs", task({ pairs: [] })],
    ["tasks[1].pairs[1]", task({ pairs: [[1, 2], [3]] })],
    ["tasks[1].pairs[0][1]", task({ pairs: [[1, 2.5]] })],
    ["tasks[1]", task({ pair: [[1, 2]] })],
    ["top level", []],
    ["top level", task({ repo: { length: { toString: 1 } } })],
  ];
  test.each(wrong)("names the file and %s", (place, content) => {
    const error = thrownBy(() => parseSubset(JSON.stringify(content), "subsets/mine.json"));
    expect(error).toBeInstanceOf(Fault);
    expect(error).toMatchObject({ code: "dataset_invalid" });
    expect(error.message).toStartWith(`subsets/mine.json: ${place}: `);
    expect(error.message).not.toContain("\n");
  });

  test.each(["", '{"name": "mi', "{'name': 1}"])("bad JSON %p", (text) => {
    const error = thrownBy(() => parseSubset(text, "subsets/mine.json"));
    expect(error).toMatchObject({ code: "dataset_invalid" });
    expect(error.message).toStartWith("subsets/mine.json is not JSON: ");
  });

  test("keeps what is valid, tuples of three and absent pairs too", () => {
    const subset = withTasks(
      { repo: "a", task_id: 0 },
      { repo: "b", task_id: 1, pairs: [[1, 2, 3]] },
    );
    expect(parseSubset(JSON.stringify(subset), "mine.json")).toEqual(subset);
  });
});

describe("subsetPairs", () => {
  const cases: [title: string, subset: Subset, keys: string[]][] = [
    [
      "the file's order, features ascending",
      chi([3, 4], [2, 1]),
      ["go_chi_task/task26/features_3_4", "go_chi_task/task26/features_1_2"],
    ],
    ["three features", chi([4, 1, 2]), ["go_chi_task/task26/features_1_2_4"]],
    [
      "no pairs: all of the task, task 0 too",
      withTasks({ repo: "openai_tiktoken_task", task_id: 0 }, { repo: "go_chi_task", task_id: 27 }),
      [
        "openai_tiktoken_task/task0/features_1_2",
        "openai_tiktoken_task/task0/features_1_10",
        "openai_tiktoken_task/task0/features_2_10",
        "go_chi_task/task27/features_1_2",
      ],
    ],
  ];
  test.each(cases)("%s", (_, subset, keys) => {
    expect(subsetPairs(subset, dataset).map(pairKey)).toEqual(keys);
  });

  const refused: [subset: Subset, message: string][] = [
    [
      withTasks({ repo: "typst_task", task_id: 1 }),
      'subset "mine": typst_task/task1 has fewer than two features, so no pairs',
    ],
    [
      withTasks({ repo: "go_chy_task", task_id: 26 }),
      'subset "mine": unknown repo "go_chy_task": did you mean "go_chi_task"?',
    ],
    [
      withTasks({ repo: "go_chi_task", task_id: 72 }),
      'subset "mine": unknown task "go_chi_task/task72": did you mean "go_chi_task/task27"?',
    ],
    [
      chi([1, 2], [1, 44]),
      'subset "mine": unknown feature "go_chi_task/task26/feature44": did you mean "go_chi_task/task26/feature4"?',
    ],
    [
      chi([3, 3]),
      'subset "mine": go_chi_task/task26/features_3_3 names feature 3 twice: name it once',
    ],
    [
      chi([1, 2], [2, 1]),
      'subset "mine" names go_chi_task/task26/features_1_2 twice: name it once',
    ],
    [
      withTasks(
        { repo: "go_chi_task", task_id: 27 },
        { repo: "go_chi_task", task_id: 27, pairs: [[1, 2]] },
      ),
      'subset "mine" names go_chi_task/task27/features_1_2 twice: name it once',
    ],
  ];
  test.each(refused)("refuses %#", (subset, message) => {
    const error = thrownBy(() => subsetPairs(subset, dataset));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toBe(message);
  });
});

describe("makeSubset", () => {
  const pairs = [
    "pillow_task/task290/features_1_2",
    "pillow_task/task68/features_2_10",
    "pillow_task/task68/features_2_3_4",
    "pillow_task/task68/features_1_3",
    "go_chi_task/task26/features_1_2",
  ].map(parsePairKey);

  test("orders repositories as text, tasks by number, pairs number by number", () => {
    const subset = makeSubset({ name: "mine", description: "of five", pairs });
    expect(subset).toEqual({
      name: "mine",
      description: "of five",
      stats: { tasks: 3, pairs: 5, repos: 2 },
      tasks: [
        { repo: "go_chi_task", task_id: 26, pairs: [[1, 2]] },
        {
          repo: "pillow_task",
          task_id: 68,
          pairs: [
            [1, 3],
            [2, 3, 4],
            [2, 10],
          ],
        },
        { repo: "pillow_task", task_id: 290, pairs: [[1, 2]] },
      ],
    });
    expect(parseSubset(subsetText(subset), "mine.json")).toEqual(subset);
  });

  test("the text has the format's field order, whatever the object's", () => {
    const { name, description, tasks } = valid;
    const text = subsetText({ tasks, stats, description, name });
    expect(text).toBe(`${JSON.stringify(valid, null, 2)}\n`);
  });

  const name = "mine";
  const lone = { repo: "go_chi_task", task_id: 26, features: [1] };
  const refused: [
    title: string,
    content: { name: string; pairs: typeof pairs },
    message: string,
  ][] = [
    ["a slash", { name: "a/b", pairs }, 'subset name "a/b" must be letters'],
    ["a space", { name: "a b", pairs }, 'subset name "a b" must be letters'],
    ["an empty name", { name: "", pairs }, 'subset name "" must be letters'],
    ["dots alone", { name: "..", pairs }, 'subset name ".." must be letters'],
    ["no pairs", { name, pairs: [] }, "would be empty"],
    [
      "a pair twice",
      { name, pairs: [...pairs, ...pairs] },
      "names pillow_task/task290/features_1_2 twice",
    ],
    ["one feature", { name, pairs: [lone] }, "has fewer than two features"],
    ["a feature twice", { name, pairs: [{ ...lone, features: [1, 1] }] }, "names feature 1 twice"],
  ];
  test.each(refused)("refuses %s", (_, content, message) => {
    const error = thrownBy(() => makeSubset({ description: "", ...content }));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain(message);
  });
});

describeWith("data", "the published subsets", () => {
  const root = testData?.dataset ?? "";
  const idOf = (folder: string) => Number(/\d+$/.exec(folder)?.[0]);
  const folders = (prefix: string, ...path: string[]) =>
    readdirSync(join(root, ...path)).filter((name) => name.startsWith(prefix));
  const published = (): TaskFeatures[] =>
    folders("")
      .filter((repo) => repo.endsWith("_task"))
      .flatMap((repo) =>
        folders("task", repo).map((task) => ({
          repo,
          task_id: idOf(task),
          feature_ids: folders("feature", repo, task).map(idOf),
        })),
      );

  test.each([
    ["lite", 100],
    ["flash", 50],
  ] as const)("%s: read, expanded, made again and written, byte for byte", async (name, count) => {
    const text = await Bun.file(join(root, "subsets", `${name}.json`)).text();
    const subset = parseSubset(text, `${name}.json`);
    expect(subset).toEqual(JSON.parse(text));
    const pairs = subsetPairs(subset, published());
    expect(pairs.length).toBe(count);
    const again = makeSubset({ name, description: subset.description, pairs: pairs.toReversed() });
    expect(again).toEqual(subset);
    expect(subsetText(again)).toBe(text);
  });
});
