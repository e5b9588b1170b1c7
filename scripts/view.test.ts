import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { attemptRecord } from "../db/ledger.fixture.ts";
import { openLedger } from "../db/ledger.ts";
import { fill } from "../db/queries/filled.fixture.ts";
import { describeWith } from "../lib/core/testing.ts";
import { openBrowser, picture, type Watched } from "./browser.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(120_000);

const script = join(import.meta.dir, "view.ts");
const start = (args: readonly string[]) =>
  Bun.spawn(["bun", script, ...args], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });

describeWith("chromium", "the live view", () => {
  let here: ReturnType<typeof place>;
  let ledger: ReturnType<typeof openLedger>;
  let served: ReturnType<typeof start>;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let address: string;
  beforeAll(async () => {
    here = place();
    ledger = openLedger(here.at("ledger.sqlite"));
    const places = ["--ledger", here.at("ledger.sqlite"), "--log-dir", here.at("logs")];
    served = start(["--port", "0", ...places]);
    fill(ledger);
    browser = await openBrowser();
    const { value } = await served.stdout.getReader().read();
    address = String(jsonLines(new TextDecoder().decode(value))[0]?.url);
  });
  afterAll(async () => {
    served.kill();
    await served.exited;
    await browser?.[Symbol.asyncDispose]();
    ledger.close();
    here[Symbol.dispose]();
  });

  test("follows the ledger, and leaves filter, scroll and focus alone", async () => {
    await using watched = await browser.open(`${address}pairs.html#run=coop-a`, {
      width: 1440,
      scheme: "dark",
    });
    const { js, until } = watched;
    const shown = `document.getElementById("shown").textContent`;
    await until(`document.querySelector(".live").textContent === "live"`);
    expect(await js(shown)).toMatch(/^5 of \d+ rows$/);
    await js(`document.querySelector("#pairs tbody a").focus()`);
    const focused = await js("document.activeElement.getAttribute('href')");
    ledger.attempts.put([attemptRecord("coop-a/alpha_task/task1/features_2_3~2")]);
    await until(`${shown}.startsWith("6 of")`);
    expect(await js("location.hash")).toBe("#run=coop-a");
    expect(await js("document.activeElement.getAttribute('href')")).toBe(focused);
    await picture(watched.page, "live-pairs-1440-dark");
    expectOwn(watched);
  });

  test("keeps what was unfolded on an attempt's page", async () => {
    const page = `${address}pairs/coop-a/alpha_task/task1/features_1_2.html`;
    await using watched = await browser.open(page);
    const { js, until } = watched;
    await until(`document.querySelector(".live").textContent === "live"`);
    await js(`document.getElementById("agent1-step-2").open = true`);
    await js(
      `document.querySelector("main").dataset.old = "1"; document.querySelector("h1").dataset.old = "1"`,
    );
    ledger.attempts.put([attemptRecord("coop-a/alpha_task/task1/features_1_2~5")]);
    await until(`document.querySelector("h1").dataset.old === undefined`);
    expect(await js(`document.getElementById("agent1-step-2").open`)).toBe(true);
    expect(await js(`document.getElementById("agent1-step-1").open`)).toBe(false);
    expect(await js(`document.querySelector(".same").textContent`)).toContain("try 5");
    expectOwn(watched);
  });

  test("shows the charts", async () => {
    await using watched = await browser.open(address);
    expect(
      await watched.js(`document.querySelectorAll(".wide svg.plot :is(circle, rect)").length > 3`),
    ).toBe(true);
    expectOwn(watched);
  });

  test("ends at Ctrl-C as interrupted", async () => {
    served.kill("SIGINT");
    expect(await served.exited).toBe(130);
  });

  function expectOwn({ requests, errors }: Watched): void {
    expect(errors).toEqual([]);
    const foreign = requests.filter((url) => !url.startsWith(address) && !url.startsWith("data:"));
    expect(foreign).toEqual([]);
  }
});

describe("view", () => {
  const cases: [name: string, args: string[], says: string][] = [
    ["a port that is none", ["--port", "many"], "--port takes a whole number"],
    ["a port that is too high", ["--port", "70000"], "--port takes a number up to 65535"],
    ["a policy that is none", ["--policy", "unoin"], 'did you mean "union"'],
    [
      "steering from another machine",
      ["--steer", "--host", "0.0.0.0"],
      "--steer is for this machine alone",
    ],
    ["a run that is none", ["-n", "nothing"], "unknown run"],
    ["a flag that is none", ["--prot", "1"], "did you mean --port"],
  ];
  test.each(cases)("refuses %s", async (_, args, says) => {
    using here = place();
    openLedger(here.at("ledger.sqlite")).close();
    const child = start([...args, "--ledger", here.at("ledger.sqlite")]);
    const [stdout, stderr] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    expect(await child.exited).toBe(2);
    expect(stderr).toContain(says);
    expect(stdout).toBe("");
  });
});
