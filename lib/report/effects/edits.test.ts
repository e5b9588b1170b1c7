import { describe, expect, test } from "bun:test";
import { cpuMs } from "../../core/testing.ts";
import { editsIn } from "./edits.ts";
import { isMeant, knownPaths } from "./paths.ts";
import { promisesIn } from "./promises.ts";
import { writtenBy } from "./shell.ts";

const KNOWN = knownPaths(["src/a.ts", "src/b.ts", "src/deep/c.py", "Makefile", "go.mod"]);
const editedBy = (name: string, given: Record<string, unknown>) =>
  editsIn([{ agent_id: "agent1", step: 1, name, arguments: given }], KNOWN).map(({ path }) => path);
const bash = (command: string) => editedBy("bash", { command });

const COMMANDS: readonly (readonly [command: string, ...files: string[]])[] = [
  ["cat src/a.ts && grep -n x src/b.ts | head"],
  ["cat > src/a.ts <<'EOF'\nif (a > b) x => src/b.ts\nEOF\ncat src/b.ts", "src/a.ts"],
  ["echo x >> src/a.ts; echo y 2> err.txt 1> src/b.ts", "src/a.ts", "src/b.ts"],
  ["bun test > /dev/null 2>&1"],
  ["printf x | tee -a src/a.ts", "src/a.ts"],
  ["sed -i 's/a > b/c/' src/a.ts src/b.ts", "src/a.ts", "src/b.ts"],
  ["sed -n '1,20p' src/a.ts"],
  ["cd /workspace/repo && perl -pi -e 's/a/b/' ./src/a.ts", "src/a.ts"],
  ["git apply <<'EOF'\n--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1 +1 @@\n-x\n+y\nEOF", "src/a.ts"],
  ["patch -p1 < fix.diff"],
  [
    "apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: src/a.ts\n*** Add File: src/n.ts\n*** End Patch\nEOF",
    "src/a.ts",
    "src/n.ts",
  ],
  ["git checkout main -- src/a.ts && git restore src/b.ts", "src/a.ts", "src/b.ts"],
  ["git checkout feature && git add -A && git diff > patch.txt"],
  [
    "mv src/a.ts src/n.ts && cp src/b.ts src/m.ts && rm -f Makefile",
    "src/a.ts",
    "src/n.ts",
    "src/m.ts",
    "Makefile",
  ],
  ["python3 - <<'EOF'\np = 'src/a.ts'\nt = open(p).read()\nopen(p, 'w').write(t)\nEOF", "src/a.ts"],
  ["python3 - <<'EOF'\nprint(open('src/a.ts').read())\nEOF"],
  ['bun -e \'import { x } from "./src/b.ts"; await Bun.write("src/a.ts", x)\'', "src/a.ts"],
  ["cat > /tmp/try.ts <<'EOF'\nx\nEOF\necho a > /tmp/repo/src/a.ts"],
  ["send_message agent2 'I will not touch src/a.ts > src/b.ts'"],
  [""],
];

describe("a command edits", () => {
  test.each(COMMANDS.map(([command, ...files]) => [command, files] as const))(
    "%p",
    (command, files) => {
      expect(bash(command)).toEqual([...files]);
    },
  );
});

const TOOLS: readonly (readonly [
  name: string,
  given: Record<string, unknown>,
  ...files: string[],
])[] = [
  ["Edit", { file_path: "/workspace/repo/src/a.ts", old_string: "a", new_string: "b" }, "src/a.ts"],
  ["MultiEdit", { file_path: "src/a.ts" }, "src/a.ts"],
  ["Write", { file_path: "/repo/src/b.ts", content: "" }, "src/b.ts"],
  ["str_replace_editor", { command: "view", path: "src/a.ts" }],
  ["str_replace_editor", { command: "str_replace", path: "src/a.ts" }, "src/a.ts"],
  [
    "apply_patch",
    { input: "*** Begin Patch\n*** Update File: src/a.ts\n*** End Patch" },
    "src/a.ts",
  ],
  ["Read", { file_path: "src/a.ts" }],
  ["grep", { path: "src/a.ts" }],
  ["Edit", { file_path: 7 }],
];
test.each(TOOLS.map(([name, given, ...files]) => [name, given, files] as const))(
  "the tool %s with %p edits %p",
  (name, given, files) => {
    expect(editedBy(name, given)).toEqual([...files]);
  },
);

test("a file that a step writes twice is one edit; of two steps it is two", () => {
  const call = (step: number) => ({
    agent_id: "agent1",
    step,
    name: "bash",
    arguments: { command: "echo >> src/a.ts; echo >> src/a.ts" },
  });
  expect(editsIn([call(1), call(1), call(2)], KNOWN).map(({ step }) => step)).toEqual([1, 2]);
});

const MEANT: readonly (readonly [named: string, path: string, meant: boolean])[] = [
  ["a.ts", "src/a.ts", true],
  ["a.ts", "src/data.ts", false],
  ["deep/c.py", "src/deep/c.py", true],
  ["src/", "src/deep/c.py", true],
  ["deep/", "src/deep/c.py", true],
  ["src/*.ts", "src/a.ts", true],
  ["src/*.py", "src/deep/c.py", false],
  ["src/**", "src/deep/c.py", true],
  ["src/**/*.py", "src/c.py", true],
  ["*.test.ts", "tests/a.test.ts", true],
  [`${"*a".repeat(99)}b`, `${"a".repeat(900)}`, false],
];
test.each(MEANT)("%s means %s: %p", (named, path, meant) => {
  expect(isMeant(named, path)).toBe(meant);
});

test("a megabyte of anything is read quickly, as a command and as a message", () => {
  const pieces = [
    "\n",
    "<<EOF\n",
    '"\\"',
    "> a ",
    "open('",
    "+++ b/a\n",
    "`a/b.c` and ",
    "- a/b.c\n",
    "I: a/b.c ",
  ];
  const context = { paths: ["a/b.c"], sender: "agent1", reader: "agent2" };
  const slow = pieces.filter((piece) => {
    const text = `git apply a/b.c ${piece.repeat(1_000_000 / piece.length)}`;
    return cpuMs(() => [writtenBy(text), promisesIn(text, context)]) > 800;
  });
  expect(slow).toEqual([]);
});
