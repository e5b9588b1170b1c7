// Owns a headless browser for tests: pages with everything they asked for and complained about, and what their text looks like.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, type Page } from "puppeteer-core";

export type Look = { readonly width: number; readonly scheme: "light" | "dark" };
export const LOOKS: readonly Look[] = [
  { width: 400, scheme: "light" },
  { width: 400, scheme: "dark" },
  { width: 1440, scheme: "light" },
  { width: 1440, scheme: "dark" },
];

/** A page with what it asked the network for, and its errors. */
export type Watched = AsyncDisposable & {
  readonly page: Page;
  readonly requests: string[];
  readonly errors: string[];
  /** The value of an expression in the page. */
  readonly js: (code: string) => Promise<unknown>;
  /** Waits until an expression is true. */
  readonly until: (code: string) => Promise<void>;
};

export async function openBrowser() {
  const browser = await launch({
    executablePath: Bun.which("chromium") ?? "chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  return {
    async open(url: string, look: Look = { width: 1440, scheme: "light" }): Promise<Watched> {
      const page = await browser.newPage();
      const [requests, errors]: [string[], string[]] = [[], []];
      page.on("request", (request) => void requests.push(request.url()));
      page.on("requestfailed", (request) => void errors.push(`failed: ${request.url()}`));
      page.on("pageerror", (error) => void errors.push(String(error)));
      page.on("console", (message) => {
        if (["error", "warn"].includes(message.type())) errors.push(message.text());
      });
      await page.setViewport({ width: look.width, height: 900 });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: look.scheme }]);
      await page.goto(url, { waitUntil: "load" });
      await page.evaluate(UNPACKED);
      return {
        page,
        requests,
        errors,
        js: (code) => page.evaluate(code),
        until: async (code) => void (await page.waitForFunction(code, { timeout: 60_000 })),
        [Symbol.asyncDispose]: () => page.close(),
      };
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

/** Comes true when a page's compressed parts are in place. */
const UNPACKED = `new Promise((done) => typeof whenReady === "function" ? whenReady(() => done(true)) : done(true))`;

/** Keeps a picture in the folder that TANDEM_SCREENSHOTS names; does nothing without it. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.TANDEM_SCREENSHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${join(folder, name)}.png`, fullPage: true });
}

/**
 * An expression for the texts whose contrast is below WCAG 2.2 AA (4.5 to 1; 3 to 1 from 24 px, or bold from 18.66 px), as `ratio tag
 * text`. Formula: WCAG 2.2, relative luminance. Words in drawings are judged against the page, those on bars against the bars.
 */
export const LOW_CONTRAST = `(() => {
  const rgb = (color) => { const c = document.createElement("canvas").getContext("2d", { willReadFrequently: true }); c.fillStyle = color; c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data]; };
  const known = new Map();
  const read = (color) => { if (!known.has(color)) known.set(color, rgb(color)); return known.get(color); };
  const light = (color) => { const [r, g, b] = read(color).slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (e) => { for (let at = e; at; at = at.parentElement) { const color = getComputedStyle(at).backgroundColor; if (read(color)[3] === 255) return color; } return "white"; };
  const contrast = (one, other) => { const [a, b] = [light(one), light(other)].sort((x, y) => y - x); return (a + 0.05) / (b + 0.05); };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const low = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (node.data.trim() === "" || ["SCRIPT", "STYLE", "TITLE", "title", "OPTION"].includes(e.tagName) || e.closest("title") || !e.checkVisibility()) continue;
    const style = getComputedStyle(e);
    const inChart = e.closest("svg") !== null;
    // What stands on bars is judged against the bars' colours, below.
    if (e.closest('[fill="var(--on-key)"]')) continue;
    const color = inChart ? style.fill : style.color;
    const ratio = contrast(color, behind(e));
    const size = Number.parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) low.push(ratio.toFixed(2) + " " + e.tagName + "." + e.className + " " + node.data.trim().slice(0, 40));
  }
  const words = document.querySelector('[fill="var(--on-key)"]');
  if (words !== null)
    for (const key of document.querySelectorAll("#part-outcomes .key, #part-paths .key, #part-causes .key")) {
      const ratio = contrast(getComputedStyle(words).fill, getComputedStyle(key).backgroundColor);
      if (ratio < 4.5) low.push(ratio.toFixed(2) + " on bars of " + key.className);
    }
  return low;
})()`;
