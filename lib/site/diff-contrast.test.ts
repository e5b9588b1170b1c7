import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const DECLARED = /--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g;
const colours = new Map(
  ["colours.css", "diff.css"].flatMap((file) => {
    const text = readFileSync(join(import.meta.dir, "assets", file), "utf8");
    return [...text.matchAll(DECLARED)].map(
      ([, name = "", light = "", dark = ""]) => [name, { light, dark }] as const,
    );
  }),
);

/** WCAG 2.2, relative luminance of `#rrggbb`. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const INKS = [...colours.keys()].filter((name) => name.startsWith("code-")).concat("ink");
const GROUNDS = ["sheet", "paper", "add", "cut", "add-word", "cut-word"];

test.each(["light", "dark"] as const)(
  "the colours of code can be read on every ground: %s",
  (scheme) => {
    expect(INKS.length).toBeGreaterThan(8);
    const of = (name: string) => colours.get(name)?.[scheme] ?? "";
    const pairs = INKS.flatMap((ink) => GROUNDS.map((ground) => ({ ink, ground })));
    const low = pairs
      .concat(["sheet", "add", "cut"].map((ground) => ({ ink: "soft", ground })))
      .map((pair) => ({ ...pair, ratio: contrast(of(pair.ink), of(pair.ground)) }))
      .filter(({ ratio }) => !(ratio >= 4.5));
    expect(low).toEqual([]);
  },
);
