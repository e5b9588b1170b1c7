import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import pkg from "../package.json" with { type: "json" };

const ROOT = join(import.meta.dir, "..");
const AREAS = ["scripts", "lib", "db"] as const;
const LONGEST = 300;

/** `type` is gone at run time, `lazy` waits for its call, `value` comes with the file. */
type Import = {
  readonly from: string;
  readonly to: string;
  readonly kind: "type" | "value" | "lazy";
};
type Source = { readonly path: string; readonly text: string; readonly imports: readonly Import[] };

const STATIC = /^(?:import|export)\s+(type\s+)?(?:[^;'"]*?\bfrom\s+)?["']([^"']+)["']/gm;
const DYNAMIC = /(typeof\s+)?\bimport\(\s*["']([^"']+)["']\s*\)/g;

/** Every import of a file; relative ones as a path from the root. */
function importsOf(path: string, text: string): Import[] {
  const found = (pattern: RegExp, otherwise: "value" | "lazy") =>
    [...text.matchAll(pattern)].map(([, type, to = ""]): Import => {
      const target = to.startsWith(".") ? normalize(join(dirname(path), to)) : to;
      return { from: path, to: target, kind: type === undefined ? otherwise : "type" };
    });
  return [...found(STATIC, "value"), ...found(DYNAMIC, "lazy")];
}

const paths = AREAS.flatMap((area) =>
  readdirSync(join(ROOT, area), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
).sort();
const sources: Source[] = paths
  .filter((path) => path.endsWith(".ts"))
  .map((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    return { path, text, imports: importsOf(path, text) };
  });

/** Files that only tests load: tests, fixtures, and what imports the test runner. */
const forTests = new Set(
  sources
    .filter(
      ({ path, imports }) =>
        /\.(test|fixture)\.ts$/.test(path) || imports.some(({ to }) => to === "bun:test"),
    )
    .map(({ path }) => path),
);
const shipped = sources.filter(({ path }) => !forTests.has(path));
const arrows = shipped.flatMap(({ imports }) => imports);

const areaOf = (path: string) => AREAS.find((area) => path.startsWith(`${area}/`));
const show = ({ from, to, kind }: Import) => `${from} → ${to} (${kind})`;
const isOurs = (to: string) => areaOf(to) !== undefined || to === "package.json";
const isBuiltIn = (to: string) => to.startsWith("node:") || to.startsWith("bun:");

describe("reading imports", () => {
  const cases: [text: string, expected: [to: string, kind: Import["kind"]][]][] = [
    ['import { a } from "./b.ts";', [["lib/x/b.ts", "value"]]],
    ['import type { A } from "../b.ts";', [["lib/b.ts", "type"]]],
    ['import { type A } from "../b.ts";', [["lib/b.ts", "value"]]],
    [
      'import {\n  a,\n  type B,\n} from "zod";\nimport "c";',
      [
        ["zod", "value"],
        ["c", "value"],
      ],
    ],
    [
      'export * from "./b.ts";\nexport type * from "./c.ts";',
      [
        ["lib/x/b.ts", "value"],
        ["lib/x/c.ts", "type"],
      ],
    ],
    ['  const { a } = await import("d");', [["d", "lazy"]]],
    ['type Hub = typeof import("d");', [["d", "type"]]],
    ['import pkg from "../../package.json" with { type: "json" };', [["package.json", "value"]]],
    ['export const from = 1;\nconst text = "no import";', []],
  ];
  test.each(cases)("%p", (text, expected) => {
    const found = importsOf("lib/x/a.ts", text).map(({ to, kind }) => [to, kind]);
    expect(found).toEqual(expected);
  });

  test("finds what the bundler finds, in every file", () => {
    const transpiler = new Bun.Transpiler({ loader: "ts" });
    for (const { path, text, imports } of shipped) {
      const wanted = transpiler
        .scanImports(text)
        .map(({ path: to }) => (to.startsWith(".") ? normalize(join(dirname(path), to)) : to));
      const ours = new Set(imports.filter(({ kind }) => kind !== "type").map(({ to }) => to));
      expect({ path, missed: wanted.filter((to) => !ours.has(to)) }).toEqual({ path, missed: [] });
    }
  });
});

/** The room of a file: a folder of lib, `scripts`, `db`, or `lib` itself for its door. */
const roomOf = (path: string) => {
  const [area = "", room = ""] = path.split("/");
  return area === "lib" && !room.endsWith(".ts") ? room : area;
};
const isCore = (path: string) => path.startsWith("lib/core/");

describe("arrows", () => {
  const mayImport: Record<(typeof AREAS)[number], (arrow: Import) => boolean> = {
    scripts: () => true,
    // A ledger is handed in, and known by its types; what doors share opens it when it is asked for.
    lib: ({ from, to, kind }) =>
      areaOf(to) === "lib" ||
      (areaOf(to) === "db" && (kind === "type" || (kind === "lazy" && roomOf(from) === "cli"))),
    // The core, and reading patches: a room that needs no other.
    db: ({ to }) => areaOf(to) === "db" || isCore(to) || roomOf(to) === "patch",
  };
  test.each(AREAS)("of %s point where they may", (area) => {
    const own = arrows.filter(({ from, to }) => areaOf(from) === area && areaOf(to) !== undefined);
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter((arrow) => !mayImport[area](arrow)).map(show)).toEqual([]);
  });

  test("that leave the three folders reach package.json at most", () => {
    const out = sources.flatMap(({ imports }) => imports).filter(({ to }) => to.startsWith(".."));
    expect(out.map(show)).toEqual([]);
  });

  test("between our files name an existing file, with its ending", () => {
    const broken = arrows.filter(({ to }) => isOurs(to) && !existsSync(join(ROOT, to)));
    expect(broken.map(show)).toEqual([]);
  });

  test("lead from nothing that ships to something that is only for tests", () => {
    expect(arrows.filter(({ to }) => forTests.has(to)).map(show)).toEqual([]);
  });

  test("of the core stay in it, and those of patches lead to the core alone", () => {
    const out = arrows.filter(({ from, to }) => isCore(from) && isOurs(to) && !isCore(to));
    expect(out.filter(({ to }) => to !== "package.json").map(show)).toEqual([]);
    const ofPatches = arrows.filter(({ from, to }) => roomOf(from) === "patch" && isOurs(to));
    const allowed = (to: string) => isCore(to) || roomOf(to) === "patch";
    expect(ofPatches.filter(({ to }) => !allowed(to)).map(show)).toEqual([]);
  });
});

describe("no cycle", () => {
  const ours = arrows.filter(({ to }) => isOurs(to));
  test("among rooms, types included", () => {
    const between = ours.map(({ from, to, kind }) => ({
      from: roomOf(from),
      to: roomOf(to),
      kind,
    }));
    expect(cycle(between.filter(({ from, to }) => from !== to))).toEqual([]);
  });

  test("among all files, types included", () => {
    expect(cycle(ours)).toEqual([]);
  });

  test("and one that is there is found", () => {
    const arrow = (from: string, to: string): Import => ({ from, to, kind: "value" });
    const found = cycle([arrow("a", "b"), arrow("b", "c"), arrow("c", "b"), arrow("a", "d")]);
    expect(found).toEqual(["b", "c", "b"]);
  });
});

/** Who may import a package. All others have one keeper, whoever that is. */
const KEEPERS: Record<string, (path: string) => boolean> = {
  "@huggingface/hub": (path) => path === "lib/dataset/hub.ts",
  citty: (path) => path === "lib/cli/step.ts",
  // Stores are drizzle queries: db as a whole is the keeper.
  "drizzle-orm": (path) => areaOf(path) === "db",
  "drizzle-kit": (path) => path === "db/drizzle.config.ts",
  "bun:sqlite": (path) => areaOf(path) === "db",
};
/** Packages that several modules import, and why. */
const SHARED: Record<string, string> = {
  zod: "every edge parses its own input with a schema of its own",
};

describe("packages", () => {
  const packageOf = (to: string) => to.split("/", to.startsWith("@") ? 2 : 1).join("/");
  // Types cost nothing at run time and bind nobody to a package's functions.
  const used = arrows
    .filter(({ to, kind }) => kind !== "type" && !isOurs(to) && (!isBuiltIn(to) || to in KEEPERS))
    .map(({ from, to }) => ({ from, name: packageOf(to) }));
  const users = new Map(
    [...Map.groupBy(used, ({ name }) => name)].map(([name, rows]) => [
      name,
      [...new Set(rows.map(({ from }) => from))],
    ]),
  );

  const single = [...users.keys()].filter((name) => !(name in SHARED));
  test.each(single)("%s has one keeper", (name) => {
    const files = users.get(name) ?? [];
    const mayKeep = KEEPERS[name];
    if (mayKeep === undefined) expect(files).toEqual(files.slice(0, 1));
    else expect(files.filter((path) => !mayKeep(path))).toEqual([]);
  });

  test("of the program are its dependencies, and a package named here is in use", () => {
    const declared = new Set([
      ...Object.keys(pkg.dependencies),
      ...Object.keys(pkg.devDependencies),
    ]);
    const foreign = [...users.keys()].filter((name) => !declared.has(name) && !isBuiltIn(name));
    expect(foreign).toEqual([]);
    for (const name of [...Object.keys(KEEPERS), ...Object.keys(SHARED)])
      expect([...users.keys()]).toContain(name);
  });
});

describe("files", () => {
  // Migrations are written by drizzle-kit, and JSON has no comments.
  const written = paths.filter(
    (path) => !path.startsWith("db/migrations/") && /\.(ts|sql|mustache|css)$/.test(path),
  );
  const linesOf = (path: string) => readFileSync(join(ROOT, path), "utf8").split("\n");

  test("say on their first line what they own; tests, which own nothing, do not", () => {
    const first = (path: string) => linesOf(path)[0] ?? "";
    const isTest = (path: string) => path.endsWith(".test.ts");
    const opening = (path: string) =>
      path.endsWith(".ts") ? /^\/\/ Owns \S.*[.!]$/ : /^(-- |\{\{! ?|\/\* )\S/;
    const silent = written.filter((path) => opening(path).test(first(path)) === isTest(path));
    expect(silent.map((path) => `${path}: ${first(path)}`)).toEqual([]);
  });

  test(`have ${LONGEST} lines at most`, () => {
    const lengths = written.map((path) => ({ path, lines: linesOf(path).length - 1 }));
    expect(lengths.filter(({ lines }) => lines > LONGEST)).toEqual([]);
  });
});

describe("doors", () => {
  const LONGEST_DOOR = 40;
  const inScripts = paths.filter((path) => path.startsWith("scripts/"));
  const isDoor = (path: string) => dirname(path) === "scripts" && !forTests.has(path);

  test("are all that stands in scripts, beside tests, fixtures and dev", () => {
    const known = /^scripts\/(dev\/|fixtures\/|[^/]+\.(test|fixture)\.ts$|[a-z-]+\.ts$)/;
    expect(inScripts.filter((path) => !known.test(path))).toEqual([]);
    const silent = sources
      .filter(({ path }) => isDoor(path))
      .filter(({ text }) => !/^if \(import\.meta\.main\) await (main|tandem)\(\w+\);$/m.test(text));
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test(`have ${LONGEST_DOOR} lines at most`, () => {
    const doors = sources.filter(({ path }) => isDoor(path));
    expect(doors.length).toBeGreaterThan(10);
    const long = doors.filter(({ text }) => text.split("\n").length - 1 > LONGEST_DOOR);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test("load what does the work when they are asked for it, not before", () => {
    const early = arrows.filter(
      ({ from, to, kind }) =>
        isDoor(from) && kind === "value" && to.startsWith("lib/cli/commands/"),
    );
    expect(early.map(show)).toEqual([]);
  });
});

/** The first cycle that following the arrows meets, as the files along it; none is an empty list. */
function cycle(among: readonly Import[]): string[] {
  const next = Map.groupBy(among, ({ from }) => from);
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const { to } of next.get(path) ?? []) {
      const found = walk(to, [...trail, path]);
      if (found.length > 0) return found;
    }
    done.add(path);
    return [];
  };
  for (const path of next.keys()) {
    const found = walk(path, []);
    if (found.length > 0) return found;
  }
  return [];
}
