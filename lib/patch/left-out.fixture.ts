// Owns small patches for tests of what is left out, and cleaning them.
import { withoutTests } from "./left-out.ts";

/** A new file of these lines. */
export const added = (path: string, ...lines: string[]) =>
  [
    `diff --git a/${path} b/${path}`,
    ...["new file mode 100644", "--- /dev/null", `+++ b/${path}`, `@@ -0,0 +1,${lines.length} @@`],
    ...lines.map((line) => `+${line}`),
    "",
  ].join("\n");
/** A changed file; lines with their tags. */
export const changed = (path: string, ...lines: string[]) => {
  const [old, fresh] = ["+", "-"].map((tag) => lines.filter((line) => line[0] !== tag).length);
  const head = [`diff --git a/${path} b/${path}`, `--- a/${path}`, `+++ b/${path}`];
  return [...head, `@@ -1,${old} +1,${fresh} @@`, ...lines, ""].join("\n");
};
type Given = { tests?: string; gold?: string[]; base?: Readonly<Record<string, string>> };
/** The patch as it is merged, as text too. */
export const clean = (patch: string, facts: Given = {}) => {
  const { tests = "", gold = [], base } = facts;
  const made = withoutTests(Buffer.from(patch), {
    tests: [Buffer.from(tests)],
    gold: gold.map((text) => Buffer.from(text)),
    base: base && ((path) => base[path]),
  });
  return { ...made, text: Buffer.from(made.patch).toString() };
};
