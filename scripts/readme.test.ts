// Owns keeping the README complete: every script, flag, view column and query folder that exists is in it.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openLedger } from "../db/ledger.ts";
import pkg from "../package.json" with { type: "json" };
import type { Step } from "./_step.ts";

const readme = readFileSync(join(import.meta.dir, "../README.md"), "utf8");
const scripts = readdirSync(import.meta.dir)
  .filter((file) => /^[a-z][a-z-]*\.ts$/.test(file))
  .map((file) => file.replace(".ts", ""));

describe("the README names", () => {
  test.each(scripts)("the script %s, with every flag", async (name) => {
    expect(readme).toContain(`\`${name}\``);
    const exported: Record<string, unknown> = await import(`./${name}.ts`);
    const step = Object.values(exported).find((value): value is Step => isStep(value, name));
    if (!step) throw new Error(`scripts/${name}.ts exports no step of its own name`);
    for (const [flag, def] of Object.entries(step.args)) {
      const shown = def.type === "boolean" && def.default === true ? `--no-${flag}` : `--${flag}`;
      expect(readme, `${shown} of ${name}`).toMatch(new RegExp(`\`(-\\w )?${shown}\``));
      for (const alias of "alias" in def ? [def.alias ?? []].flat() : [])
        expect(readme).toContain(`\`-${alias} ${shown}\``);
    }
  });

  test.each(
    Object.keys(pkg.scripts).filter((name) => ["demo", "test", "fix", "migrations"].includes(name)),
  )("npm run %s", (name) => {
    expect(readme).toMatch(new RegExp(`npm (run )?${name}`));
  });

  test.each(["outcomes", "scoreboard"])("every column of the view %s", (view) => {
    using ledger = openLedger(":memory:");
    const columns = ledger
      .query(`SELECT name FROM pragma_table_info('${view}')`)
      .map(({ name }) => String(name));
    expect(columns.length).toBeGreaterThan(10);
    for (const column of columns) expect(readme, `${view}.${column}`).toContain(`\`${column}\``);
  });
});

function isStep(value: unknown, name: string): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "args" in value &&
    "name" in value &&
    value.name === name
  );
}
