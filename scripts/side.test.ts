import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { addRun, attemptRecord } from "../db/ledger.fixture.ts";
import { openLedger } from "../db/ledger.ts";
import { scoreRow } from "../db/verdicts.fixture.ts";
import { describeWith, temporaryFolder } from "../lib/core/testing.ts";
import { pagePath, sideLink, sidePath } from "../lib/site/links.ts";
import { writeSite } from "../lib/site/site.ts";
import { LOOKS, LOW_CONTRAST, openBrowser, picture } from "./browser.fixture.ts";

setDefaultTimeout(120_000);

const PAIR = "alpha_task/task1/features_1_2";
const [COOP, SOLO, OTHER] = [`coop/${PAIR}`, `solo/${PAIR}`, `coop/${PAIR}~2`] as const;
const patch = (path: string, line: number, to: string) =>
  `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -${line} +${line} @@\n-total = count(1)\n+total = ${to}\n`;
const bytes = (...parts: string[]) => ({ bytes: Buffer.from(parts.join("")) });

/** Two arms and a second try of one: their patches meet in one file and not in the others. */
function fillPair(ledger: ReturnType<typeof openLedger>): void {
  addRun(ledger, { run: "coop" });
  addRun(ledger, { run: "solo", setting: "solo" });
  const messages = [
    { seq: 1, sender: "agent1", content: "I take sum.py" },
    { seq: 2, sender: "agent2", recipient: "agent1", content: "<b>fine</b>" },
  ];
  ledger.attempts.put([
    attemptRecord(COOP, {
      agents: [
        bytes(patch("sum.py", 3, "count(2)")),
        bytes(patch("sum.py", 30, "count(3)"), patch("only_coop.py", 1, "1")),
      ],
      messages,
    }),
    attemptRecord(SOLO, { agents: [bytes(patch("sum.py", 3, "count(9)"))] }),
    attemptRecord(OTHER, {
      agents: [bytes(patch("sum.py", 8, "2")), bytes(patch("b.py", 1, "3"))],
    }),
  ]);
  ledger.scores.put(COOP, [scoreRow(COOP, { outcome: "failed", passed: false, path: null })], []);
  ledger.scores.put(SOLO, [scoreRow(SOLO, { path: "solo" })], []);
  ledger.scores.put(OTHER, [scoreRow(OTHER)], []);
}

