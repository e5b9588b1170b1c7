import { expect, test } from "bun:test";
import { byStudy } from "./by-study.ts";

const run = (name: string, kind: "solo" | "coop" | "gold", model: string | null = "m") => ({
  ...{ name, kind },
  run: { agent: kind === "gold" ? "gold" : "mini", model },
});
const RUNS = [
  run("x-gold", "gold", null),
  run("old", "coop"),
  run("x-coop-m", "coop"),
  run("y-coop", "coop"),
  run("x-coop-n", "coop", "n"),
  run("x-solo-m", "solo"),
  run("x-solo-n", "solo", "n"),
];
const study = ({ name }: { readonly name: string }) => /^([xy])-/.exec(name)?.[1];

test("solo, coop and gold of a study stand together, its models one after another, others last", () => {
  const groups = byStudy(RUNS, study).map(({ title, runs }) => [
    title,
    runs.map(({ name }) => name),
  ]);
  expect(groups).toEqual([
    ["x", ["x-solo-m", "x-coop-m", "x-solo-n", "x-coop-n", "x-gold"]],
    ["y", ["y-coop"]],
    [undefined, ["old"]],
  ]);
});

test("no run is lost, whatever is known of studies", () => {
  for (const of of [study, () => undefined, () => "all"])
    expect(byStudy(RUNS, of).flatMap(({ runs }) => runs).length).toBe(RUNS.length);
});
