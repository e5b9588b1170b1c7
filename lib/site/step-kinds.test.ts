import { describe, expect, test } from "bun:test";
import { failureIn, traitsOf } from "./step-kinds.ts";
import type { Turn } from "./trajectory.ts";

const asked = (command: string, name = "bash"): Turn[] => [
  {
    role: "assistant",
    content: "",
    step: 1,
    tool_calls: [
      { name, arguments: name === "bash" ? { command } : { path: command }, malformed: undefined },
    ],
  },
];

type Case = readonly [command: string, kinds: string, tool?: string];
const CASES: readonly Case[] = [
  ["cat src/a.ts", ""],
  ["ls -la && git status && git diff", ""],
  ["grep -rn 'bun test' .", ""],
  ["node -e 'const f = (x) => x > 3'", ""],
  ["cat a 2>/dev/null >&2", ""],
  ["git diff > patch.txt", ""],
  ["python x.py > /tmp/out", ""],
  ['send_message agent2 "run pytest > now"', ""],
  ["send_message agent2 <<'MSG'\nplease run bun test\nand rm -rf x > y\nMSG\nls", ""],
  ["cat > src/a.ts <<'EOF'\nlet a = 1\nEOF", "edit"],
  ["echo x >> a.txt", "edit"],
  ["sed -i 's/a/b/' a.ts", "edit"],
  ["sed -n 1,4p a.ts", ""],
  ["perl -pi -e 's/a/b/' x.py", "edit"],
  ["git apply <<'EOF'\ndiff --git a/x.ts b/x.ts\n--- a/x.ts\n+++ b/x.ts\nEOF", "edit"],
  ["git checkout -b mine", ""],
  ["python3 - <<'E'\nopen('a','w')\nE", ""],
  ["python3 -c \"open('a.py', 'w').write('')\"", "edit"],
  ["echo a | tee src/b.ts", "edit"],
  ["bun test", "test"],
  ["cd x && npm run test -- --watch=false", "test"],
  ["npx vitest run", "test"],
  ["python -m pytest -q tests", "test"],
  ["pytest", "test"],
  ["go test ./...", "test"],
  ["cargo nextest run", "test"],
  ["node --import tsx --test a.test.ts", "test"],
  ["make check", "test"],
  ["sed -i s/a/b/ x.ts && bun test x.test.ts", "edit test"],
  ["x.ts", "edit", "str_replace_based_edit_tool"],
  ["x.ts", "edit", "Write"],
  ["x.ts", "", "Read"],
];

describe("the kinds of a step", () => {
  test.each(CASES.map((one) => [one[0], one] as const))(
    "%j",
    (_command, [command, kinds, tool]) => {
      expect(traitsOf(asked(command, tool), undefined).kinds.join(" ")).toBe(kinds);
    },
  );

  const results: readonly (readonly [string, string | null])[] = [
    ["[exit status 0]\nfine", null],
    ["[exit status 1]\nno", "exit 1"],
    ["[the command was killed at its time limit]\n", "killed at its time limit"],
    ["Exit code: 2\nboom", "exit 2"],
    ["nothing said", null],
  ];
  test.each(results)("a result %j is %p", (result, told) => {
    expect(failureIn(result)).toBe(told);
    const turns = [...asked("x"), { role: "tool", content: result, step: 1, tool_calls: [] }];
    expect(traitsOf(turns, undefined).kinds).toEqual(told === null ? [] : ["failed"]);
  });

  test("takes time in proportion to the command", () => {
    const began = performance.now();
    for (const piece of ["<<'A'\n", "sed ", "' ", "> ", "bun "])
      traitsOf(asked(piece.repeat(15_000)), undefined);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
