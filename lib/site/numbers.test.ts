import { describe, expect, test } from "bun:test";
import {
  bytes,
  clip,
  count,
  duration,
  firstLine,
  moment,
  offset,
  percent,
  percentRange,
  plural,
  usd,
} from "./numbers.ts";

describe("numbers", () => {
  const cases: [written: string, expected: string][] = [
    [percent(0.5), "50.0 %"],
    [percent(0), "0.0 %"],
    [percent(null), "–"],
    [percentRange(0.2366, 0.7634), "24–76 %"],
    [percentRange(null, null), "–"],
    [usd(0), "$0.00"],
    [usd(0.0123), "$0.0123"],
    [usd(12.5), "$12.50"],
    [usd(null), "–"],
    [count(1234567), "1\u202f234\u202f567"],
    [count(0), "0"],
    [count(null), "–"],
    [plural(1, "pair"), "1 pair"],
    [plural(0, "pair"), "0 pairs"],
    [duration(0), "0 ms"],
    [duration(4210), "4.2 s"],
    [duration(185_000), "3 min 5 s"],
    [duration(59_970), "60.0 s"],
    [duration(3_599_900), "1 h 0 min"],
    [duration(7_440_000), "2 h 4 min"],
    [offset(0), "+0.00 s"],
    [offset(12_340), "+12.3 s"],
    [offset(185_000), "+3:05"],
    [offset(3_725_000), "+1:02:05"],
    [bytes(999), "999 B"],
    [bytes(1234), "1.2 kB"],
    [bytes(31_900_000), "31.9 MB"],
    [moment("2026-01-02T03:04:05.678Z"), "2026-01-02 03:04:05"],
    [moment(null), "–"],
  ];
  test.each(cases)("%s is %s", (written, expected) => expect(written).toBe(expected));
});

describe("clip", () => {
  test("keeps a short text whole", () => {
    expect(clip("abc", 3)).toEqual({ head: "abc", omitted: 0, tail: "" });
  });

  test("keeps both ends of a long one, and counts the rest", () => {
    const { head, omitted, tail } = clip(`start${"x".repeat(1000)}end`, 100);
    expect(head).toStartWith("start");
    expect(tail).toEndWith("end");
    expect(head.length + omitted + tail.length).toBe(1008);
  });

  test("parts no pair of surrogates into something else", () => {
    const { head, tail } = clip("🎉".repeat(50), 7);
    expect(head.isWellFormed() && tail.isWellFormed()).toBe(true);
  });
});

describe("firstLine", () => {
  const cases: [text: string, limit: number, expected: string][] = [
    ["\n\n  a b \nc", 10, "a b"],
    ["abcdef", 4, "abc…"],
    ["", 4, ""],
  ];
  test.each(cases)("of %j in %d", (text, limit, expected) =>
    expect(firstLine(text, limit)).toBe(expected),
  );
});
