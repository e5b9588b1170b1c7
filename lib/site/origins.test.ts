import { describe, expect, test } from "bun:test";
import { addedLines, originHtml, originsOf, sentBy } from "./origins.ts";
import type { Trajectory } from "./trajectory.ts";

const call = (given: Record<string, unknown>) => ({ name: "bash", arguments: given });
const turn = (step: number, tool_calls: ReturnType<typeof call>[], content = "") => ({
  ...{ role: "assistant", step, tool_calls, content },
});
const sent = (agent_id: string, turns: ReturnType<typeof turn>[]) =>
  sentBy(agent_id, { turns, problem: null } as Trajectory);

const one = sent("agent1", [
  turn(1, [call({ command: "cat > f <<'E'\nconst first = 1;\nconst second = 2;\n}\nE" })]),
  turn(2, [call({ edits: [{ text: "const second = 2;" }, { text: "  const third = 3;" }] })]),
  turn(3, [call({ command: "sed -i 's/x/const fourth = parse(4);/' f" })]),
  turn(4, [], "I wrote\nconst said = 5;"),
]);
const two = sent("agent2", [turn(1, [call({ command: "echo\nconst other = 6;" })])]);

describe("the step that wrote a line", () => {
  const cases: [line: string, steps: [string, number][]][] = [
    ["const first = 1;", [["agent1", 1]]],
    ["  const second = 2;", [["agent1", 2]]],
    ["const third = 3;", [["agent1", 2]]],
    ["const fourth = parse(4);", [["agent1", 3]]],
    ["const said = 5;", [["agent1", 4]]],
    ["const other = 6;", [["agent2", 1]]],
    ["x", []],
    ["}", []],
  ];
  test.each(cases)("%j", (line, steps) => {
    const found = originsOf([line], [one, two]);
    expect(found.steps.map(({ agent_id, step }) => [agent_id, step])).toEqual(steps as never);
    expect(found.elsewhere).toBe(line === "x" ? 1 : 0);
  });

  test("is told with its lines and a link, and with those that no command has", () => {
    const lines = ["const first = 1;", "const second = 2;", "const third = 3;", "made by a tool"];
    expect(String(originHtml(originsOf(lines, [one])))).toBe(
      'written in <a href="#agent1-step-1">step 1</a> (1 line), <a href="#agent1-step-2">step 2</a> (2 lines); 1 line is in no command, so a tool or a script made it',
    );
    expect(
      String(originHtml(originsOf([lines[0] ?? "", "const other = 6;"], [one, two]))),
    ).toContain(">agent2, step 1</a>");
    expect(originHtml(originsOf(["}"], [one]))).toBeNull();
  });

  test("is looked for among the lines that the agent's patch adds", () => {
    const bytes = Buffer.from("--- a/f\n+++ b/f\n@@ -1 +1,2 @@\n same\n+  added\n");
    expect(addedLines([bytes, undefined]).has("added")).toBe(true);
    expect(addedLines([bytes]).has("same")).toBe(false);
  });
});
