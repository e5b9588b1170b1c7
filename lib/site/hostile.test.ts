import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { openLedger } from "../../db/ledger.ts";
import { temporaryFolder } from "../core/testing.ts";
import { elementsOf, pagesBelow, unescaped } from "./elements.fixture.ts";
import { fillHostile, HOSTILE_RUN } from "./hostile.fixture.ts";
import { pagePath, sidePath } from "./links.ts";
import { type SiteResult, writeSite } from "./site.ts";

const folder = temporaryFolder("tandem-site");
const ledger = openLedger(":memory:");
const out_dir = join(folder.path, "out");
const never = new AbortController().signal;
let made: SiteResult;
let keys: ReturnType<typeof fillHostile>;
let pages: ReadonlyMap<string, string>;

beforeAll(async () => {
  keys = fillHostile(ledger, join(folder.path, "logs"));
  made = await writeSite({
    ledger,
    log_dir: join(folder.path, "logs"),
    policy: "union",
    out_dir,
    signal: never,
  });
  pages = pagesBelow(out_dir);
});
afterAll(() => {
  ledger.close();
  folder[Symbol.dispose]();
});

describe("a site of hostile texts", () => {
  test("has a page for every attempt and unit with a fault, for pairs of several attempts, the overview and the table", () => {
    const rows = ledger.outcomes.rows("union");
    expect(rows.length).toBeGreaterThan(10);
    expect([...pages.keys()].sort()).toEqual(
      [
        ...["index.html", "pairs.html", ...rows.map(({ attempt_key }) => pagePath(attempt_key))],
        // Pairs with two attempts and more; that of the hostile repository has one.
        ...["1_2", "1_3", "2_3"].map((pair) => sidePath(`alpha_task/task1/features_${pair}`)),
      ].sort(),
    );
    expect(made.pages).toBe(pages.size);
    const sizes = [...pages.keys()].map((path) => statSync(join(out_dir, path)).size);
    expect(made.bytes).toBe(sizes.reduce((sum, size) => sum + size));
  });

  test("keeps a hostile key inside the folder", () => {
    expect(pagePath(keys.odd)).toMatch(/^pairs\/odd\/[0-9a-f]+\.html$/);
    expect(pages.has(pagePath(keys.odd))).toBe(true);
    expect(readdirSync(folder.path).sort()).toEqual(["logs", "out"]);
  });

  test("has no element, handler or address that a text brought in", () => {
    const tags = new Set<string>();
    for (const [path, text] of pages)
      for (const { tag, attributes } of elementsOf(text).elements) {
        tags.add(tag);
        for (const [name, value] of attributes) {
          expect({
            path,
            tag,
            name,
            bad: /^on|^style$|^srcdoc$|^src$|^formaction$/.test(name),
          }).toEqual({ path, tag, name, bad: false });
          if (name === "href" && tag !== "link") expect(value).not.toMatch(/^[a-z]+:|^\/|^\\/i);
        }
      }
    for (const foreign of ["img", "iframe", "object", "embed", "base", "textarea"])
      expect([...tags]).not.toContain(foreign);
  });

  test("has only the scripts and styles that its policy names by their hash", () => {
    for (const [path, text] of pages) {
      const { elements, inline } = elementsOf(text);
      const policy = elements.find(({ attributes }) =>
        attributes.some(
          ([name, value]) => name === "http-equiv" && value === "Content-Security-Policy",
        ),
      );
      const content = unescaped(policy?.attributes.find(([name]) => name === "content")?.[1] ?? "");
      expect(content).toStartWith("default-src 'none';");
      expect(content).not.toContain("unsafe");
      expect(content).toContain("connect-src 'none'");
      expect(inline.length).toBeGreaterThan(1);
      for (const { tag, text: code } of inline) {
        const hash = createHash("sha256").update(code).digest("base64");
        expect({ path, tag, known: content.includes(`'sha256-${hash}'`) }).toEqual({
          path,
          tag,
          known: true,
        });
      }
    }
  });

  test("links to pages and places that exist", () => {
    for (const [path, text] of pages) {
      const { elements } = elementsOf(text);
      const ids = new Set(
        elements.flatMap(({ attributes }) =>
          attributes.filter(([name]) => name === "id").map(([, value]) => unescaped(value)),
        ),
      );
      const links = elements
        .filter(({ tag }) => tag === "a")
        .flatMap(({ attributes }) =>
          attributes.filter(([name]) => name === "href").map(([, value]) => unescaped(value)),
        );
      expect(links.length).toBeGreaterThan(2);
      for (const link of links) {
        const [to = "", fragment] = link.split("#");
        if (to === "")
          expect({ path, link, there: ids.has(decodeURIComponent(fragment ?? "")) }).toEqual({
            path,
            link,
            there: true,
          });
        else
          expect({
            path,
            link,
            there: existsSync(
              join(out_dir, normalize(join(dirname(path), decodeURIComponent(to)))),
            ),
          }).toEqual({ path, link, there: true });
      }
    }
  });

  test("has no id twice", () => {
    for (const [path, text] of pages) {
      const ids = elementsOf(text).elements.flatMap(({ attributes }) =>
        attributes.filter(([name]) => name === "id").map(([, value]) => value),
      );
      expect({ path, twice: ids.filter((id, at) => ids.indexOf(id) !== at) }).toEqual({
        path,
        twice: [],
      });
    }
  });

  test("shows the hostile text as text", () => {
    const page = pages.get(pagePath(keys.key)) ?? "";
    const shown = "&lt;script&gt;window.pwned=1&lt;/script&gt;";
    expect(page.split(shown).length).toBeGreaterThan(20);
    expect(page).toContain("⟨U+202E⟩");
    expect(page).toContain("␀");
    expect(page).not.toContain("\u001b");
    expect(pages.get("index.html")).toContain(shown);
    expect(pages.get("pairs.html")).toContain(
      HOSTILE_RUN.replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
    );
  });

  test("cuts what is long, and says where all of it is", () => {
    expect(pages.get(pagePath(keys.key))).toMatch(
      /⋯ \d+ characters left out here; all of it is in hostile\/alpha_task\/task1\/features_1_2\/agent1\/trajectory\.json/,
    );
  });
});
