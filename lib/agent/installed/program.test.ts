import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { UsageError } from "../../core/fault.ts";
import { temporaryFolder } from "../../core/testing.ts";
import { WIRES } from "../../model/wire/registry.ts";
import { WIRE_NAMES } from "../../model/wire/wire.ts";
import { agentIdentity, agentName, agentNeeds, loadAgent } from "../registry.ts";
import { CHANNEL_NAMES } from "./channels.ts";
import { fakeProgram } from "./fake.fixture.ts";
import { readProgram } from "./program.ts";
import { programNamed, SHIPPED, shippedProgram } from "./shipped.ts";

const ROOT = join(import.meta.dir, "../../..");
const FOLDER = join(import.meta.dir, "programs");

test("the wires of programs are those of the port", () => {
  expect<string[]>([...WIRE_NAMES].sort()).toEqual(WIRES.map(({ name }) => name).sort());
});

describe("programs that ship", () => {
  test.each(SHIPPED)(
    "%s is a file of at most 25 lines, with exact packages of its version",
    (name) => {
      expect(
        readFileSync(join(FOLDER, `${name}.toml`), "utf8")
          .trimEnd()
          .split("\n").length,
      ).toBeLessThanOrEqual(25);
      const program = shippedProgram(name);
      const packages = Object.values(program.packages).flat();
      expect(packages.some((one) => one.includes(program.version))).toBe(true);
      expect(
        program.own_tools.filter((tool) => (CHANNEL_NAMES as string[]).includes(tool)),
      ).toEqual([]);
      expect(agentNeeds(name)).toMatchObject({ needs_model: "required", needs_gateway: true });
    },
  );

  const OVER_ACP = SHIPPED.map(shippedProgram).flatMap(({ acp_name, ...program }) =>
    acp_name === undefined ? [] : [{ ...program, acp_name }],
  );
  test.each(OVER_ACP)(
    "$acp_name is told its model outside the command that ACP replaces, and asks none which to take",
    ({ acp_name, env, files }) => {
      expect(OVER_ACP.length).toBeGreaterThan(0);
      const told = Object.values({ ...env, ...files }).join("\n");
      expect({ acp_name, model: told.includes("{{model}}") }).toEqual({ acp_name, model: true });
    },
  );

  /** What their makers call them, and what they call themselves. */
  const NAMES =
    /claude[_-]?code|codex|opencode|gemini[_-]cli|qwen[_-]?code|mini[_-]swe[_-]agent(?!_v2)|openhands/i;
  const CODE = /\.(?:ts|mustache|sql)$|\/[a-z_]+$/;
  const APART = /\.(?:test|fixture)\.ts$|^lib\/cooperbench\/|^lib\/core\/providers\.ts$/;
  test("are named nowhere in code but in their own files", () => {
    const paths = ["lib", "scripts", "db"]
      .flatMap((area) => readdirSync(join(ROOT, area), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
      .filter((path) => CODE.test(path) && !APART.test(path));
    expect(paths.length).toBeGreaterThan(500);
    const named = paths.flatMap((path) => {
      const code = readFileSync(join(ROOT, path), "utf8").replaceAll(
        /(^|\s)(?:\/\/|\*|\/\*\*).*$/gm,
        "",
      );
      const found = NAMES.exec(code)?.[0];
      return found === undefined ? [] : [`${path}: ${found}`];
    });
    expect(named).toEqual([]);
  });
});

describe("a program's file", () => {
  const CASES: [change: (text: string) => string, words: string][] = [
    [(text) => `comand = "x"\n${text}`, 'unknown field "comand"'],
    [(text) => text.replace('version = "1"', "version = 1"), "version: "],
    [(text) => text.replace('"chat"', '"smoke"'), "wire: "],
    [(text) => text.replace("{{prompt_file}}", "{{promt_file}}"), 'did you mean "prompt_file"?'],
    [
      (text) => text.replace("{{bin}} {{prompt_file}}", "{{token}}"),
      'command: unknown variable "token"',
    ],
    [(text) => text.replace('"fake.ts"', '"../fake.ts"'), "must stay in the home"],
    [(text) => `packages.any = ["npm:x@latest!"]\n${text}`, "must be npm:NAME@VERSION"],
    [(text) => `packages.any = ["pypi:x==1"]\n${text}`, "python is missing"],
    [(text) => `python = []\n${text}`, "python: "],
    [(text) => `python = [">=3.10"]\n${text}`, "must be a version such as 3.12"],
    [(text) => text.replace(/^command = .*$/m, ""), "command is missing"],
    [(text) => `${text}\n[`, "is not TOML"],
  ];
  test.each(CASES)("%p is refused: %s", async (change, words) => {
    await using folder = temporaryFolder();
    const path = join(folder.path, "mine.toml");
    writeFileSync(path, change(fakeProgram()));
    expect(() => readProgram(path)).toThrow(UsageError);
    expect(() => readProgram(path)).toThrow(words);
    expect(() => readProgram(path)).toThrow(path);
  });

  test("of one's own is an agent by its path, which knows version and hash", async () => {
    await using folder = temporaryFolder();
    const path = join(folder.path, "mine.toml");
    writeFileSync(path, fakeProgram());
    expect(agentName(path)).toBe(path);
    const { sha256 } = readProgram(path);
    expect(await agentIdentity(path)).toEqual({
      name: path,
      short_name: "mine",
      version: "1",
      sha256,
    });
    expect((await loadAgent(path)).program?.name).toBe("mine");
    expect(() => agentNeeds(join(folder.path, "none.toml"))).not.toThrow();
    await expect(loadAgent(join(folder.path, "none.toml"))).rejects.toThrow("cannot be read");
  });
});

describe("acp:COMMAND", () => {
  test("is a shipped program where its first word is one's, else a command of the image", () => {
    const known = programNamed("acp:gemini --acp");
    expect(known).toMatchObject({
      name: "acp:gemini --acp",
      packages: shippedProgram("gemini_cli").packages,
    });
    expect(known.bin).toEndWith("gemini.js --acp");
    expect(known.command).toBeUndefined();
    expect(programNamed("acp:my-agent serve")).toMatchObject({
      bin: "my-agent serve",
      packages: {},
    });
    expect(() => programNamed("acp: ")).toThrow("acp:COMMAND");
  });
});
