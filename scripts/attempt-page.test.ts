import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { pathToFileURL } from "node:url";
import { openLedger } from "../db/ledger.ts";
import { describeWith } from "../lib/core/testing.ts";
import { pagePath } from "../lib/site/links.ts";
import { fillLong, LONG_KEY } from "../lib/site/long-attempt.fixture.ts";
import { writeSite } from "../lib/site/site.ts";
import { LOOKS, LOW_CONTRAST, openBrowser, picture } from "./browser.fixture.ts";
import { place } from "./cli.fixture.ts";

// A browser on machines that may be busy.
setDefaultTimeout(120_000);

describeWith("chromium", "the page of an attempt of 200 steps", () => {
  const here = place();
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  const url = pathToFileURL(here.at("site", pagePath(LONG_KEY))).href;
  const open = async (fragment = "", look = LOOKS[2]) => {
    const watched = await browser.open(`${url}${fragment}`, look);
    await watched.until(`document.querySelector(".walk")?.hidden === false`);
    return watched;
  };
  const SHOWN = `[...document.querySelectorAll(".step, .message")].filter((item) => item.checkVisibility()).map(({ id }) => id)`;
  const HASH = `location.hash.slice(1)`;
  const CURRENT = `document.querySelector(".transcript [aria-current]")?.id ?? null`;
  const IN_SIGHT = `(() => { const box = document.querySelector(".transcript [aria-current]").getBoundingClientRect(); const top = document.querySelector(".stuck").getBoundingClientRect().bottom; return box.top >= top - 1 && box.top < innerHeight; })()`;

  beforeAll(async () => {
    using ledger = openLedger(":memory:");
    fillLong(ledger, here.at("logs"));
    await writeSite({
      ...{ ledger, log_dir: here.at("logs"), policy: "union", out_dir: here.at("site") },
      signal: new AbortController().signal,
    });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    here[Symbol.dispose]();
  });

  test.each(LOOKS)(
    "at %p: readable, no error, no request, and not 49,000 px high",
    async (look) => {
      await using watched = await open("#agent2-step-50", look);
      await picture(watched.page, `long-${look.width}-${look.scheme}`);
      expect(watched.errors).toEqual([]);
      expect(watched.requests.filter((asked) => !asked.startsWith("data:"))).toHaveLength(1);
      expect(await watched.js("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      expect(await watched.js("document.documentElement.scrollHeight < 14_000")).toBe(true);
      expect(await watched.js(LOW_CONTRAST)).toEqual([]);
    },
  );

  test("filters by kinds, several at once, counts, and keeps them in the address", async () => {
    await using watched = await open();
    const { js } = watched;
    const press = (kind: string) => js(`document.querySelector('[data-kind="${kind}"]').click()`);
    expect(await js(`${SHOWN}.length`)).toBe(204);
    await press("failed");
    expect(await js(`${SHOWN}.every((id) => /-step-\\d+0$/.test(id))`)).toBe(true);
    expect(await js(`${SHOWN}.length`)).toBe(16);
    expect(await js(`document.getElementById("shown").textContent`)).toBe("16 of 204 shown");
    expect(await js(`document.querySelector('[data-kind="failed"] .count').textContent`)).toBe(
      "16",
    );
    await press("message");
    expect(await js(HASH)).toBe("&show=failed+message");
    expect(await js(`${SHOWN}.length`)).toBe(28);
    await using again = await open("#&show=failed+message");
    expect(await again.js(`${SHOWN}.length`)).toBe(28);
    expect(await again.js(`document.querySelector('[data-kind="failed"]').ariaPressed`)).toBe(
      "true",
    );
    await press("failed");
    await press("message");
    expect(await js(`location.href.includes("#")`)).toBe(false);
  });

  test("walks by j and k, and a copied address opens at that step in a fresh browser", async () => {
    await using watched = await open("#&show=failed");
    const { js, page } = watched;
    for (const key of ["j", "j", "j", "k"] as const) await page.keyboard.press(key);
    expect(await js(HASH)).toBe("agent2-step-10&show=failed");
    expect(await js(CURRENT)).toBe("agent2-step-10");
    await using fresh = await openBrowser();
    await using opened = await fresh.open(String(await js("location.href")));
    await opened.until(`document.getElementById("agent2-step-10")?.open`);
    expect(await opened.js(CURRENT)).toBe("agent2-step-10");
    expect(await opened.js(IN_SIGHT)).toBe(true);
    expect(await opened.js(`${SHOWN}.length`)).toBe(16);
  });

  test("opens a step that its filters would hide, when the address names it", async () => {
    await using watched = await open("#agent1-step-7&show=failed");
    expect(await watched.js(`${SHOWN}.includes("agent1-step-7")`)).toBe(true);
    expect(await watched.js(IN_SIGHT)).toBe(true);
  });

  test("searches with /, counts hits, and walks them by Enter, n and N", async () => {
    await using watched = await open();
    const { js, page } = watched;
    const hits = `document.getElementById("hits").textContent`;
    await page.keyboard.press("/");
    await page.keyboard.type("MISSING_20.ts");
    expect(await js(hits)).toBe("2 hits");
    await page.keyboard.press("Enter");
    expect(await js(hits)).toBe("1 of 2 hits");
    expect(await js(HASH)).toBe("agent1-step-20&find=MISSING_20.ts");
    expect(await js(`document.getElementById("agent1-step-20").open`)).toBe(true);
    await js(`document.activeElement.blur()`);
    await page.keyboard.press("n");
    expect(await js(CURRENT)).toBe("agent2-step-20");
    await page.keyboard.press("N");
    expect(await js(CURRENT)).toBe("agent1-step-20");
    expect(await js(`CSS.highlights.get("hit-here").size`)).toBe(1);
    await js(`document.querySelector('[data-kind="test"]').click()`);
    expect(await js(hits)).toBe("1 hit");
    await page.keyboard.press("/");
    await page.keyboard.type("zzz");
    expect(await js(hits)).toBe("0 hits");
    await page.keyboard.press("Escape");
    expect(await js(hits)).toBe("");
  });

  test.each([
    ["42", "agent1-step-42"],
    ["2:42", "agent2-step-42"],
    ["agent2 7", "agent2-step-7"],
    ["300", null],
    ["x", null],
  ])("jumps to %j by g", async (typed, id) => {
    await using watched = await open();
    const { js, page } = watched;
    await page.keyboard.press("g");
    await page.keyboard.type(typed);
    await page.keyboard.press("Enter");
    expect(await js(CURRENT)).toBe(id);
    expect(await js(HASH)).toBe(id ?? "");
    expect(await js(`document.getElementById("jump").validity.valid`)).toBe(id !== null);
    if (id !== null)
      expect(await js(`document.getElementById("${id}").open && ${IN_SIGHT}`)).toBe(true);
  });

  test("opens and closes all by e, with long outputs folded", async () => {
    await using watched = await open("#&show=failed");
    const { js, page } = watched;
    const opened = `document.querySelectorAll("details.step[open]").length`;
    await page.keyboard.press("e");
    expect(await js(opened)).toBe(16);
    await watched.until(`document.querySelector("#agent1-step-10 .output button")`);
    const pre = `document.querySelector("#agent1-step-10 .output pre")`;
    expect(await js(`${pre}.clientHeight < 300 && ${pre}.scrollHeight > 800`)).toBe(true);
    await js(`document.querySelector("#agent1-step-10 .output button").click()`);
    expect(await js(`${pre}.clientHeight > 800`)).toBe(true);
    await page.keyboard.press("e");
    expect(await js(opened)).toBe(0);
  });

  test("keeps clock and heads in sight, and shows on the clock what is in sight", async () => {
    await using watched = await open("#agent1-step-60");
    const { js } = watched;
    expect(await js(`document.querySelector(".stuck").getBoundingClientRect().top`)).toBe(0);
    expect(await js(`document.querySelector(".heads").checkVisibility()`)).toBe(true);
    const frame = `document.querySelector(".wide .frame")`;
    await watched.until(`Number(${frame}.getAttribute("x")) > 500`);
    expect(await js(`Number(${frame}.getAttribute("width")) < 400`)).toBe(true);
  });

  test("has an outline of the steps that matter, beside the page or folded above it", async () => {
    await using watched = await open("#agent1-step-10");
    const moments = `[...document.querySelectorAll(".outline .moments a")]`;
    expect(await watched.js(`${moments}.length`)).toBe(16 + 18 + 4);
    expect(
      await watched.js(
        `${moments}.filter((link) => link.matches(".here")).map((link) => link.hash)`,
      ),
    ).toEqual(["#agent1-step-10"]);
    expect(
      await watched.js(
        `${moments}.every((link) => document.getElementById(link.hash.slice(1)) !== null)`,
      ),
    ).toBe(true);
    await using narrow = await open("", LOOKS[0]);
    expect(await narrow.js(`document.querySelector(".outline details").open`)).toBe(false);
  });

  test("gives copies and downloads of texts, messages and whole transcripts", async () => {
    await using watched = await open("#agent1-step-10");
    const { js } = watched;
    await js(
      `globalThis.saved = []; URL.createObjectURL = (blob) => { blob.text().then((text) => saved.push(text)); return "#"; }; navigator.clipboard.writeText = async (text) => void saved.push(text);`,
    );
    const take = async (button: string) => {
      await js(`saved.length = 0; document.querySelector('${button}').click()`);
      await watched.until("saved.length === 1");
      return String(await js("saved[0]"));
    };
    expect(await take("#agent1-step-10 .command button[aria-label^=Copy]")).toBe(
      "cat src/missing_10.ts",
    );
    expect(await take("#message-1 button[aria-label^=Copy]")).toStartWith("Step 25: I only edit");
    const whole = await take('button[aria-label="Download the transcript of agent2"]');
    expect(whole.match(/^## agent2, step \d+ /gm)).toHaveLength(100);
    expect(whole).not.toContain("agent1, step");
    expect(whole).toContain("## agent1 → agent2 in step 25");
    const all = await take('button[aria-label="Download the transcript of all"]');
    expect(all.match(/^## agent\d, step \d+ /gm)).toHaveLength(200);
  });

  test("says on top what happened, each noun with its place, and remarks beside the verdict", async () => {
    await using watched = await open();
    const { js } = watched;
    expect(await js(`document.querySelector(".story").textContent`)).toStartWith(
      "failed: feature 2's suite fails on the clean merge at “adds parts” (tests/part.test.ts:7: error: expect(received).toBe(expected));",
    );
    expect(
      await js(
        `[...document.querySelectorAll(".story a")].every((link) => document.getElementById(link.hash.slice(1)) !== null)`,
      ),
    ).toBe(true);
    expect(await js(`document.querySelector("#verdict .remarks").textContent`)).toContain(
      "left out 1 file of agent1's patch: tests/part.test.ts",
    );
  });

  test("prints everything that is open, without tools", async () => {
    await using watched = await open("#agent1-step-10");
    const { js, page } = watched;
    await page.emulateMediaType("print");
    const pre = `document.querySelector("#agent1-step-10 .output pre")`;
    expect(await js(`${pre}.clientHeight >= ${pre}.scrollHeight - 1`)).toBe(true);
    expect(
      await js(
        `[".walk", ".outline", ".takers"].some((one) => document.querySelector(one).checkVisibility())`,
      ),
    ).toBe(false);
  });
});
