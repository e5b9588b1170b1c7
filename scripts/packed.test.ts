import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describeWith, temporaryFolder } from "../lib/core/testing.ts";
import { html } from "../lib/site/html.ts";
import { page } from "../lib/site/layout.ts";
import { packed, packPage } from "../lib/site/packed.ts";
import { openBrowser } from "./browser.fixture.ts";

setDefaultTimeout(120_000);

describeWith("chromium", "a page with compressed parts", () => {
  const folder = temporaryFolder();
  const path = join(folder.path, "page.html");
  const url = pathToFileURL(path).href;
  let browser: Awaited<ReturnType<typeof openBrowser>>;

  beforeAll(async () => {
    const steps = Array.from(
      { length: 300 },
      (_, n) =>
        html`<details class="step" id="s${n}"><summary>${n}</summary><pre>&amp; ${"<b>é 漢</b>"}</pre></details>`,
    );
    const main = html`<h1>t</h1>${packed(html`${steps}`)}`;
    const scripts = ["page.js"] as const;
    const about = { path: "index.html", title: "t", footer: "made", broad: true };
    writeFileSync(path, packPage(page({ ...about, main, scripts })));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  test("shows them before its scripts look, asks for nothing, and jumps to the address", async () => {
    await using watched = await browser.open(`${url}#s250`);
    const { js, until, errors, requests } = watched;
    await until(`document.getElementById("theme").hidden === false`);
    expect(await js(`document.querySelectorAll("main > details.step").length`)).toBe(300);
    expect(await js(`document.querySelectorAll("template, noscript").length`)).toBe(0);
    expect(await js(`document.querySelector("#s250 pre").textContent`)).toBe("& <b>é 漢</b>");
    expect(await js(`document.querySelector(":target").id`)).toBe("s250");
    expect(await js(`document.getElementById("s250").open`)).toBe(true);
    await until(`document.getElementById("s250").getBoundingClientRect().top < 900`);
    expect(await js(`(() => { let n = 0; whenReady(() => n++); return n; })()`)).toBe(1);
    expect(errors).toEqual([]);
    expect(requests).toEqual([`${url}#s250`]);
  });

  test("says so to a browser that cannot unpack, or has no scripts", async () => {
    await using watched = await browser.open("about:blank");
    const { page: tab, js, until } = watched;
    await tab.evaluateOnNewDocument("delete globalThis.DecompressionStream");
    await tab.goto(url);
    await until(`document.querySelector("h1 + .missing") !== null`);
    expect(await js(`document.querySelector("h1 + .missing").textContent`)).toContain(
      "cannot unpack",
    );
    await tab.setJavaScriptEnabled(false);
    await tab.reload();
    expect(await tab.$eval("noscript .missing", (note) => note.textContent)).toContain(
      "a browser with scripts shows it",
    );
  });
});
