import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { pathToFileURL } from "node:url";
import { openLedger } from "../db/ledger.ts";
import { describeWith, testData } from "../lib/core/testing.ts";
import { writeSite } from "../lib/site/site.ts";
import { LOOKS, LOW_CONTRAST, openBrowser, picture } from "./browser.fixture.ts";
import { place } from "./cli.fixture.ts";
import { overviewTabs } from "./overview-tabs.fixture.ts";

// The demo alone runs three hundred commands.
setDefaultTimeout(600_000);

const never = new AbortController().signal;
const CONFLICT = "pairs/demo-coop/demo_task/task1/features_3_4.html";
const THREE = "pairs/demo-three/demo_task/task1/features_1_2_3.html";
const PAGES = ["index.html", "grid.html", "pairs.html", CONFLICT, THREE];

describeWith("chromium", "the demo's pages", () => {
  const here = place();
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  const url = (page: string) => pathToFileURL(here.at("site", page)).href;
  const open = (page: string, look = LOOKS[2], fragment = "") =>
    browser.open(`${url(page)}${fragment}`, look);

  beforeAll(async () => {
    const demo = await here.call("demo", []);
    if (demo.code !== 0) throw new Error(demo.stderr);
    using ledger = openLedger(here.at("ledger.sqlite"));
    await writeSite({
      ledger,
      log_dir: here.at("logs"),
      policy: "union",
      out_dir: here.at("site"),
      slow_parts: true,
      signal: never,
    });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    here[Symbol.dispose]();
  });

  describe.each(PAGES)("%s", (name) => {
    test.each(LOOKS)("at %p: no error, no request, no sideways scroll, readable", async (look) => {
      await using watched = await open(name, look);
      await picture(
        watched.page,
        `${name
          .split("/")
          .slice(1, 2)
          .concat(name.split("/").at(-1)?.replace(".html", "") ?? "")
          .join("-")}-${look.width}-${look.scheme}`,
      );
      expect(watched.errors).toEqual([]);
      expect(watched.requests.filter((asked) => !asked.startsWith("data:"))).toEqual([url(name)]);
      expect(await watched.js("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      expect(await watched.js(LOW_CONTRAST)).toEqual([]);
    });
  });

  test("the overview's charts have marks, each with words", async () => {
    for (const look of LOOKS) {
      await using watched = await open("index.html", look);
      await watched.js(
        `for (const panel of document.querySelectorAll(".panel")) panel.hidden = false`,
      );
      const charts =
        await watched.js(`[...document.querySelectorAll("figure")].filter((f) => !f.querySelector(".missing")).map((f) => [f.id,
        [...f.querySelectorAll("svg.plot")].filter((svg) => svg.checkVisibility()).every((svg) => svg.querySelectorAll("circle, rect, line, path").length > 3 && svg.querySelectorAll("title").length > 0),
        [...f.querySelectorAll("svg.plot")].some((svg) => svg.checkVisibility())])`);
      const ids = [
        ...["part-runs", "part-outcomes", "part-causes"],
        ...["part-paths", "part-conflict", "sections"],
        ...["messages", "timeline", "part-frontier", "part-repos", "part-tasks"],
      ];
      expect(charts).toEqual(ids.map((id) => [id, true, true]));
    }
  });

  overviewTabs(open);

  test("the table sorts by every column, both ways, and says so", async () => {
    await using watched = await open("pairs.html");
    const { js } = watched;
    const steps = `[...document.querySelectorAll("#pairs tbody tr")].map((row) => Number(row.cells[10].textContent))`;
    await js(`document.querySelector('th[data-key="steps"] button').click()`);
    const falling = numbers(await js(steps));
    expect(falling).toEqual([...falling].sort((a, b) => b - a));
    expect(falling).toHaveLength(35);
    expect(
      await js(`document.querySelector('th[data-key="steps"]').getAttribute("aria-sort")`),
    ).toBe("descending");
    await js(`document.querySelector('th[data-key="steps"] button').click()`);
    expect(numbers(await js(steps))).toEqual([...falling].reverse());
    const heads = numbers(
      await js(
        `[...document.querySelectorAll("#pairs th[data-key]")].map((head) => { head.querySelector("button").click(); return document.querySelectorAll("[aria-sort]").length; })`,
      ),
    );
    expect(new Set(heads)).toEqual(new Set([1]));
  });

  test("the table filters by words and choices, counts, and keeps its state in the address", async () => {
    await using watched = await open("pairs.html");
    const { js, page } = watched;
    const shown = `document.querySelectorAll("#pairs tbody tr").length + " " + document.getElementById("shown").textContent`;
    expect(await js(shown)).toBe("35 35 of 35 rows");
    await page.keyboard.press("/");
    expect(await js("document.activeElement.name")).toBe("q");
    await page.keyboard.type("demo-coop conflict");
    expect(await js(shown)).toBe("3 3 of 35 rows");
    await page.select('select[name="outcome"]', "failed");
    expect(await js(shown)).toBe("2 2 of 35 rows");
    await js(`document.querySelector('th[data-key="features"] button').click()`);
    await page.reload();
    expect(await js(shown)).toBe("2 2 of 35 rows");
    expect(
      await js(`document.querySelector('th[data-key="features"]').getAttribute("aria-sort")`),
    ).toBe("ascending");
    await page.keyboard.press("Escape");
    expect(await js(shown)).toBe("35 35 of 35 rows");
  });

  test("the table is walked and opened by keyboard alone", async () => {
    await using watched = await open("pairs.html");
    const { js, page } = watched;
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    expect(await js("document.activeElement.textContent")).toBe("1 + 3");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    expect(await js("document.querySelector('h1').textContent")).toBe(
      "demo_task, task 1, features 1 + 3",
    );
  });

  test("a pair's page has its messages in order, as arrows and as text", async () => {
    await using watched = await open(THREE);
    const { js } = watched;
    using ledger = openLedger(here.at("ledger.sqlite"));
    const stored =
      ledger.pages.attempt("demo-three/demo_task/task1/features_1_2_3")?.messages ?? [];
    const sent = stored.toSorted(
      (a, b) =>
        String(a.sent_at).localeCompare(String(b.sent_at)) ||
        (a.sent_step ?? 0) - (b.sent_step ?? 0),
    );
    expect(
      await js(
        `[...document.querySelectorAll(".message blockquote")].map((m) => m.textContent).sort()`,
      ),
    ).toEqual(sent.map(({ content }) => content).sort());
    const times = numbers(
      await js(
        `[...document.querySelectorAll(".transcript .row .when")].map((w) => Number.parseFloat(w.textContent.slice(1))).filter((n) => !Number.isNaN(n))`,
      ),
    );
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(await js(`document.querySelectorAll(".wide .timeline .arrow").length`)).toBe(
      stored.length,
    );
    expect(await js(`document.querySelectorAll(".wide .timeline .act").length`)).toBe(16);
  });

  test("a pair's page has the conflict, both sides under their agents' names", async () => {
    await using watched = await open(CONFLICT);
    const { js } = watched;
    expect(
      await js(`[...document.querySelectorAll(".conflict .side-name")].map((n) => n.textContent)`),
    ).toEqual(["agent1", "agent2"]);
    expect(
      await js(
        `[...document.querySelectorAll(".conflict .side-text")].every((t) => t.textContent.includes("parse"))`,
      ),
    ).toBe(true);
    expect(await js(`document.querySelector(".conflict h3").textContent`)).toContain(
      "src/parse.ts",
    );
    expect(
      await js(
        `document.querySelectorAll(".patch .diff .add").length > 3 && document.querySelectorAll(".patch .diff .cut").length > 0`,
      ),
    ).toBe(true);
  });

  test("a pair's page has every suite's tests by name, and the raw output", async () => {
    await using watched = await open(CONFLICT);
    const { js } = watched;
    expect(
      await js(
        `[...document.querySelectorAll("#suite-agent1-4 .tests li")].map((li) => li.textContent.trim())`,
      ),
    ).toContain("failed prints 2 to 3 eggs as 2-3 eggs");
    expect(await js(`document.querySelectorAll(".suite").length`)).toBe(6);
    expect(await js(`document.querySelector("#suite-agent1-4 .raw pre").textContent`)).toContain(
      "(fail)",
    );
  });

  test("a step opens from the drawing, from a link and by the button", async () => {
    await using watched = await open(CONFLICT, LOOKS[2], "#agent2-step-3");
    const { js } = watched;
    expect(await js(`document.getElementById("agent2-step-3").open`)).toBe(true);
    expect(await js(`document.getElementById("agent2-step-2").open`)).toBe(false);
    await js(`location.hash = document.querySelector(".wide .timeline a").getAttribute("href")`);
    await watched.until(`document.getElementById("agent1-step-1").open`);
    expect(await js(`document.querySelector("#agent1-step-1 .command pre").textContent`)).toContain(
      "cat src/parse.ts",
    );
    await js(`document.getElementById("unfold").click()`);
    expect(
      await js(`[...document.querySelectorAll("details.step")].every((step) => step.open)`),
    ).toBe(true);
  });

  test("a legend's marks have the colours of what they mean", async () => {
    for (const name of ["index.html", "grid.html"]) {
      await using watched = await open(name);
      const coloured = await watched.js(
        `[...new Set([...document.querySelectorAll(".key.k-coop, .key.k-solo, .key.k-gold")].map((key) => key.classList[1] + " " + getComputedStyle(key).backgroundColor))]`,
      );
      expect(
        new Set((coloured as string[]).map((one) => one.split(" ").slice(1).join(" "))).size,
      ).toBe(3);
    }
  });

  test("the theme's button changes the page, over what the system wants", async () => {
    await using watched = await open("index.html", LOOKS[3]);
    const paper = "getComputedStyle(document.documentElement).backgroundColor";
    const dark = await watched.js(paper);
    await watched.js(`document.getElementById("theme").click()`);
    expect(await watched.js(paper)).not.toBe(dark);
    await watched.js(`document.getElementById("theme").click()`);
    expect(await watched.js(paper)).toBe(dark);
  });
});

describeWith("data", "the gold run of all pairs", () => {
  test("becomes a site whose conflicts are the known ones", async () => {
    if (testData === undefined) throw new Error("the data is there");
    using here = place();
    for (const [script, args] of [
      ["fetch-dataset", ["--from", testData.dataset]],
      ["run-pair", ["-a", "gold", "-n", "gold", "--quiet"]],
      ["merge", ["-n", "gold", "--quiet"]],
    ] as const) {
      const called = await here.call(script, args);
      expect({ script, code: called.code, stderr: called.code === 0 ? "" : called.stderr }).toEqual(
        { script, code: 0, stderr: "" },
      );
    }
    using ledger = openLedger(here.at("ledger.sqlite"));
    const made = await writeSite({
      ledger,
      log_dir: here.at("logs"),
      policy: "union",
      out_dir: here.at("site"),
      signal: never,
    });
    expect(made.pages).toBe(655);
    const index = await Bun.file(made.index).text();
    expect(index).toContain(
      '<th scope="row">gold</th><td class="num">505</td><td class="num">0.775</td><td class="num">652</td>',
    );
    const pairs = await Bun.file(here.at("site", "pairs.html")).text();
    expect(pairs.match(/<td>conflicts<\/td>/g)).toHaveLength(505);
  });
});

function numbers(values: unknown): number[] {
  if (
    !Array.isArray(values) ||
    !values.every((value): value is number => typeof value === "number")
  )
    throw new TypeError(`no numbers: ${JSON.stringify(values)}`);
  return values;
}
