import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { documents } from "../lib/cli/commands/docs.ts";
import { doors } from "../lib/cli/doors.ts";
import { parseToml } from "../lib/core/toml.ts";
import { place } from "./cli.fixture.ts";

const DOCS = join(import.meta.dir, "../docs");
const made = await documents(doors());

describe("docs", () => {
  test.each(Object.entries(made))("%s is current: npm run docs makes it anew", (name, text) => {
    expect(readFileSync(join(DOCS, name), "utf8")).toBe(text);
  });

  test("the command writes all of them into a folder", () => {
    using here = place();
    const command = ["bun", join(import.meta.dir, "docs.ts"), "-o", here.at("out")];
    expect(Bun.spawnSync(command, { stderr: "inherit" }).exitCode).toBe(0);
    expect(readdirSync(here.at("out")).sort()).toEqual(Object.keys(made).sort());
    expect(existsSync(here.at("ledger.sqlite"))).toBe(false);
  });
});

test("the README's study has no key that the published schema lacks", () => {
  const readme = readFileSync(join(DOCS, "../README.md"), "utf8");
  const [, toml = ""] = /```toml\n([\s\S]*?)```/.exec(readme) ?? [];
  const schema = JSON.parse(made["study.schema.json"] ?? "{}");
  const { value } = parseToml(toml);
  expect(Object.keys(value).length).toBeGreaterThan(4);
  for (const key of Object.keys(value)) expect(schema.properties).toHaveProperty(key);
  const arm = schema.properties.arms.additionalProperties.properties;
  for (const key of ["max_steps", "max_wall_s", "replay"]) expect(arm).toHaveProperty(key);
  expect(schema.properties.defaults.properties).not.toHaveProperty("replay");
  expect(arm.max_steps).toMatchObject({
    default: 100,
    minimum: 1,
    description: expect.any(String),
  });
});
