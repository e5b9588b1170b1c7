import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { openLedger } from "../db/ledger.ts";
import { describeWith } from "../lib/core/testing.ts";
import { violations } from "./axe.fixture.ts";
import { openBrowser, picture, type Watched } from "./browser.fixture.ts";
import { place } from "./cli.fixture.ts";
import {
  BROKEN_STEP,
  COOP,
  FAILED_STEPS,
  fillStudy,
  LOST,
  SOLO,
  STUDY,
  work,
} from "./researcher.fixture.ts";
import { steeredView, TOKEN } from "./steered-view.fixture.ts";

setDefaultTimeout(300_000);

const BROKEN = `agent2-step-${BROKEN_STEP}`;
const textOf = (selector: string) =>
  `document.querySelector(${JSON.stringify(selector)}).textContent`;

describeWith("chromium", "Show 1: a researcher at the live view of a study", () => {
  const here = place();
  const ledger = openLedger(here.at("ledger.sqlite"));
  let view: Awaited<ReturnType<typeof steeredView>>;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  beforeAll(async () => {
    fillStudy(ledger, here.at("logs"));
    view = await steeredView(here);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await view?.[Symbol.asyncDispose]();
    ledger.close();
    here[Symbol.dispose]();
  });

  test("finds the pair that coop lost and solo won, in it the step that broke a promise, and shows it to another", async () => {
    await using watched = await browser.open(`${view.address}grid.html`);
    const { js, page, until } = watched;
    await page.click('input[name="coop-lost"]');
    await until(`document.getElementById("shown").textContent.startsWith("1 of ")`);
    await clean(watched, "grid");
    for (const run of [COOP, SOLO]) await page.click(`[data-mark="${run}/${LOST}"]`);
    await follow(watched, "#marked a");

    await until(`document.getElementById("files-note").textContent.includes("2 changed by both")`);
    const sides = `[...document.querySelectorAll("#facts thead th")].map((head) => head.textContent)`;
    expect(await js(sides)).toEqual(["what", SOLO, COOP]);
    expect(await js(textOf("#facts tbody tr"))).toMatch(/passed\s*failed/);
    await clean(watched, "side");
    await follow(watched, `#facts thead a[href*="${COOP}"]`);

    await page.click('.kinds button[data-kind="broken"]');
    const left = `[...document.querySelectorAll(".message, details.step")].filter((one) => one.checkVisibility()).map(({ id }) => id)`;
    expect(await js(left)).toEqual(["message-1", "message-2"]);
    const broken = `#message-2 .v-fail ~ a[href="#${BROKEN}"]`;
    await until(`document.querySelector('${broken}') !== null`);
    expect(await js(`document.querySelector('${broken}').parentElement.textContent`)).toContain(
      "promise broken: agent2 leaves alone src/parse.ts",
    );
    await js(`document.querySelector('${broken}').click()`);
    await until(`document.getElementById("${BROKEN}").open`);
    const address = String(await js("location.href"));
    expect(address).toEndWith(`#${BROKEN}&show=broken`);
    expectOwn(watched);

    await using other = await openBrowser();
    await using shown = await other.open(address);
    await shown.until(`document.getElementById("${BROKEN}")?.open`);
    expect(await shown.js(textOf(`#${BROKEN} .command`))).toContain("cat > src/parse.ts");
    expect(
      await shown.js(
        `(() => { const { top, bottom } = document.getElementById("${BROKEN}").getBoundingClientRect(); return bottom > 0 && top < innerHeight; })()`,
      ),
    ).toBe(true);
    expectOwn(shown);
  });

  test("filters 200 steps to the commands that failed", async () => {
    await using watched = await browser.open(`${view.address}pairs/${COOP}/${LOST}.html`);
    const { js, page, until } = watched;
    await until(`document.querySelectorAll("details.step").length === 203`);
    await page.click('.kinds button[data-kind="failed"]');
    const visible = `[...document.querySelectorAll("details.step")].filter((step) => step.checkVisibility()).map(({ id }) => id)`;
    expect(await js(visible)).toEqual(FAILED_STEPS.map((step) => `agent2-step-${step}`));
    expect(await js("location.hash")).toContain("show=failed");
    await picture(page, "attempt-failed-1440-light");
    await clean(watched, "attempt");
    expectOwn(watched);
  });

  test("follows the study as it runs, and pauses it", async () => {
    await using watched = await browser.open(`${view.address}#token=${TOKEN}`);
    const { js, page, until } = watched;
    const section = `document.getElementById("under-way").textContent`;
    await until(`document.querySelector(".live").textContent === "live"`);
    expect(await js(section)).toContain("bun test");
    work(ledger, "agent1: git diff");
    await until(`${section}.includes("git diff")`);
    await clean(watched, "overview");
    await js(`document.querySelector('button[aria-label="Pause ${STUDY}"]').click()`);
    await until(
      `document.getElementById("steer-said").textContent.includes("study ${STUDY} is paused")`,
    );
    expect(ledger.controls.all().map(({ verb, scope, name }) => [verb, scope, name])).toEqual([
      ["pause", "study", STUDY],
    ]);
    await picture(page, "overview-paused-1440-light");
    expectOwn(watched);
  });

  function expectOwn({ requests, errors }: Watched): void {
    expect(errors).toEqual([]);
    const foreign = requests.filter(
      (url) => !url.startsWith(view.address) && !url.startsWith("data:"),
    );
    expect(foreign).toEqual([]);
  }
});

async function follow({ page }: Watched, link: string): Promise<void> {
  await Promise.all([page.waitForNavigation(), page.click(link)]);
}

async function clean({ page }: Watched, name: string): Promise<void> {
  expect({ page: name, found: await violations(page) }).toEqual({ page: name, found: [] });
}
