import { describe, expect, test } from "bun:test";
import { rowsOf, SETTINGS, studyKey } from "../config/settings.ts";
import { parseStudy } from "./file.ts";

const HEAD = 'name = "s"\n';
const ARM = '[arms.a]\nmodel = "replay/demo"\n';
const files = rowsOf(SETTINGS, ({ kind }) => kind.is === "file" || kind.is === "agent");

/** Every key that holds a path: the text of a study with it, and where the path is found. */
const CASES: [key: string, text: string, set: string][] = [
  ...files.map(([name, setting]): [string, string, string] => {
    const key = studyKey(name, setting);
    const isOfArm = setting.section === "arm";
    const table = isOfArm ? "" : `[${setting.section}]\nbackend = "docker"\n`;
    const place = isOfArm ? "arms.a" : setting.section;
    return [key, `${HEAD}${ARM}${table}${key} = "./x/a.ts"\n`, `${place}.${key}=./x/a.ts`];
  }),
  ["dataset.dir", `${HEAD}[dataset]\ndir = "./x/a.ts"\n${ARM}`, "dataset.dir=./x/a.ts"],
  ["dataset.from", `${HEAD}[dataset]\nfrom = "./x/a.ts"\n${ARM}`, "dataset.from=./x/a.ts"],
];

describe("a path is relative to the study's folder, wherever the call is", () => {
  test("of every kind there is one", () => {
    expect(files.map(([name]) => name).sort()).toEqual([
      "agent",
      "agent_config",
      "agent_program",
      "engines",
      "prices_file",
    ]);
  });

  test.each(CASES)("%s", (_, text, set) => {
    const file = { path: "/studies/first.toml" };
    const whole = JSON.stringify(parseStudy(text, file));
    expect(whole).toContain('"/studies/x/a.ts"');
    expect(whole).not.toContain('"./x');
    // A value of the command line takes the place of the file's, and is read like it.
    const sets = [set, ...(set.startsWith("sandbox") ? ["sandbox.backend=docker"] : [])];
    expect(JSON.stringify(parseStudy(`${HEAD}${ARM}`, { ...file, sets }))).toContain(
      '"/studies/x/a.ts"',
    );
  });

  test("reports.path", () => {
    const text = `${HEAD}${ARM}[[reports]]\npath = "out/r.md"\n`;
    const { reports } = parseStudy(text, { path: "/studies/first.toml" });
    expect(reports.map(({ path }) => path)).toEqual(["/studies/out/r.md"]);
  });
});
