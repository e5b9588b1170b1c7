import { describe, expect, test } from "bun:test";
import { link, pagePath, sideLink, sidePath, tableState } from "./links.ts";

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

describe("the page of a pair", () => {
  const cases: [key: string, path: RegExp][] = [
    ["a_task/task1/features_1_2", /^side\/a_task\/task1\/features_1_2\.html$/],
    ["../../etc/passwd", /^side\/odd\/[0-9a-f]{24}\.html$/],
    ["<b>/task1/features_1_2", /^side\/odd\//],
    ["", /^side\/odd\//],
  ];
  test.each(cases)("of %j", (key, path) => expect(sidePath(key)).toMatch(path));

  test("is linked to with two attempts, from any page", () => {
    const [pair, a, b] = ["a_task/task1/features_1_2", "r/a_task/task1/x~2", "s=&/#"];
    const address = sideLink(pair, a, b);
    const [path, fragment] = address.split("#");
    expect(path).toBe("side/a_task/task1/features_1_2.html");
    expect(Object.fromEntries(new URLSearchParams(fragment))).toEqual({ a, b });
    expect(sideLink(pair, a, b, "pairs/r/a_task/x.html")).toBe(`../../../${address}`);
  });
});
