import { describe, expect, test } from "bun:test";
import { UsageError } from "../../core/fault.ts";
import { type ImageNaming, imageNames } from "./image-name.ts";

const CASES: [repo: string, task_id: number, naming: ImageNaming, name: string][] = [
  ["go_chi_task", 26, {}, "akhatua/cooperbench-go-chi:task26"],
  ["openai_tiktoken_task", 0, {}, "akhatua/cooperbench-openai-tiktoken:task0"],
  [
    "samuelcolvin_dirty_equals_task",
    43,
    {},
    "akhatua/cooperbench-samuelcolvin-dirty-equals:task43",
  ],
  ["task_queue_task", 1, {}, "akhatua/cooperbench-task-queue:task1"],
  ["demo", 1, { registry: "ghcr.io/me" }, "ghcr.io/me/cooperbench-demo:task1"],
  ["demo", 1, { registry: "ghcr.io/me/" }, "ghcr.io/me/cooperbench-demo:task1"],
  ["demo", 1, { registry: "localhost:5000" }, "localhost:5000/cooperbench-demo:task1"],
  ["a_b_task", 2, { image_template: "mine/{repo}-{task}:latest" }, "mine/a-b-2:latest"],
  ["a", 2, { registry: "r.io/x", image_template: "{registry}/{repo}:v{task}" }, "r.io/x/a:v2"],
];
test.each(CASES)("%s %d %j → %s", (repo, task_id, naming, name) => {
  expect(imageNames(naming)({ repo, task_id })).toBe(name);
});

describe("usage errors", () => {
  const WRONG: [naming: ImageNaming, words: string][] = [
    [{ image_template: "{registry}/{repos}:{task}" }, "did you mean {repo}?"],
    [{ image_template: "{registry}/all:{task}" }, "needs {repo}"],
    [{ image_template: "{registry}/{repo}" }, "needs {task}"],
    [{ registry: "ghcr.io/me", image_template: "mine/{repo}:{task}" }, "needs {registry}"],
    [{ registry: "" }, "--registry takes a name"],
    [{ registry: "http://x" }, "--registry takes a name"],
    [{ registry: "a b" }, "--registry takes a name"],
    [{ registry: `${"/".repeat(100_000)}a` }, "--registry takes a name"],
  ];
  test.each(WRONG)("%j", (naming, words) => {
    expect(() => imageNames(naming)).toThrow(UsageError);
    expect(() => imageNames(naming)).toThrow(words);
  });

  test.each([
    ["mine/a..b-{repo}:t{task}", "not an image name"],
    ["mine/x._y-{repo}:t{task}", "not an image name"],
    ["mine/a___b-{repo}:t{task}", "not an image name"],
    ["mine/a-_b-{repo}:t{task}", "not an image name"],
    ["mine/a.-b-{repo}:t{task}", "not an image name"],
    ["mine/-a{repo}:t{task}", "not an image name"],
    ["mine/a{repo}-:t{task}", "not an image name"],
    ["mine/.{repo}:t{task}", "not an image name"],
    ["mine//{repo}:t{task}", "not an image name"],
    ["a..io/{repo}:t{task}", "not an image name"],
    ["-r.io/{repo}:t{task}", "not an image name"],
    ["r.io:/{repo}:t{task}", "not an image name"],
    ["r.io:x/{repo}:t{task}", "not an image name"],
    ["mine/{repo}:.t{task}", "not an image name"],
    ["mine/{repo}:-t{task}", "not an image name"],
    [`mine/{repo}:t{task}${"x".repeat(128)}`, "not an image name"],
    [`mine/${"x".repeat(255)}{repo}:t{task}`, "not an image name"],
    [`{repo}${"0".repeat(63)}:t{task}`, "not an image name"],
  ])("P6: %s is refused as the engine would", (image_template, words) => {
    expect(() => imageNames({ image_template })({ repo: "a", task_id: 1 })).toThrow(words);
  });
  test.each([
    ["mine/a__b.c-d--e_f-{repo}:T_{task}.x-y", "mine/a__b.c-d--e_f-a:T_1.x-y"],
    ["localhost/{repo}:{task}", "localhost/a:1"],
    ["Reg.Example.com:5000/x/{repo}:{task}", "Reg.Example.com:5000/x/a:1"],
    ["10.0.0.1:5000/{repo}:{task}", "10.0.0.1:5000/a:1"],
  ])("P6: %s is taken as the engine would", (image_template, name) => {
    expect(imageNames({ image_template })({ repo: "a", task_id: 1 })).toBe(name);
  });
  test.each(["a..b", "x._y", "r.io/a..b", "r.io//x", "r.io/x-", "-x"])(
    "P6: a registry %s is refused",
    (registry) => {
      expect(() => imageNames({ registry })).toThrow("--registry takes a name");
    },
  );

  test.each(["Mine/{repo}:{task}", "mine/{repo}:a:{task}", "{repo}:{task} -x", "-x/{repo}:{task}"])(
    "%s",
    (image_template) => {
      const nameOf = imageNames({ image_template });
      expect(() => nameOf({ repo: "a", task_id: 1 })).toThrow("is not an image name");
    },
  );
});
