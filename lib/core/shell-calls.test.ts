import { describe, expect, test } from "bun:test";
import { commandIn, exitCodeIn, type ShellTool } from "./shell-calls.ts";

describe("the command of a call", () => {
  const CASES: [name: string, given: Record<string, unknown>, command: string | undefined][] = [
    ["Bash", { command: "ls", description: "look" }, "ls"],
    ["bash", { command: "ls" }, "ls"],
    ["exec_command", { cmd: "ls -l", yield_time_ms: 1000 }, "ls -l"],
    ["shell", { command: ["bash", "-lc", "ls | wc"] }, "ls | wc"],
    ["local_shell", { command: ["ls", "-l"] }, "ls -l"],
    ["run_shell_command", { command: "ls", is_background: false }, "ls"],
    ["execute_bash", { command: "ls" }, "ls"],
    ["terminal", { command: "ls" }, "ls"],
    ["runInTerminal", { command: "ls" }, "ls"],
    ["developer__shell", { command: "ls" }, "ls"],
    ["terminal", { command: "", is_input: true }, undefined],
    ["BashOutput", { bash_id: "b1" }, undefined],
    ["write_stdin", { session_id: 1, chars: "y" }, undefined],
    ["Edit", { file_path: "a", old_string: "x", new_string: "y" }, undefined],
    ["publish", { command: "ls" }, undefined],
    ["shell", { command: 7 }, undefined],
    ["shell", {}, undefined],
  ];
  test.each(CASES)("%s %j is %p", (name, given, command) => {
    expect(commandIn({ name, arguments: given })).toBe(command as string);
  });

  const own: ShellTool = { tool: "do_it", argument: "what" };
  test.each([
    ["do_it", { what: "ls" }, "ls"],
    ["bash", { command: "ls" }, undefined],
  ])("a program's own %s %j is %p", (name, given, command) => {
    expect(commandIn({ name, arguments: given }, own)).toBe(command as string);
  });
});

describe("the exit code of a result", () => {
  const CASES: [result: string, exit_code: number | null][] = [
    ["", null],
    ["a\nb\n", null],
    ["Error: Exit code 2\nls: cannot access", 2],
    ["Exit code 0\n", 0],
    ["Chunk ID: 1\nWall time: 0.1 seconds\nProcess exited with code 1\nOutput:\nx", 1],
    ["Process running with session ID 4\nOutput:\n", null],
    ['{"output":"x","metadata":{"exit_code":127,"duration_seconds":0.1}}', 127],
    [
      "Command: false\nDirectory: (root)\nOutput: (empty)\nError: (none)\nExit Code: 1\nSignal: 0",
      1,
    ],
    ["Output: x\nExit Code: (none)\nSignal: 9", null],
    ["x\n[The command completed with exit code 3.]\n[Current working directory: /w]", 3],
    ["<returncode>1</returncode>\n<output>\nx</output>", 1],
    ['{\n  "returncode": 0,\n  "output": "x"\n}', 0],
    ["the server replied: exit code 5 means busy", null],
    [`${"x\n".repeat(9)}exit code 5\n${"x\n".repeat(9)}`, null],
    ["killed, exit status -9", null],
    ["exit status 137\n", 137],
  ];
  test.each(CASES)("%j is %p", (result, exit_code) => {
    expect(exitCodeIn(result)).toBe(exit_code);
  });
});
