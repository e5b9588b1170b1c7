// Owns keeping the README complete: every script, flag, view and query folder that exists is in it.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openLedger } from "../db/ledger.ts";
import type { Command } from "../lib/cli/step.ts";

const readme = readFileSync(join(import.meta.dir, "../README.md"), "utf8");
const scripts = readdirSync(import.meta.dir)
  .filter((file) => /^[a-z][a-z-]*\.ts$/.test(file))
  .map((file) => file.replace(".ts", ""));

describe("the README names", () => {
  test.each(scripts)("the script %s, with every flag", async (name) => {
    const exported: Record<string, unknown> = await import(`./${name}.ts`);
    const command = Object.values(exported).find((value): value is Command =>
      isCommand(value, name),
    );
    if (!command) throw new Error(`scripts/${name}.ts exports no command of that name`);
    const flags = Object.entries(command.args).map(([flag, def]) => {
      const alias =
        "alias" in def
          ? [def.alias ?? []]
              .flat()
              .map((letter) => `-${letter} `)
              .join("")
          : "";
      return `\`${alias}${def.type === "boolean" && def.default === true ? "--no-" : "--"}${flag}\``;
    });
    expect(absent([`\`${name}\``, ...flags])).toEqual([]);
  });

  test("the commands of package.json that people type", () => {
    expect(absent(["npm run demo", "npm test", "npm run fix", "npm run migrations"])).toEqual([]);
  });

  test("every view of the ledger", () => {
    using ledger = openLedger(":memory:");
    const rows = ledger.query("SELECT name FROM sqlite_master WHERE type = 'view'");
    expect(rows.length).toBeGreaterThan(7);
    expect(absent(rows.map(({ name }) => `| \`${name}\` |`))).toEqual([]);
  });
});

test("the README's agent of one's own is the one that the tests run", () => {
  const fixture = join(import.meta.dir, "../lib/agent/my-agent.fixture.ts");
  const [, ...lines] = readFileSync(fixture, "utf8").split("\n");
  const shown = lines.join("\n").replace('"./module.ts"', '"tandem"');
  expect(readme).toContain(`\`\`\`ts\n${shown}\`\`\``);
});

/** Which of these texts the README lacks. */
function absent(texts: readonly string[]): string[] {
  return texts.filter((text) => !readme.includes(text));
}

function isCommand(value: unknown, name: string): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "args" in value &&
    "name" in value &&
    value.name === name
  );
}
