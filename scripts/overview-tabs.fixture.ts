// Owns the tests of the overview's tabs on the demo's pages, in a browser: what stands first, keyboard, address, length, paper.
import { describe, expect, test } from "bun:test";
import { LOOKS, LOW_CONTRAST, type Look, picture, type Watched } from "./browser.fixture.ts";

type Open = (page: string, look?: Look, fragment?: string) => Promise<Watched>;

/** Declares them; `open` opens a page of the demo's site. */
export function overviewTabs(open: Open): void {
  describe("the overview's tabs", () => {
    const CHOSEN = `[...document.querySelectorAll('[role="tab"][aria-selected="true"]')].map((tab) => tab.textContent).join()`;
    const SHOWN = `[...document.querySelectorAll(".panel")].filter((panel) => panel.checkVisibility()).map(({ id }) => id).join()`;
    const TABS = ["results", "merging", "talking", "effort", "difficulty", "tasks", "provenance"];

    test("come after the finding, and the first is shown", async () => {
      await using watched = await open("index.html");
      expect(await watched.js(`document.querySelector("h1").textContent`)).toBe(
        "Coop passed 4 of 10 pairs fewer than solo; this can be chance",
      );
      expect([await watched.js(CHOSEN), await watched.js(SHOWN)]).toEqual(["Results", "results"]);
    });

    test("are walked by keyboard alone, and the chosen one is in the address", async () => {
      await using watched = await open("index.html");
      const { js, page } = watched;
      await js(`document.getElementById("tab-results").focus()`);
      const seen: unknown[] = [];
      for (const key of [
        "ArrowRight",
        "ArrowRight",
        "End",
        "ArrowRight",
        "ArrowLeft",
        "Home",
      ] as const) {
        await page.keyboard.press(key);
        seen.push(
          await js(`document.activeElement.textContent + " " + location.hash + " " + (${SHOWN})`),
        );
      }
      expect(seen).toEqual([
        ...["Merging #merging merging", "Talking #talking talking"],
        ...["Provenance #provenance provenance", "Results #results results"],
        ...["Provenance #provenance provenance", "Results #results results"],
      ]);
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Tab");
      expect(await js(`document.activeElement.closest(".panel")?.id`)).toBe("merging");
      await page.reload();
      expect(await js(SHOWN)).toBe("merging");
    });

    test("open from links, to what lies in them too, and by the way back", async () => {
      await using watched = await open("index.html", LOOKS[2], "#faults");
      const { js, page } = watched;
      expect(await js(SHOWN)).toBe("provenance");
      await page.click("#tab-effort");
      expect(await js(`location.hash + " " + (${SHOWN})`)).toBe("#effort effort");
      await js(`location.hash = "part-conflict"`);
      await watched.until(`(${SHOWN}) === "merging"`);
      await page.goBack();
      await watched.until(`(${SHOWN}) === "effort"`);
      await page.goBack();
      await watched.until(`(${SHOWN}) === "provenance"`);
      expect(watched.errors).toEqual([]);
    });

    test("have at most three screens of 1440 by 900 each", async () => {
      await using watched = await open("index.html");
      for (const tab of TABS) {
        await watched.page.click(`#tab-${tab}`);
        const screens = Number(await watched.js("document.documentElement.scrollHeight / 900"));
        expect({ tab, shown: await watched.js(SHOWN), fits: screens <= 3 }).toEqual({
          tab,
          shown: tab,
          fits: true,
        });
      }
    });

    test("are chapters one after another on paper and without scripts", async () => {
      await using watched = await open("index.html");
      await watched.page.emulateMediaType("print");
      expect(await watched.js(SHOWN)).toBe(TABS.join());
      await watched.page.emulateMediaType("screen");
      await watched.page.setJavaScriptEnabled(false);
      await watched.page.reload();
      expect(await watched.js(SHOWN)).toBe(TABS.join());
      expect(await watched.js(`document.querySelectorAll('[role="tab"]').length`)).toBe(0);
    });

    test.each([400, 1024, 2560])(
      "at %d px are readable, with no sideways scroll",
      async (width) => {
        for (const scheme of ["light", "dark"] as const) {
          await using watched = await open("index.html", { width, scheme });
          for (const tab of TABS) {
            await watched.page.click(`#tab-${tab}`);
            await picture(watched.page, `overview-${tab}-${width}-${scheme}`);
            const fits = await watched.js("document.documentElement.scrollWidth <= innerWidth");
            expect({ tab, scheme, fits, low: await watched.js(LOW_CONTRAST) }).toEqual({
              tab,
              scheme,
              fits: true,
              low: [],
            });
          }
        }
      },
    );
  });
}
