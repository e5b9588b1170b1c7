import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Node, SourceFile } from "typescript/unstable/ast";
import { isFunctionLikeDeclaration } from "typescript/unstable/ast/is";
import { API } from "typescript/unstable/async";
import { temporaryFolder } from "./core/testing.ts";

// The compiler and the search for copies read every file, on machines that may be busy.
setDefaultTimeout(300_000);

const ROOT = join(import.meta.dir, "..");
const AREAS = ["lib", "db", "scripts"];
const folder = temporaryFolder("tandem-sizes");
afterAll(() => folder[Symbol.dispose]());

/** `own_lines` are without those of functions inside it: a store is a list of methods, each of them is counted itself. */
type Sized = { readonly at: string; readonly lines: number; readonly own_lines: number };

describe("functions", async () => {
  const P95_LINES = 30;
  const LONGEST_OWN_LINES = 60;
  const functions = await functionsOfAll();

  test("of 100 at least 95 have 30 lines at most", () => {
    expect(functions.length).toBeGreaterThan(5_000);
    const lengths = functions.map(({ lines }) => lines).sort((a, b) => a - b);
    expect(lengths[Math.floor(0.95 * lengths.length)]).toBeLessThanOrEqual(P95_LINES);
  });

  test(`have ${LONGEST_OWN_LINES} lines of their own at most`, () => {
    const long = functions.filter(({ own_lines }) => own_lines > LONGEST_OWN_LINES);
    expect(long).toEqual([]);
  });
});

test("of the code's words 0.22 % at most are in copies of fifty and more", () => {
  const { statistics, duplicates } = copies();
  expect(statistics.total.tokens).toBeGreaterThan(500_000);
  const share = statistics.total.duplicatedTokens / statistics.total.tokens;
  const where = duplicates.map(
    ({ firstFile: one, secondFile: two, tokens }) =>
      `${tokens} words: ${one.name}:${one.start} and ${two.name}:${two.start}`,
  );
  expect({ share, where: share > 0.0022 ? where : [] }).toEqual({ share, where: [] });
});

/** Every function that ships, as the compiler reads it; nothing is resolved or checked. */
async function functionsOfAll(): Promise<Sized[]> {
  const config = join(folder.path, "tsconfig.json");
  const compilerOptions = { noLib: true, noResolve: true, types: [], noEmit: true };
  const include = AREAS.map((area) => join(ROOT, area, "**/*.ts"));
  writeFileSync(config, JSON.stringify({ compilerOptions, include, exclude: ["**/*.test.ts"] }));
  await using compiler = new Compiler();
  const [project] = (await compiler.api.updateSnapshot({ openProjects: [config] })).getProjects();
  if (project === undefined) throw new Error("the compiler opens no project");
  const found: Sized[] = [];
  for (const name of await project.program.getSourceFileNames()) {
    const file = await project.program.getSourceFile(name);
    if (file !== undefined && !/\.(test|fixture)\.ts$/.test(name)) sizesIn(file, file, found);
  }
  return found;
}

class Compiler {
  readonly api = new API({ cwd: folder.path });
  async [Symbol.asyncDispose](): Promise<void> {
    await this.api.close();
  }
}

/** Adds the functions below a node; returns the lines that they take off the function around them. */
function sizesIn(node: Node, file: SourceFile, found: Sized[]): number {
  let inside = 0;
  node.forEachChild((child) => {
    inside += sizesIn(child, file, found);
    return undefined;
  });
  if (!isFunctionLikeDeclaration(node) || !("body" in node) || !node.body) return inside;
  const line = (position: number) => file.getLineAndCharacterOfPosition(position).line;
  const first = line(node.getStart());
  const lines = line(node.end) - first + 1;
  const at = `${relative(ROOT, file.fileName)}:${first + 1}`;
  found.push({ at, lines, own_lines: lines - inside });
  return lines - 1;
}

type Place = { readonly name: string; readonly start: number };
type Copies = {
  readonly statistics: {
    readonly total: { readonly tokens: number; readonly duplicatedTokens: number };
  };
  readonly duplicates: readonly {
    readonly tokens: number;
    readonly firstFile: Place;
    readonly secondFile: Place;
  }[];
};

/** What is at least fifty words and five lines long, and stands twice. */
function copies(): Copies {
  const command = [process.execPath, join(ROOT, "node_modules/jscpd/run-jscpd.js")];
  const ignored = ["**/migrations/**", "**/fixtures/**"].join();
  const flags = ["-f", "typescript", "-i", ignored, "-k", "50", "-l", "5", "-r", "json", "-s"];
  const { exitCode, stderr } = Bun.spawnSync([...command, ...flags, "-o", folder.path, ...AREAS], {
    cwd: ROOT,
  });
  expect([exitCode, stderr.toString()]).toEqual([0, ""]);
  return JSON.parse(readFileSync(join(folder.path, "jscpd-report.json"), "utf8"));
}
