import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openLedger } from "../db/ledger.ts";
import { describeWith, temporaryFolder } from "../lib/core/testing.ts";
import { fillHostile } from "../lib/site/hostile.fixture.ts";
import { writeSingle } from "../lib/site/site.ts";
import { openBrowser } from "./browser.fixture.ts";

setDefaultTimeout(120_000);

describeWith("chromium", "a site in one file", () => {
  const folder = temporaryFolder();
  const path = join(folder.path, "site.html");
  const url = pathToFileURL(path).href;
  const shown = `document.getElementById("theme")?.hidden === false`;
  let browser: Awaited<ReturnType<typeof openBrowser>>;

  beforeAll(async () => {
    using ledger = openLedger(":memory:");
    fillHostile(ledger, join(folder.path, "logs"));
    const signal = new AbortController().signal;
    const asked = { ledger, log_dir: join(folder.path, "logs"), policy: "union", signal } as const;
    const made = await writeSingle(path, asked);
    const again = await writeSingle(join(folder.path, "again.html"), asked);
    expect([made.bytes, made.files]).toEqual([again.bytes, ["site.html"]]);
    expect(await Bun.file(path).text()).toBe(await Bun.file(again.index).text());
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  test("opens at the overview, follows links and goes back, by the address alone", async () => {
    await using watched = await browser.open(url);
    const { js, until, page, errors, requests } = watched;
    await until(shown);
    expect(await js("document.title")).toBe("Overview · Tandem");
    await Promise.all([
      page.waitForNavigation(),
      js(`document.querySelector('header a[href$="pairs.html"]').click()`),
    ]);
    await until(`document.getElementById("shown") !== null && ${shown}`);
    expect(await js("location.search")).toBe("?pairs.html");
    await page.keyboard.press("/");
    await page.keyboard.type("hostile");
    await until(`location.hash === "#q=hostile"`);
    await Promise.all([
      page.waitForNavigation(),
      js(`document.querySelector("#pairs tbody a").click()`),
    ]);
    await until(`document.getElementById("patches") !== null && ${shown}`);
    expect(await js("location.search")).toStartWith("?pairs/");
    await page.goBack();
    await until(`document.getElementById("shown") !== null && ${shown}`);
    expect(await js(`document.getElementById("shown").textContent`)).not.toStartWith("0 of");
    expect(await js("globalThis.pwned")).toBeUndefined();
    expect(errors).toEqual([]);
    expect(new Set(requests.map((asked) => asked.split("?")[0]?.split("#")[0]))).toEqual(
      new Set([url]),
    );
  });

  test("jumps to a step that the address names, and says when it has no such page", async () => {
    const page = "?pairs/hostile/alpha_task/task1/features_1_2.html";
    await using watched = await browser.open(`${url}${page}#agent1-step-1`);
    await watched.until(`document.querySelector(":target")?.open === true`);
    expect(await watched.js(`document.querySelector(":target").id`)).toBe("agent1-step-1");
    await using other = await browser.open(`${url}?pairs/none.html`);
    await other.until(
      `document.getElementById("note").textContent.includes("no page pairs/none.html")`,
    );
    expect(other.errors).toEqual([]);
  });
});
