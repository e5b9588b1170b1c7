import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..");
const GROUPS = ["dependencies", "devDependencies"] as const;
type Wanted = { readonly [group in (typeof GROUPS)[number]]: Readonly<Record<string, string>> };

const read = (name: string) => readFileSync(join(ROOT, name), "utf8");
const wanted = JSON.parse(read("package.json")) as Wanted;
const npm = JSON.parse(read("package-lock.json")) as {
  readonly packages: Readonly<Record<string, Wanted & { readonly version: string }>>;
};
// bun.lock is JSON with trailing commas.
const bun = JSON.parse(read("bun.lock").replace(/,(?=\s*[}\]])/g, "")) as {
  readonly workspaces: { readonly "": Wanted };
  readonly packages: Readonly<Record<string, readonly [string, ...unknown[]]>>;
};

test.each(GROUPS)("U1: both lockfiles lock the %s of package.json", (group) => {
  expect(npm.packages[""]?.[group]).toEqual(wanted[group]);
  expect(bun.workspaces[""][group]).toEqual(wanted[group]);
  for (const [name, version] of Object.entries(wanted[group])) {
    expect([name, npm.packages[`node_modules/${name}`]?.version]).toEqual([name, version]);
    expect(bun.packages[name]?.[0]).toBe(`${name}@${version}`);
  }
});

test("U1: npm's lockfile holds every package that a package in it needs", () => {
  const missing = Object.entries(npm.packages).flatMap(([path, { dependencies = {} }]) =>
    Object.keys(dependencies)
      .filter((name) => !found(path, name))
      .map((name) => `${path}: ${name}`),
  );
  expect(missing).toEqual([]);
});

/** Whether Node's search from a package's folder upward comes upon the other package. */
function found(from: string, name: string): boolean {
  for (let at = from; ; ) {
    if (npm.packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`]) return true;
    if (at === "") return false;
    const end = at.lastIndexOf("/node_modules/");
    at = end < 0 ? "" : at.slice(0, end);
  }
}
