// Owns what axe-core (https://github.com/dequelabs/axe-core), a checker of accessibility, finds in a page.
import axe, { type AxeResults } from "axe-core";
import type { Page } from "puppeteer-core";

const RULES = {
  /** WCAG 2.2 at levels A and AA, and axe's own best practices (one main landmark, headings in order). */
  all: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  /** What another scheme can change: the rest was looked at in the first. */
  colours: ["color-contrast"],
} as const;

const SHOW_ALL = `
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  for (const panel of document.querySelectorAll('[role="tabpanel"]')) panel.hidden = false;`;

/** Every violation as `rule (impact): what is wrong: first elements`; what is folded or on another tab is shown first. */
export async function violations(page: Page, rules: keyof typeof RULES = "all"): Promise<string[]> {
  // Styles stand in the page: nothing is to be fetched.
  const options = { runOnly: RULES[rules], preload: false, resultTypes: ["violations"] };
  if ((await page.evaluate("typeof axe")) === "undefined") await page.evaluate(axe.source);
  await page.evaluate(SHOW_ALL);
  const ran = `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`;
  const found = (await page.evaluate(ran)) as AxeResults["violations"];
  return found.map(({ id, impact, help, nodes }) => {
    const first = nodes.slice(0, 3).map(({ target }) => target.join(" "));
    return `${id} (${impact}): ${help}: ${nodes.length} times: ${first.join(" | ")}`;
  });
}
