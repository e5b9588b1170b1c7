import { describe, expect, test } from "bun:test";
import type { ToolCall } from "../model/model.ts";
import { actionsOf } from "./actions.ts";

const F = "```";

describe("fenced blocks", () => {
  const CASES: [name: string, text: string, commands: string[]][] = [
    ["one", `Look:\n\n${F}bash\nls -la\n${F}\n`, ["ls -la"]],
    [
      "of several lines",
      `${F}bash\ncat > f <<'X'\n\n  two\n\nX\n${F}`,
      ["cat > f <<'X'\n\n  two\n\nX"],
    ],
    ["several, in order", `${F}bash\na\n${F}\nthen\n${F}bash\nb\n${F}`, ["a", "b"]],
    [
      "not the others",
      `${F}python\na\n${F}\n${F}\nb\n${F}\n${F}console\nc\n${F}\n${F}bash\nd\n${F}`,
      ["d"],
    ],
    [
      "with four backticks around three",
      `${F}\`bash\necho '\n${F}\n'\n${F}\``,
      [`echo '\n${F}\n'`],
    ],
    ["not one that is quoted in another", `${F}\`md\n${F}bash\nrm x\n${F}\n${F}\``, []],
    ["with a block's opening in the command", `${F}bash\necho ${F}bash\n${F}`, [`echo ${F}bash`]],
    ["a line that opens another inside", `${F}bash\ncat\n${F}js\nb\n${F}`, [`cat\n${F}js\nb`]],
    ["marked in capitals or with words behind", `${F} Bash title="x"\na\n${F}`, ["a"]],
    ["in a list", `1. do\n  ${F}bash\n  if a; then\n    b\n  fi\n  ${F}`, ["if a; then\n  b\nfi"]],
    ["no inline code", `Use ${F}bash x${F} or \`ls\`.`, []],
    ["no text", "", []],
    ["A26: with CRLF", `Do:\r\n${F}bash\r\ncat <<X\r\n a\r\nX\r\n${F}\r\n`, ["cat <<X\n a\nX"]],
    ["A26: between tildes", "~~~bash\nls\n~~~", ["ls"]],
    ["A26: between more tildes, with fences inside", `~~~~ sh\n${F}\n~~~\n~~~~`, [`${F}\n~~~`]],
    ["A26: tildes do not close backticks", `${F}bash\na\n~~~\nb\n${F}`, ["a\n~~~\nb"]],
    ...["sh", "SH", "shell", "zsh", "{bash}", "{.sh}", "bash:run", "bash{1}"].map(
      (mark): (typeof CASES)[number] => [`A26: marked ${mark}`, `${F}${mark}\nls\n${F}`, ["ls"]],
    ),
    ...["bashful", "shtml", "sh2", "json", "ssh-config"].map((mark): (typeof CASES)[number] => [
      `A26: not marked ${mark}`,
      `${F}${mark}\nls\n${F}`,
      [],
    ]),
    [
      "A11: not within thoughts",
      `<think>\n${F}bash\nrm -rf src\n${F}\n</think>\n${F}bash\nls\n${F}`,
      ["ls"],
    ],
    [
      "A11: not before an end of thoughts without a beginning",
      `${F}bash\nrm -rf src\n${F}\n</think>\nDone.`,
      [],
    ],
    [
      "A11: not before the last of several ends",
      `<think>a</think>\n${F}bash\nrm a\n${F}\n<think>b</think>\n${F}bash\nls\n${F}`,
      ["ls"],
    ],
    [
      "A11: not in a block that thoughts leave open",
      `<think>\n${F}bash\nrm a\n</think>\n${F}bash\nls\n${F}`,
      ["ls"],
    ],
    ...["think", "thinking", "reasoning", "thought", "seed:think", "scratchpad"].flatMap(
      (name): typeof CASES => [
        [
          `A11: not within <${name}>`,
          `<${name} >\n${F}bash\nrm a\n${F}\n</${name} >\n${F}sh\nls\n${F}`,
          ["ls"],
        ],
        [`A11: not within <${name}> without an end`, `<${name}>\n${F}bash\nrm a\n${F}\nand`, []],
      ],
    ),
    ...[
      ["[THINK]", "[/THINK]"],
      ["◁think▷", "◁/think▷"],
      ["<|begin_of_thought|>", "<|end_of_thought|>"],
      ["<|START_THINKING|>", "<|END_THINKING|>"],
    ].flatMap(([begin, end]): typeof CASES => [
      [
        `A11: not within ${begin}`,
        `${begin}\n${F}bash\nrm a\n${F}\n${end}\n${F}bash\nls\n${F}`,
        ["ls"],
      ],
      [`A11: not within ${begin} without an end`, `${begin}\n${F}bash\nrm a\n${F}`, []],
    ]),
    [
      "A11: what was said before thoughts without an end",
      `${F}bash\nls\n${F}\n<think>\n${F}bash\nrm a\n${F}`,
      ["ls"],
    ],
    [
      "A11: the final channel only",
      `<|channel|>analysis<|message|>maybe\n${F}bash\nrm a\n${F}\n<|end|><|start|>assistant<|channel|>final<|message|>${F}bash\nls\n${F}\n<|return|>`,
      ["ls"],
    ],
    [
      "A11: nothing of the channel of analysis",
      `<|channel|>analysis<|message|>maybe\n${F}bash\nrm a\n${F}`,
      [],
    ],
    [
      "A11: channels whose marks were dropped",
      `analysis maybe\n${F}bash\nrm a\n${F}\nassistantfinal\n${F}bash\nls\n${F}`,
      ["ls"],
    ],
    [
      "A11: a word for thoughts within a sentence",
      `I mend \`<think>\`.\n${F}bash\nls\n${F}`,
      ["ls"],
    ],
    ["A11: a word for thoughts within a command", `${F}bash\n<think> x\n${F}`, ["<think> x"]],
    ["A26: with CR alone", `${F}bash\rls\r${F}\r`, ["ls"]],
    ["A26: behind a byte order mark", `\ufeff${F}bash\nls\n${F}`, ["ls"]],
    ...["/bin/bash", "/usr/bin/zsh", "language-bash", "shellscript"].map(
      (mark): (typeof CASES)[number] => [`A26: marked ${mark}`, `${F}${mark}\nls\n${F}`, ["ls"]],
    ),
    ["with trailing blanks at its end", `${F}bash\na\n${F}  \r\nmore`, ["a"]],
  ];
  test.each(CASES)("%s", (_, text, commands) => {
    expect(actionsOf({ text, tool_calls: [] }, "fenced")).toEqual(
      commands.map((command) => ({ command })),
    );
  });

  test("a long line that only looks like a fence costs no more than its length", () => {
    for (const filler of ["a", " ", "\t"])
      expect(
        actionsOf({ text: `${F}${filler.repeat(100_000)}\``, tool_calls: [] }, "fenced"),
      ).toEqual([]);
  });

  const PROBLEMS: [name: string, text: string, problem: string][] = [
    ["no end", `${F}bash\nls`, "no closing fence"],
    ["no command", `${F}bash\n\n${F}`, "command is empty"],
  ];
  test.each(PROBLEMS)("with %s", (_, text, problem) => {
    const found = actionsOf({ text, tool_calls: [] }, "fenced");
    expect(found).toEqual([{ problem: expect.stringContaining(problem) }]);
  });

  test("are all that counts: tool calls that nobody offered are none", () => {
    const tool_calls = [{ id: "1", name: "bash", arguments: { command: "ls" } }];
    expect(actionsOf({ text: "", tool_calls }, "fenced")).toEqual([]);
  });
});

