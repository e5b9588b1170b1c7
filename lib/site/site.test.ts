import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { addRun } from "../../db/ledger.fixture.ts";
import { openLedger } from "../../db/ledger.ts";
import { addFault } from "../../db/verdicts.fixture.ts";
import { temporaryFolder } from "../core/testing.ts";
import { elementsOf, pagesBelow } from "./elements.fixture.ts";
import { fillHostile } from "./hostile.fixture.ts";
import { writeSite } from "./site.ts";

const folder = temporaryFolder("tandem-site");
const ledger = openLedger(":memory:");
const out_dir = join(folder.path, "out");
const never = new AbortController().signal;
let pages: ReadonlyMap<string, string>;

beforeAll(async () => {
  fillHostile(ledger, join(folder.path, "logs"));
  await writeSite({
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

describe("a site", () => {
  test("has headings in order, a language, one main part and captions", () => {
    for (const [path, text] of pages) {
      const { elements } = elementsOf(text);
      const levels = elements.flatMap(({ tag }) => (/^h[1-6]$/.test(tag) ? [Number(tag[1])] : []));
      const jumps = levels.filter((level, at) => at > 0 && level > (levels[at - 1] ?? 0) + 1);
      expect({
        path,
        first: levels[0],
        ones: levels.filter((level) => level === 1).length,
        jumps,
      }).toEqual({ path, first: 1, ones: 1, jumps: [] });
      const count = (wanted: string) => elements.filter(({ tag }) => tag === wanted).length;
      expect({ path, main: count("main"), captions: count("caption") }).toEqual({
        path,
        main: 1,
        captions: count("table"),
      });
      expect(text).toContain('<html lang="en">');
    }
  });

  test("names a source that exists for every table and figure", () => {
    const root = join(import.meta.dir, "../..");
    const named = new Set<string>();
    for (const text of pages.values())
      for (const [, file = ""] of text.matchAll(/<code class="source-file">([^<]+)<\/code>/g))
        named.add(file);
    expect(named.size).toBeGreaterThan(10);
    for (const file of named)
      expect({ file, there: existsSync(join(root, file)) }).toEqual({ file, there: true });
    for (const [path, text] of pages) {
      const figures = text.split("<figure ").slice(1);
      expect({
        path,
        bare: figures.filter((figure) => !figure.split("</figure>")[0]?.includes('class="source"'))
          .length,
      }).toEqual({ path, bare: 0 });
    }
  });

  test("of named runs has those alone", async () => {
    using few = temporaryFolder("tandem-site");
    const { pages: count } = await writeSite({
      ledger,
      log_dir: folder.path,
      policy: "naive",
      runs: ["solo-a"],
      out_dir: few.path,
      signal: never,
    });
    const rows = ledger.outcomes.rows("naive", ["solo-a"]);
    const tries = Map.groupBy(rows, ({ repo, task_id, features }) =>
      [repo, task_id, features].join(),
    );
    const sides = [...tries.values()].filter((own) => own.length > 1).length;
    expect(sides).toBeGreaterThan(0);
    expect(count).toBe(2 + rows.length + sides);
    expect(readdirSync(join(few.path, "pairs"))).toEqual(["solo-a"]);
  });

  test("U10: counts equal faults in one line", async () => {
    using folder = temporaryFolder();
    using ledger = openLedger(":memory:");
    addRun(ledger, { run: "r" });
    for (let pair = 2; pair < 227; pair++)
      addFault(ledger, `r/alpha_task/task1/features_1_${pair}`);
    addFault(ledger, "r/alpha_task/task1/features_2_3", { code: "engine_gone" });
    await writeSite({
      ...{ ledger, policy: "union", signal: new AbortController().signal, runs: undefined },
      ...{ out_dir: folder.path, log_dir: folder.path },
    });
    const page = readFileSync(join(folder.path, "index.html"), "utf8");
    const table = /<caption>Open faults[\s\S]*?<\/table>/.exec(page)?.[0] ?? "";
    expect(table.match(/<tr>/g)).toHaveLength(3);
    expect(table).toContain("and 224 more");
    expect(table).toContain(">225<");
  });

  test("of an empty ledger says what is missing", async () => {
    using none = openLedger(":memory:");
    using few = temporaryFolder("tandem-site");
    await writeSite({
      ledger: none,
      log_dir: few.path,
      policy: "union",
      out_dir: few.path,
      signal: never,
    });
    expect(readFileSync(join(few.path, "index.html"), "utf8")).toContain(
      "No pair is evaluated yet.",
    );
  });

  test("that is interrupted says so", async () => {
    using few = temporaryFolder("tandem-site");
    const signal = AbortSignal.abort(new Error("stop"));
    const written = writeSite({
      ledger,
      log_dir: few.path,
      policy: "union",
      out_dir: few.path,
      signal,
    });
    await expect(written).rejects.toMatchObject({ code: "interrupted" });
  });
});
