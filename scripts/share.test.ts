import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { unzipSync } from "fflate";
import { openLedger } from "../db/ledger.ts";
import { fill } from "../db/queries/filled.fixture.ts";
import { sha256 } from "../lib/core/files.ts";
import { jsonLines, place } from "./cli.fixture.ts";

// Real processes, on machines that may be busy.
setDefaultTimeout(300_000);

const here = place();
{
  using ledger = openLedger(here.at("ledger.sqlite"));
  fill(ledger);
}
afterAll(() => here[Symbol.dispose]());

const report = async (...args: string[]) => await here.call("report", args);

test("a bundle holds the site, the data and its proof, the same bytes each time, and names no machine", async () => {
  const call = ["-n", "coop-a,solo-a", "--html", here.at("out"), "--bundle"];
  const made = await report(...call, here.at("study.zip"));
  expect(made).toMatchObject({ code: 0 });
  const again = await report(...call, here.at("again.zip"));
  const bytes = readFileSync(here.at("study.zip"));
  expect(Buffer.compare(bytes, readFileSync(here.at("again.zip")))).toBe(0);
  expect(jsonLines(again.stdout).at(-1)).toMatchObject({ bytes: bytes.length });

  const files = unzipSync(bytes);
  const textOf = (path: string) => Buffer.from(files[path] ?? []).toString();
  for (const path of ["README.txt", "site/index.html", "report.json", "tables/runs.csv"])
    expect({ path, there: files[path] !== undefined }).toEqual({ path, there: true });
  expect(JSON.parse(textOf("report.json")).runs).toHaveLength(2);
  expect(textOf("queries/pass-rate-by-run.sql")).toContain("SELECT");
  expect(textOf("queries/pass-rate-by-run.csv")).not.toContain("gold");
  expect(textOf("rows/runs/coop-a/attempts.jsonl").trim().split("\n").length).toBeGreaterThan(1);
  const sums = textOf("SHA256SUMS").trim().split("\n");
  expect(sums.toSorted()).toEqual(
    Object.entries(files)
      .filter(([path]) => path !== "SHA256SUMS")
      .map(([path, content]) => `${sha256(content)}  ${path}`)
      .toSorted(),
  );
  for (const [path, content] of Object.entries(files)) {
    const text = Buffer.from(content).toString();
    const named = text.includes(here.at("")) || text.includes(`"owner":"${hostname()}`);
    expect({ path, named }).toEqual({ path, named: false });
  }
});

test("figures are drawings that stand alone: SVG without the page's names, PDF with its font inside", async () => {
  const made = await report("--figures", here.at("figures"));
  expect(made).toMatchObject({ code: 0 });
  const files = readdirSync(here.at("figures")).sort();
  const drawn = files.filter((file) => file.endsWith(".svg"));
  expect(drawn.length).toBeGreaterThan(5);
  expect(files.length).toBe(2 * drawn.length);
  expect(jsonLines(made.stdout)).toHaveLength(drawn.length);
  for (const file of drawn) {
    const svg = readFileSync(here.at("figures", file), "utf8");
    expect(svg).toStartWith('<svg xmlns="http://www.w3.org/2000/svg"');
    expect({ file, left: /var\(|currentColor|class=|paint-order/.exec(svg)?.[0] }).toEqual({
      file,
      left: undefined,
    });
    const pdf = readFileSync(here.at("figures", file.replace(".svg", ".pdf")), "latin1");
    expect(pdf).toStartWith("%PDF-1.");
    expect({ file, font: /FontFile2/.test(pdf) }).toEqual({ file, font: true });
  }
  const before = files.map((file) => sha256(readFileSync(here.at("figures", file))));
  await report("--figures", here.at("figures"));
  expect(files.map((file) => sha256(readFileSync(here.at("figures", file))))).toEqual(before);
});

test("a paper's table has words, percent and the columns asked for", async () => {
  const asked = ["--parts", "runs", "--format", "md", "--labels", "paper"];
  const made = await report(...asked, "--columns", "run,pass_rate,wilson");
  expect(made.code).toBe(0);
  expect(made.stdout).toMatch(/\| Run +\| Pass rate \(%\) \| 95 % CI, Wilson \(%\) \|/);
  expect(made.stdout).toMatch(/\| solo-a +\| +75\.0 \|/);
  const tex = await report(
    "--parts",
    "runs",
    "--format",
    "tex",
    "--labels",
    "paper",
    "--intervals",
    "none",
  );
  expect(tex.stdout).toContain("Pass rate (\\%)");
  expect(tex.stdout).not.toContain("CI");
});

const REFUSED: [args: string[], said: string][] = [
  [["--bundle", "x.zip"], "--bundle holds a site: give --html DIR too"],
  [["--html", "out", "--bundle", "x.tar"], "--bundle writes a zip: name it FILE.zip, not x.tar"],
  [["--html", "out", "--labels", "paper"], "a site shows whole runs: omit --labels"],
  [["--figures", "f", "-o", "x.md"], "--figures writes charts alone: omit --out"],
  [["--figures", "f", "-r", "alpha_task"], "figures show whole runs: omit --repo"],
  [["--format", "csv", "--labels", "paper"], "--labels is for table, md, tex"],
  [["--format", "md", "--columns", "pass_rat"], 'did you mean "pass_rate"?'],
  [["--format", "md", "--labels", "papr"], "paper"],
  [["--format", "tex", "--intervals", "wilsn"], "wilson"],
];
test.each(REFUSED)("%p is refused in one line", async (args, said) => {
  const { code, stdout, stderr } = await report(...args);
  expect({ code, stdout, lines: stderr.trim().split("\n").length }).toEqual({
    ...{ code: 2, stdout: "", lines: 1 },
  });
  expect(stderr).toContain(said);
  expect(existsSync(here.at("x.zip"))).toBe(false);
});