describe("tool calls", () => {
  const made = (fields: Partial<ToolCall>) => ({ id: "7", name: "bash", arguments: {}, ...fields });
  const act = (fields: Partial<ToolCall>) =>
    actionsOf({ text: `${F}bash\nno\n${F}`, tool_calls: [made(fields)] }, "native");

  test("are the commands, whatever the text holds", () => {
    expect(act({ arguments: { command: "ls", timeout: 5 } })).toEqual([
      { call_id: "7", command: "ls" },
    ]);
  });

  test.each(["functions.bash", "default_api.bash", "bash<|channel|>commentary", " bash"])(
    "are known by the name %s, which servers leave of a model's own format",
    (name) => {
      const command = "ls";
      expect(act({ name, arguments: { command } })).toEqual([{ call_id: "7", command }]);
    },
  );

  const PROBLEMS: [name: string, fields: Partial<ToolCall>, problem: string][] = [
    ["another tool", { name: "python" }, 'no tool "python"'],
    ["arguments that are no JSON", { malformed: '{"command": "ls' }, '"{\\"command\\": \\"ls"'],
    ["no argument", {}, "takes one argument"],
    ["another argument", { arguments: { cmd: "ls" } }, "You gave: cmd."],
    ["a long name", { name: "x".repeat(500) }, `no tool "${"x".repeat(80)}…": the only`],
    ["a long argument", { arguments: { ["x".repeat(500)]: 1 } }, `You gave: ${"x".repeat(80)}….`],
    ["a number", { arguments: { command: 7 } }, "takes one argument"],
    ["a list", { arguments: { command: ["ls"] } }, "takes one argument"],
    ["an empty command", { arguments: { command: " \n" } }, "command is empty"],
    ["a NUL", { arguments: { command: "a\0b" } }, "NUL"],
  ];
  test.each(PROBLEMS)("with %s", (_, fields, problem) => {
    expect(act(fields)).toEqual([{ call_id: "7", problem: expect.stringContaining(problem) }]);
  });
});
