import { expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { openLedger } from "../db/ledger.ts";
import { addTalk, judging, keyOf } from "../lib/labels/judge.fixture.ts";
import { anthropicServer } from "../lib/model/wire/servers.fixture.ts";
import { CLAUDE, KEYS } from "./agents.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(120_000);

const KEY = keyOf("1_2");

test("Annotate: what people said is kept, listed, reported, compared with a model's labels, and taken back", async () => {
  await using server = anthropicServer(judging());
  using here = place();
  {
    using ledger = openLedger(here.at("ledger.sqlite"));
    addTalk(ledger, KEY);
  }
  const model = ["-m", CLAUDE, "--base-url", server.base_url, "--measures", "speech-acts"];
  expect((await here.call("judge", ["-n", "one", ...model], { env: KEYS })).code).toBe(0);
  const say = async (...args: string[]) => {
    const { code, stdout, stderr } = await here.call("annotate", args);
    return { code, rows: jsonLines(stdout), stderr };
  };
  for (const [message, label] of [
    ["1", "question"],
    ["2", "plan"],
  ] as const)
    expect(
      await say(
        KEY,
        "--message",
        message,
        "--measure",
        "speech-acts",
        "--label",
        label,
        "--by",
        "ada",
      ),
    ).toMatchObject({ code: 0, rows: [{ subject: message, measure: "speech act", label }] });
  await say(KEY, "--note", "they never agreed", "--by", "bob");
  const { rows } = await say("-n", "one");
  expect(rows.map(({ id, annotated_by, note }) => [id, annotated_by, note])).toEqual([
    [1, "ada", null],
    [2, "ada", null],
    [3, "bob", "they never agreed"],
  ]);

  const kappas = async (against: string) => {
    const { stdout } = await here.call("judge", ["-n", "one", "--agreement", against]);
    return jsonLines(stdout)
      .filter(({ row }) => row === "kappa")
      .map(({ measure, in_common, observed }) => [measure, in_common, observed]);
  };
  const file = here.at("people.jsonl");
  writeFileSync(file, rows.map((row) => JSON.stringify(row)).join("\n"));
  const same = [["speech act", 2, 0.5]];
  for (const against of ["annotations", "annotations:ada", file])
    expect({ against, kappas: await kappas(against) }).toEqual({ against, kappas: same });

  const report = await here.call("report", [
    "-n",
    "one",
    "--parts",
    "annotations",
    "--format",
    "csv",
  ]);
  expect(report.stdout).toContain("they never agreed");
  expect(await say("--remove", "3")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("has no annotation 3"),
  });
  expect((await say("--remove", "3", "--by", "bob")).code).toBe(0);
  expect((await say(KEY)).rows).toHaveLength(2);
});

const REFUSED: [what: string, args: string[], says: string][] = [
  ["an attempt that is none", [keyOf("1_9"), "--note", "n"], "unknown attempt"],
  ["a measure that is none", [KEY, "--measure", "speech-act", "--label", "plan"], "speech-acts"],
  ["nothing to keep", [KEY, "--message", "1"], "give --label or --note"],
  ["two attempts", [KEY, KEY, "--note", "n"], "one attempt at a time"],
  ["nobody's", ["--note", "n"], "name the attempt"],
];
test.each(REFUSED)("Annotate: refuses %s", async (_, args, says) => {
  using here = place();
  {
    using ledger = openLedger(here.at("ledger.sqlite"));
    addTalk(ledger, KEY);
  }
  const { code, stdout, stderr } = await here.call("annotate", args);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(says);
});
