import { describe, expect, test } from "bun:test";
import { isTable, parseToml } from "../core/toml.ts";
import { parseStudy } from "./file.ts";
import { studyJsonSchema } from "./json-schema.ts";
import { SCHEMA_FILE, studyTemplate } from "./template.ts";

const text = studyTemplate({ name: "first", file: "first.toml" });
const lines = text.split("\n");
const read = (changed: string) => parseStudy(changed, { path: "first.toml" });

describe("the study that init writes", () => {
  test("is one, with three arms that need no key", () => {
    const { name, arms, pairs, reports } = read(text);
    expect({ name, repo: pairs.repo }).toEqual({ name: "first", repo: "demo_task" });
    expect(arms).toMatchObject([
      { run: "first-gold", agent: "gold" },
      { run: "first-coop", model: "replay/demo" },
      { run: "first-solo", model: "replay/demo", setting: "solo" },
    ]);
    expect(reports.map(({ path }) => path.endsWith("/first/report.md"))).toEqual([true]);
  });

  test("names its schema on the first line, as editors look for it", () => {
    expect(lines[0]).toBe(`#:schema ./${SCHEMA_FILE}`);
  });

  test("has every key that the schema has", () => {
    const all = lines.map((line) => line.replace(/^# (?=\w+ = )/, "")).join("\n");
    const { value } = parseToml(all);
    const missing = keysOf(studyJsonSchema()).filter((path) => !has(value, path.split(".")));
    expect(missing).toEqual([]);
    expect(keysOf(studyJsonSchema()).length).toBeGreaterThan(50);
  });
});

const commented = lines.flatMap((line, index) => {
  const [, key] = /^# (\w+) = /.exec(line) ?? [];
  return key === undefined ? [] : [{ key, index }];
});

describe("each comment is a line that may be written", () => {
  test.each(commented)("$key, line $index", ({ index }) => {
    const changed = lines.with(index, (lines[index] ?? "").slice(2));
    // Settings of containers need their backend.
    const docker = changed[index]?.includes(" docker: ")
      ? changed.map((line) => line.replace(/^# backend = "local"/, 'backend = "docker"'))
      : changed;
    expect(() => read(docker.join("\n"))).not.toThrow();
  });
});

type Json = Readonly<Record<string, unknown>>;

/** `pairs.repo`: paths of the keys of a schema, those of arms excepted. */
function keysOf(schema: object): string[] {
  const { properties = {} } = schema as { properties?: Readonly<Record<string, Json>> };
  return Object.entries(properties).flatMap(([name, key]) => {
    const { items, properties: inner } = key as { items?: object; properties?: object };
    if (inner && !("examples" in key)) return keysOf(key).map((path) => `${name}.${path}`);
    if (items && "properties" in items) return keysOf(items).map((path) => `${name}.${path}`);
    return [name];
  });
}

function has(value: unknown, [name = "", ...rest]: readonly string[]): boolean {
  const at = Array.isArray(value) ? value[0] : value;
  if (!isTable(at) || !Object.hasOwn(at, name)) return false;
  return rest.length === 0 || has(at[name], rest);
}