describeWith("chromium", "a pair's page", () => {
  const folder = temporaryFolder();
  const url = (path: string) => `${pathToFileURL(folder.path).href}/${path}`;
  let browser: Awaited<ReturnType<typeof openBrowser>>;

  beforeAll(async () => {
    using ledger = openLedger(":memory:");
    fillPair(ledger);
    const { signal } = new AbortController();
    const [out_dir, log_dir] = [folder.path, join(folder.path, "logs")];
    await writeSite({ ledger, log_dir, policy: "union", out_dir, signal });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const NOTE = `document.getElementById("files-note").textContent`;
  const READY = `document.getElementById("files-note")?.textContent !== ""`;
  const ROWS = `[...document.querySelectorAll(".file-row")].filter((row) => row.checkVisibility()).map((row) => row.querySelector("h3").textContent)`;
  const CHOICE = `["side-a", "side-b"].map((id) => document.getElementById(id).value)`;

  test.each(LOOKS)("at %p: no error, no request, no sideways scroll, readable", async (look) => {
    await using watched = await browser.open(url(sidePath(PAIR)), look);
    await watched.until(READY);
    await picture(watched.page, `side-${look.width}-${look.scheme}`);
    expect(watched.errors).toEqual([]);
    expect(watched.requests.filter((asked) => !asked.startsWith("data:"))).toHaveLength(1);
    expect(await watched.js("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    expect(await watched.js(LOW_CONTRAST)).toEqual([]);
    const [left, right] = [".cell:not(.right)", ".cell.right"].map(
      (cell) =>
        `document.querySelector('.file-row:not([hidden]) .pairing:has(.right) > ${cell}:not([hidden])').getBoundingClientRect()`,
    );
    const beside = await watched.js(`${left}.right <= ${right}.left`);
    expect(beside).toBe(look.width >= 768);
  });

  test("begins with a coop attempt that lost and a solo one that won, and counts where they meet", async () => {
    await using watched = await browser.open(url(sidePath(PAIR)));
    const { js, until } = watched;
    await until(READY);
    expect(await js(CHOICE)).toEqual([COOP, SOLO]);
    expect(await js(NOTE)).toBe(
      "2 files, 1 changed by both. Where both change the same lines of the base is marked: 1 hunk on the left, 1 hunk on the right.",
    );
    expect(await js(ROWS)).toEqual([
      "only_coop.py only coop",
      "sum.py both; hunks in the same lines: 1 left, 1 right",
    ]);
    expect(await js(`document.querySelectorAll(".lines.both").length`)).toBe(2);
    expect(await js(`document.getElementById("talks-note").textContent`)).toContain(
      "2 messages on the left, 0",
    );
    expect(
      await js(`[...document.querySelectorAll(".differs th")].map((th) => th.textContent)`),
    ).toContain("outcome");
  });

  test("shows the two that are chosen, in the address and by the address", async () => {
    await using watched = await browser.open(url(sideLink(PAIR, SOLO, OTHER)));
    const { js, page, until } = watched;
    await until(READY);
    expect(await js(CHOICE)).toEqual([SOLO, OTHER]);
    expect(await js(ROWS)).toEqual(["b.py only coop, try 2", "sum.py both, in different lines"]);
    await page.select("#side-b", COOP);
    expect(await js(`Object.fromEntries(new URLSearchParams(location.hash.slice(1)))`)).toEqual({
      a: SOLO,
      b: COOP,
    });
    await js(`document.getElementById("swap").click()`);
    expect(await js(CHOICE)).toEqual([COOP, SOLO]);
    // The same on both sides would compare nothing: they change places.
    await page.select("#side-b", COOP);
    expect(await js(CHOICE)).toEqual([SOLO, COOP]);
    await page.reload();
    await until(READY);
    expect(await js(CHOICE)).toEqual([SOLO, COOP]);
    const first = `document.querySelector("#facts thead th[data-attempt]:not([hidden])").textContent`;
    expect(await js(first)).toBe("solo");
  });

  test("is reached from an attempt's page, whose patches are copied and downloaded whole", async () => {
    await using watched = await browser.open(url(pagePath(COOP)));
    const { js, page, until } = watched;
    await until(`document.querySelectorAll(".patch-tools").length === 2`);
    const wanted = patch("sum.py", 30, "count(3)") + patch("only_coop.py", 1, "1");
    await js(
      `(() => { Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => { window.copied = text; } } }); })()`,
    );
    await js(`document.querySelectorAll('[data-patch="copy"]')[1].click()`);
    await until(`document.querySelectorAll(".patch-tools output")[1].textContent === "Copied."`);
    expect(await js("window.copied")).toBe(wanted);
    await js(
      `HTMLAnchorElement.prototype.click = function () { window.saved = [this.href, this.download]; }`,
    );
    await js(`document.querySelectorAll('[data-patch="save"]')[1].click()`);
    await until("window.saved !== undefined");
    expect(await js("window.saved[1]")).toBe(`${COOP.replaceAll("/", "-")}-agent2-patch.diff`);
    expect(await js("window.saved[0].startsWith('blob:')")).toBe(true);
    const compare = `document.querySelector('#same a[href*="side/"]')`;
    await Promise.all([page.waitForNavigation(), js(`location.href = ${compare}.href`)]);
    await until(READY);
    expect(await js(CHOICE)).toContain(COOP);
    expect(watched.errors).toEqual([]);
  });
});
