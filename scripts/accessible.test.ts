import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { pathToFileURL } from "node:url";
import { openLedger } from "../db/ledger.ts";
import { describeWith } from "../lib/core/testing.ts";
import { serveView, type View } from "../lib/site/serve.ts";
import { writeSite } from "../lib/site/site.ts";
import { violations } from "./axe.fixture.ts";
import { LOOKS, type Look, openBrowser } from "./browser.fixture.ts";
import { place } from "./cli.fixture.ts";
import { COOP, fillStudy, LOST } from "./researcher.fixture.ts";

setDefaultTimeout(600_000);

/** In the dark only colours can be other than in the light. */
const rulesFor = ({ scheme }: Look) => (scheme === "light" ? "all" : "colours");
const never = new AbortController().signal;
/** Of the demo's site. */
const PAGES = [
  "index.html",
  "pairs.html",
  "pairs/demo-coop/demo_task/task1/features_3_4.html",
  "pairs/demo-three/demo_task/task1/features_1_2_3.html",
];
/** Of the live view of a study that is under way. */
const LIVE = ["", "pairs.html", `pairs/${COOP}/${LOST}.html`];

describeWith("chromium", "axe finds nothing to mend", () => {
  const here = place();
  const study = openLedger(here.at("study.sqlite"));
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let view: View;

  beforeAll(async () => {
    const demo = await here.call("demo", []);
    if (demo.code !== 0) throw new Error(demo.stderr);
    using ledger = openLedger(here.at("ledger.sqlite"));
    const site = { log_dir: here.at("logs"), policy: "union", signal: never } as const;
    await writeSite({ ...site, ledger, out_dir: here.at("site"), slow_parts: true });
    const log_dir = here.at("study-logs");
    fillStudy(study, log_dir);
    view = serveView({ ...site, log_dir, ledger: study, hostname: "127.0.0.1", port: 0 });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await view?.[Symbol.asyncDispose]();
    study.close();
    here[Symbol.dispose]();
  });

  describe.each(PAGES)("in %s", (name) => {
    test.each(LOOKS)("at %p", async (look) => {
      await using watched = await browser.open(pathToFileURL(here.at("site", name)).href, look);
      expect(await violations(watched.page, rulesFor(look))).toEqual([]);
    });
  });

  describe.each(LIVE)("in the live view's /%s", (name) => {
    test.each(LOOKS)("at %p", async (look) => {
      await using watched = await browser.open(`${view.url}${name}`, look);
      await watched.until(`document.querySelector(".live")?.textContent === "live"`);
      expect(await violations(watched.page, rulesFor(look))).toEqual([]);
    });
  });
});
