import { expect } from "bun:test";
import fc from "fast-check";
import { fuzz } from "../core/fuzz.fixture.ts";
import { bytesLike } from "../core/fuzz-inputs.fixture.ts";
import { touchedPaths } from "../patch/left-out.ts";
import { PATCH_WORDS, PATCHES } from "../patch/patch-fuzz.fixture.ts";
import { pathBytes } from "../patch/quote.ts";

const input = bytesLike({ seeds: PATCHES, tokens: PATCH_WORDS });
fuzz("every path that git would change is one that we name", { runs: 700, input }, assertSeen);

const name = fc
  .tuple(
    fc.constantFrom("a/", "b/", "", "aa/", "/", "a//", "a/b/", "a\t/", '"a/', '"', "./"),
    fc.constantFrom(
      "conftest.py",
      "x/conftest.py",
      "x//y.py",
      "d e",
      "tests/test_a.py",
      "\\303\\244",
      "x\xff",
    ),
    fc.constantFrom(
      "",
      "",
      "",
      "\t",
      " junk",
      "\tjunk",
      "\rjunk",
      "\r",
      "\0junk",
      '"',
      '" b',
      ".orig",
    ),
    fc.constantFrom(
      "",
      "",
      "",
      " 2020-01-01 00:00:00 +0000",
      "\t1970-01-01 01:00:00.0 +01:00",
      "  19-01-01",
    ),
  )
  .map((parts) => parts.join(""));
const side = fc.oneof(
  { weight: 3, arbitrary: name },
  fc.constantFrom("/dev/null", "/dev/null\t", "/dev/nullx"),
);
const word = (text: string, value: fc.Arbitrary<string>) => value.map((rest) => `${text}${rest}`);
const mode = fc.constantFrom(
  "100644",
  "100755",
  "120000",
  "0120777",
  "4",
  "100644 x",
  "",
  "-1",
  "x",
);
const field = fc.oneof(
  ...["old mode ", "new mode ", "new file mode ", "deleted file mode ", "index 1..2 "].map((text) =>
    word(text, mode),
  ),
  ...["rename from ", "rename to ", "copy from ", "copy to "].map((text) => word(text, name)),
  fc.constantFrom("similarity index 9%", "index 1..2", "", "GIT binary patch", "literal 3"),
);
const hunk = fc.constantFrom(
  "@@ -0,0 +1 @@\n+x",
  "@@ -1 +1 @@\n-a\n+b",
  "@@ -1 +0,0 @@\n-a",
  "@@ -1 +1 @@ f\n a",
);
const twice = name.map((one) => `diff --git ${one} ${one.replace("a/", "b/")}`);
const sides = fc
  .tuple(word("--- ", side), word("+++ ", side), hunk)
  .map((lines) => lines.join("\n"));
const block = fc
  .tuple(
    fc.oneof(
      twice,
      fc.tuple(name, name).map((names) => `diff --git ${names.join(" ")}`),
      fc.constantFrom("", "prose"),
    ),
    fc.array(field, { maxLength: 2 }),
    fc.oneof(sides, sides, fc.constant(""), hunk),
  )
  .map(([head, fields, body]) => [head, ...fields, body, ""].join("\n"));
const blocks = fc
  .array(block, { minLength: 1, maxLength: 3 })
  .map((all) => Buffer.from(all.join(""), "latin1"));

fuzz("also where its headers are used as nobody does", { runs: 1_400, input: blocks }, assertSeen);

function assertSeen(bytes: Buffer): void {
  // As every patch is repaired before git gets it.
  const patch = bytes.at(-1) === 10 ? bytes : Buffer.concat([bytes, Buffer.from("\n")]);
  const ours = new Set(touchedPaths(patch).map(pathBytes));
  expect(pathsOfGit(patch).filter((path) => !ours.has(path))).toEqual([]);
}

/** What `git apply` would write to, as byte strings; none when it refuses the patch. A rename shows its new name only. */
function pathsOfGit(patch: Buffer): string[] {
  const { exitCode, stdout } = Bun.spawnSync(["git", "apply", "--numstat", "-z", "-"], {
    stdin: patch,
    stderr: "ignore",
    cwd: "/",
    env: { PATH: process.env.PATH, LC_ALL: "C", GIT_CONFIG_GLOBAL: "/dev/null" },
  });
  if (exitCode !== 0) return [];
  const records = stdout.toString("latin1").split("\0").slice(0, -1);
  const paths = records.map((record) => record.replace(/^[^\t]*\t[^\t]*\t/, ""));
  // An empty name is none that it can write. A side that is not there is no file to us; git takes it for one in a
  // header that does not say so, and then never finds it.
  return paths.filter((path) => path !== "" && !/^\/?dev\/null$/.test(path));
}
