import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { addRun, attemptRecord, memoryLedger } from "../../db/ledger.fixture.ts";
import { fill } from "../../db/queries/filled.fixture.ts";
import { scoreRow } from "../../db/verdicts.fixture.ts";
import { CHAPTERS } from "../report/part.ts";
import { loadParts } from "../report/parts/registry.ts";
import { elementsOf } from "./elements.fixture.ts";
import { readPages } from "./pages.ts";
import { openKit } from "./plot.ts";

const ledger = memoryLedger();
let page = "";
beforeAll(async () => {
  fill(ledger);
  const options = { ledger, log_dir: "/nowhere", policy: "union", slow_parts: true } as const;
  page = await (await readPages(options)).overview(await openKit());
});
afterAll(() => ledger.close());

/** The text of a chapter's panel. */
function panel(id: string): string {
  const [, after = ""] = page.split(`<section class="panel" id="${id}"`);
  return after.split('<section class="panel"')[0] ?? "";
}

describe("the overview", () => {
  test("has a tab and a panel for every chapter, each with something in it", () => {
    for (const chapter of CHAPTERS) {
      const id = chapter.toLowerCase();
      expect(page).toContain(`<a href="#${id}" id="tab-${id}">${chapter}</a>`);
      expect([id, /<h3>/.test(panel(id))]).toEqual([id, true]);
    }
  });

  test("shows every part of a chapter in its tab and nowhere else", async () => {
    const parts = (await loadParts()).filter(({ chapter }) => chapter !== undefined);
    expect(parts.length).toBeGreaterThan(12);
    const shown = parts.filter(({ name }) => new RegExp(`id="part-${name}["-]`).test(page));
    expect(shown.length).toBeGreaterThan(10);
    for (const { name, chapter = "Results" } of shown) {
      const places = CHAPTERS.filter((one) =>
        new RegExp(`id="part-${name}["-]`).test(panel(one.toLowerCase())),
      );
      expect([name, places]).toEqual([name, [chapter]]);
    }
    // Every drawing is there, or says why it is not.
    const drawn = parts.filter(({ chart }) => chart !== undefined).map(({ name }) => name);
    expect(drawn.filter((name) => !shown.some((part) => part.name === name))).toEqual([]);
  });

  test("says for people how each table and drawing is computed before it names functions", () => {
    const signs = page.split('<details class="how">').slice(1);
    expect(signs.length).toBeGreaterThan(15);
    for (const sign of signs) {
      const [text = ""] = sign.split("</details>");
      const [before = "", code] = text.split("In the code:");
      expect([text.slice(0, 60), code !== undefined]).toEqual([text.slice(0, 60), true]);
      expect([text, /<li>|<p>/.test(before)]).toEqual([text, true]);
    }
  });

  test("tells of runs whose names are markup, or turn the direction of text, as text", async () => {
    using hostile = memoryLedger();
    const names = ['<img src="x" onerror="alert(1)">', "b\u202Eevil&<b>"];
    for (const [at, run] of names.entries()) {
      addRun(hostile, { run, model: `m${at}<i>` });
      const attempt_key = `${run}|1`;
      const record = attemptRecord("x/alpha_task/task1/features_1_2");
      const { attempt, agents } = record;
      hostile.attempts.put([
        {
          ...record,
          attempt: { ...attempt, attempt_key, run },
          agents: agents.map((agent) => ({ ...agent, attempt_key })),
        },
      ]);
      hostile.scores.put(
        attempt_key,
        [scoreRow(attempt_key, at === 0 ? {} : { outcome: "failed", passed: false })],
        [],
      );
    }
    const options = { ledger: hostile, log_dir: "/nowhere", policy: "union" } as const;
    const text = await (await readPages(options)).overview(await openKit());
    const [, headline = ""] = /<h1>(.*?)<\/h1>/.exec(text) ?? [];
    expect(headline).toContain("b⟨U+202E⟩evil&amp;&lt;b&gt; passed 1 of 1 pair fewer than &lt;img");
    // The drawings' library leaves "<" in attributes, where it begins no element.
    expect(elementsOf(text).elements.map(({ tag }) => tag)).not.toContain("img");
    expect(text).not.toContain("\u202E");
  });
});
