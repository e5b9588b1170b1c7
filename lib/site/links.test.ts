import { describe, expect, test } from "bun:test";
import { link, pagePath, tableState } from "./links.ts";

describe("pagePath", () => {
  const cases: [key: string, path: RegExp][] = [
    ["run/a_task/task1/features_1_2", /^pairs\/run\/a_task\/task1\/features_1_2\.html$/],
    [
      "a+b@c=d/a_task/task0/features_1_2_3~2",
      /^pairs\/a\+b@c=d\/a_task\/task0\/features_1_2_3~2\.html$/,
    ],
    ["../../etc/passwd", /^pairs\/odd\/[0-9a-f]{24}\.html$/],
    ["run/../task1/features_1_2", /^pairs\/odd\//],
    ["run/a_task/task1/features_1_2\u0000", /^pairs\/odd\//],
    ["<b>/a_task/task1/features_1_2", /^pairs\/odd\//],
    ["", /^pairs\/odd\//],
  ];
  test.each(cases)("of %j", (key, path) => expect(pagePath(key)).toMatch(path));
});

describe("link", () => {
  const cases: [from: string, to: string, fragment: string, expected: string][] = [
    ["index.html", "pairs.html", "", "pairs.html"],
    ["index.html", "pairs.html", "run=a", "pairs.html#run=a"],
    ["pairs/r/a/task1/f.html", "index.html", "", "../../../../index.html"],
    ["pairs.html", "pairs/a+b/x y.html", "", "pairs/a%2Bb/x%20y.html"],
  ];
  test.each(cases)("from %s to %s#%s", (from, to, fragment, expected) =>
    expect(link(from, to, fragment)).toBe(expected),
  );

  test("carries filters that only look like more of them", () => {
    expect(Object.fromEntries(new URLSearchParams(tableState({ run: "a&b=c#d" })))).toEqual({
      run: "a&b=c#d",
    });
  });
});
