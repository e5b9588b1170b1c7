import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { openLedger } from "../db/ledger.ts";
import { commandBehind } from "../lib/cli/doors.ts";
import { COMMANDS } from "../lib/cli/groups.ts";
import { EVAL_RULES } from "../lib/eval/rules.ts";
import { MERGE_RULES } from "../lib/merge/rules.ts";

const ROOT = join(import.meta.dir, "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const docs = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md"));
const pages = ["README.md", "AGENTS.md", "CHANGELOG.md", ...docs.map((name) => `docs/${name}`)];
const readme = read("README.md");
const all = pages.map(read).join("\n");
const scripts = readdirSync(import.meta.dir)
  .filter((file) => /^[a-z][a-z-]*\.ts$/.test(file))
  .map((file) => file.replace(".ts", ""));
const isGenerated = (page: string) => /^Made from /m.test(read(page));

describe("README and docs name", () => {
  test("every script as a command, in a group", () => {
    expect([...COMMANDS, "tandem"].sort()).toEqual(scripts.sort());
  });

  test.each(COMMANDS)("the command %s, with every flag", async (name) => {
    const step = await commandBehind(name);
    const flags = Object.entries(step.args).map(([flag, def]) => {
      const letters = "alias" in def ? [def.alias ?? []].flat() : [];
      const dashes = def.type === "boolean" && def.default === true ? "--no-" : "--";
      return `\`${letters.map((letter) => `-${letter} `).join("")}${dashes}${flag}\``;
    });
    expect(absent([`\`${name}\``, ...flags])).toEqual([]);
  });

  test("the commands of package.json that people type", () => {
    expect(absent(["npm run demo", "npm test", "npm run fix", "npm run migrations"])).toEqual([]);
  });

  test("the tools of scripts/dev that people type", () => {
    expect(
      absent([
        "bun run torture",
        "bun run powercut",
        "bun run fuzz",
        "npm run bench",
        "npm run real",
      ]),
    ).toEqual([]);
  });

  test("every view of the ledger", () => {
    using ledger = openLedger(":memory:");
    const rows = ledger.query("SELECT name FROM sqlite_master WHERE type = 'view'");
    expect(rows.length).toBeGreaterThan(7);
    const sql = read("docs/sql.md");
    expect(rows.filter(({ name }) => !sql.includes(`| \`${name}\` |`))).toEqual([]);
  });

  test("every page of docs, in README", () => {
    expect(docs.filter((name) => !readme.includes(`(docs/${name})`))).toEqual([]);
  });
});

test("the agent of one's own in docs is the one that the tests run", () => {
  const [, ...lines] = read("lib/agent/my-agent.fixture.ts").split("\n");
  const shown = lines.join("\n").replace('"./module.ts"', '"tandem"');
  expect(read("docs/agents.md")).toContain(`\`\`\`ts\n${shown}\`\`\``);
});

describe("the changelog says what changed in", () => {
  const RULES = { merging: MERGE_RULES, evaluation: EVAL_RULES };
  test.each(Object.entries(RULES))("every version of the rules of %s", (name, newest) => {
    const [, table = ""] = read("CHANGELOG.md").split(`| rules of ${name} |`);
    const rows = table.split("\n\n")[0]?.matchAll(/^\| (\d+) \| \S/gm) ?? [];
    expect([...rows].map(([, version]) => Number(version))).toEqual(
      Array.from({ length: newest }, (_, index) => index + 1),
    );
  });
});

describe("sizes", () => {
  test("README has 200 lines at most", () => {
    expect(readme.split("\n").length - 1).toBeLessThanOrEqual(200);
  });

  test("each page that is written by hand has fewer than 300 lines", () => {
    const written = pages.filter((page) => !isGenerated(page));
    expect(written.length).toBeGreaterThan(15);
    expect(written.filter((page) => read(page).split("\n").length > 300)).toEqual([]);
  });
});

describe("links", () => {
  test.each(pages)("of %s lead to files and headings that exist", (page) => {
    const broken = linksOf(read(page)).filter((link) => !leads(page, link));
    expect(broken).toEqual([]);
  });

  test("that lead nowhere are found", () => {
    expect(linksOf("[a](b.md#c) `[x](y)`\n```\n[d](e)\n```")).toEqual(["b.md#c"]);
    expect(leads("README.md", "docs/nothing.md")).toBe(false);
    expect(leads("README.md", "#no-such-heading")).toBe(false);
    expect(leads("README.md", "#a-study")).toBe(true);
  });
});

/** Relative links and pictures outside code. */
function linksOf(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
  const found = [
    ...prose.matchAll(/\]\(([^)\s]+)\)/g),
    ...prose.matchAll(/src(?:set)?="([^"]+)"/g),
  ];
  return found.flatMap(([, target]) => target ?? []).filter((target) => !/^[a-z]+:/.test(target));
}

function leads(from: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? from : relative(ROOT, join(ROOT, dirname(from), path));
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || headings(read(target)).includes(anchor);
}

/** Anchors as GitHub makes them of headings. */
function headings(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "");
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Which of these texts README and docs lack. */
function absent(texts: readonly string[]): string[] {
  return texts.filter((text) => !all.includes(text));
}
