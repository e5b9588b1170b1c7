import { describe, expect, test } from "bun:test";
import { promisesIn } from "./promises.ts";

const PATHS = [
  ...["src/types.ts", "src/index.ts", "src/render.ts", "src/parse.ts", "src/quantity.ts"],
  ...[
    "src/scale.ts",
    "src/metric.ts",
    "src/time.ts",
    "README.md",
    "tests/parse.test.ts",
    "Makefile",
  ],
];
const NAMES = { sender: "agent1", reader: "agent2" };

/** `I` and `you`, `+` to change and `-` to leave alone, with what else is said, and the files. */
function shortOf(text: string, { sender, reader } = NAMES): string[] {
  return promisesIn(text, { paths: PATHS, sender, reader }).map((promise) => {
    const more = (["only", "part", "further", "fresh"] as const).filter((name) => promise[name]);
    const kind = `${promise.by === sender ? "I" : "you"} ${promise.kind === "touch" ? "+" : "-"}`;
    return [kind, ...more, ...promise.paths].join(" ");
  });
}

type Cases = readonly (readonly [text: string, ...expected: string[]])[];
const check = (cases: Cases) =>
  test.each(cases.map(([text, ...expected]) => [text, expected] as const))(
    "%p",
    (text, expected) => {
      expect(shortOf(text)).toEqual([...expected]);
    },
  );

describe("what the sender will change", () => {
  check([
    ["I'll edit src/parse.ts.", "I + src/parse.ts"],
    [
      "I will add a note to `parse.ts` and extend `src/types.ts`.",
      "I + src/parse.ts",
      "I + src/types.ts",
    ],
    ["I'm working in lines 10-40 of src/parse.ts.", "I + src/parse.ts"],
    ["I am going to change src/parse.ts:12-30, ok?", "I + src/parse.ts"],
    ["I think I'll put it in src/types.ts", "I + src/types.ts"],
    ["I need parseIngredient in src/parse.ts.", "I + src/parse.ts"],
    ["In src/render.ts I edit ingredientText and its call.", "I + src/render.ts"],
    ["In src/render.ts I only edit ingredientText and its call.", "I + src/render.ts"],
    ["I'll only edit src/parse.ts and src/types.ts.", "I + only src/parse.ts src/types.ts"],
    ["I'll keep my changes in src/quantity.ts.", "I + only src/quantity.ts"],
    ["I add src/scale.ts, a new file. I touch no other file.", "I + only fresh src/scale.ts"],
    ["I won't touch anything outside src/scale.ts.", "I + only src/scale.ts"],
    ["My implementation only touches src/scale.ts.", "I + only src/scale.ts"],
    [
      "Everything else of mine is in src/time.ts and src/render.ts.",
      "I + src/time.ts src/render.ts",
    ],
    ["src/parse.ts is mine.", "I + src/parse.ts"],
    ["Let me handle src/index.ts.", "I + src/index.ts"],
    ["agent1 will take care of src/parse.ts.", "I + src/parse.ts"],
    ["I'll edit src/*.ts and everything under src/.", "I + src/*.ts src/"],
    ["I'll add an include to the Makefile and update the README.", "I + Makefile", "I + README.md"],
    ["I'll add tests for src/parse.ts in tests/parse.test.ts.", "I + tests/parse.test.ts"],
    [
      "I'll use formatAmount from src/quantity.ts and edit src/render.ts like src/parse.ts.",
      "I + src/render.ts",
    ],
    [
      "I will modify /workspace/repo/src/parse.ts and ./src/types.ts.",
      "I + src/parse.ts src/types.ts",
    ],
    ["I could edit src/parse.ts, but I'll edit src/types.ts.", "I + src/types.ts"],
    ["Once you push, I'll update src/index.ts.", "I + src/index.ts"],
    ["Currently editing src/parse.ts.", "I + src/parse.ts"],
    ["I'll make a change to helpers.py and not to other.py.", "I + helpers.py", "I - other.py"],
  ]);
});

describe("what the sender will leave alone", () => {
  check([
    ["I will not touch src/render.ts.", "I - src/render.ts"],
    [
      "I won't be touching `render.ts` or `src/types.ts`; they're yours.",
      "I - src/render.ts src/types.ts",
    ],
    ["I'm not touching src/*.ts except src/scale.ts.", "I - src/*.ts"],
    ["I don't plan to modify src/render.ts.", "I - src/render.ts"],
    ["I don't think I'll need to change src/render.ts.", "I - src/render.ts"],
    ["I will neither touch src/parse.ts nor src/types.ts.", "I - src/parse.ts src/types.ts"],
    ["I promise not to touch src/render.ts.", "I - src/render.ts"],
    ["I stay out of src/render.ts.", "I - src/render.ts"],
    ["parse.ts is yours, I will not touch it.", "I - src/parse.ts"],
    ["amountText and src/quantity.ts stay yours.", "I - src/quantity.ts"],
    [
      "I leave amountText, the top of renderText and src/quantity.ts to you.",
      "I - src/quantity.ts",
    ],
    ["No changes to src/types.ts from my side.", "I - src/types.ts"],
    ["My changes don't touch src/types.ts.", "I - src/types.ts"],
    ["src/parse.ts will remain untouched by me.", "I - src/parse.ts"],
    ["I'll keep src/types.ts as it is.", "I - src/types.ts"],
    ["I won't change the signature of parse in src/parse.ts.", "I - part src/parse.ts"],
    ["I won't touch lines 10-40 of src/parse.ts.", "I - part src/parse.ts"],
    ["I'm done with src/parse.ts and won't touch it any more.", "I - further src/parse.ts"],
    [
      "I'll add Z to src/index.ts without touching src/types.ts.",
      "I + src/index.ts",
      "I - src/types.ts",
    ],
    [
      "I am NOT modifying src/parse.ts, only src/render.ts.",
      "I - src/parse.ts",
      "I + only src/render.ts",
    ],
    ["As you asked, I'll leave src/types.ts alone.", "I - src/types.ts"],
    ["You said you'd edit src/types.ts, so I won't touch it.", "I - src/types.ts"],
  ]);
});

describe("what is asked of the reader", () => {
  check([
    ["Please don't touch src/types.ts.", "you - src/types.ts"],
    [
      "agent2, please leave src/types.ts to me. Leave src/index.ts alone too.",
      "you - src/types.ts",
      "you - src/index.ts",
    ],
    ["Could you please not modify `src/quantity.ts`?", "you - src/quantity.ts"],
    ["Make sure you don't overwrite src/index.ts.", "you - src/index.ts"],
    ["Please make sure that src/types.ts stays unchanged.", "you - src/types.ts"],
    ["I'd appreciate it if you could avoid src/parse.ts.", "you - src/parse.ts"],
    ["Do not edit src/types.ts – I am not done.", "you - src/types.ts"],
    ["src/parse.ts: please don't edit.", "you - src/parse.ts"],
    ["Can you add Z to src/index.ts?", "you + src/index.ts"],
    ["It would be great if you could put yours in src/render.ts.", "you + src/render.ts"],
    ["I need you to add a field to src/types.ts.", "you + src/types.ts"],
    ["I think you should edit src/types.ts instead of src/parse.ts.", "you + src/types.ts"],
    ["Don't forget to export it from src/index.ts.", "you + src/index.ts"],
    ["Please only edit src/render.ts.", "you + only src/render.ts"],
    ["I take src/parse.ts and you take src/render.ts.", "I + src/parse.ts", "you + src/render.ts"],
    [
      "Could you keep ranges inside f in src/quantity.ts and leave parse.ts to me?",
      "you + src/quantity.ts",
      "you - src/parse.ts",
    ],
    [
      "I don't want to touch src/types.ts; could you add a note there?",
      "I - src/types.ts",
      "you + src/types.ts",
    ],
  ]);
});

describe("lists and labels", () => {
  check([
    [
      "My plan:\n1. Modify `src/parse.ts`: split\n2. Leave `src/types.ts` untouched",
      "I + src/parse.ts",
      "I - src/types.ts",
    ],
    [
      "Files I'll touch:\n- src/parse.ts\n- src/types.ts (a field)\n\nFiles I won't touch:\n- src/render.ts",
      "I + src/parse.ts",
      "I + src/types.ts",
      "I - src/render.ts",
    ],
    [
      "### Files I will modify\n- `src/parse.ts` – split\n- `src/render.ts`: no changes",
      "I + src/parse.ts",
      "I - src/render.ts",
    ],
    [
      "**My files**: `src/parse.ts`, `src/types.ts`\n**Your files**: `src/render.ts`",
      "I + src/parse.ts src/types.ts",
      "you + src/render.ts",
    ],
    ["Mine: src/parse.ts. Yours: src/render.ts.", "I + src/parse.ts", "I - src/render.ts"],
    [
      "The split:\n- agent1: src/parse.ts\n- Agent 2: src/render.ts",
      "I + src/parse.ts",
      "you + src/render.ts",
    ],
    ["Plan for src/render.ts:\n- I call it\n- f and g are yours, I leave both alone"],
    ["Plan for src/render.ts:\n- I change the last line of amountText", "I + src/render.ts"],
    ["Done so far:\n- src/parse.ts: added the split\n- src/types.ts"],
    ["I have changed:\n- src/parse.ts\n- src/types.ts"],
  ]);
});

describe("no promise", () => {
  const none = [
    "I have added X to src/index.ts and changed src/parse.ts.",
    "Update: scaling is done. It is all in src/scale.ts, plus one export in src/index.ts.",
    "I only changed src/parse.ts. README.md is unchanged. I never touched src/types.ts.",
    "If you want, I could move it to src/parse.ts. If you agree, I'll edit src/types.ts.",
    "I'll edit src/types.ts if that is fine with you.",
    "I won't touch src/types.ts until you push. Until then I won't touch src/parse.ts.",
    "I might touch src/types.ts. Maybe I will edit src/index.ts. I can edit src/parse.ts.",
    "Should I edit src/parse.ts? Are you touching src/types.ts? Can I take src/index.ts?",
    "Which of us will edit src/parse.ts? What if I leave src/types.ts to you?",
    "> I will not touch src/render.ts\nThanks!",
    'You wrote "I will not touch src/render.ts", thanks.',
    "You said: please don't touch src/render.ts.",
    "The task says that I should edit src/parse.ts, and that you edit src/render.ts.",
    "```\nI will not touch src/render.ts\n```",
    "~~~\nPlease don't edit src/render.ts",
    "Run `git checkout -- src/render.ts`. It says `I will edit src/render.ts`.",
    "+ I will edit src/render.ts\n@@ I leave src/parse.ts to you",
    "You can edit src/render.ts. Feel free to change src/types.ts. You don't need to touch src/parse.ts.",
    "I'll read src/parse.ts and run tests/parse.test.ts. Please review src/render.ts.",
    "I will import it from https://example.org/src/parse.ts and node.js.",
    "We should not touch README.md. Let's both avoid src/types.ts.",
    "I was going to edit src/parse.ts. I'm done editing src/types.ts. I haven't touched src/index.ts.",
    "Tell me whether you edit src/parse.ts. Please tell me before you edit src/types.ts.",
    "Adding a field to src/types.ts would break src/parse.ts.",
    "Your change to src/types.ts breaks my tests in tests/parse.test.ts.",
    "My line goes below it (conflict in src/render.ts).",
    "I will not touch the head of the output. amountText is yours.",
    "Ich werde src/parse.ts nicht ändern. Je vais modifier src/types.ts.",
    "",
  ];
  test.each(none)("%p", (text) => expect(shortOf(text)).toEqual([]));
});

test("the words that say it are kept, with the names of files as they were written", () => {
  const [promise] = promisesIn("Thanks! I will not touch `render.ts`.", { paths: PATHS, ...NAMES });
  expect(promise).toMatchObject({ quote: "I will not touch render.ts.", paths: ["src/render.ts"] });
});

test("a name that two files have stays as it is written; what is not known too", () => {
  const paths = ["a/util.py", "b/util.py"];
  const of = (text: string) => promisesIn(text, { paths, ...NAMES }).map((one) => one.paths);
  expect(of("I'll edit util.py, a/util.py and other/new.py.")).toEqual([
    ["util.py", "a/util.py", "other/new.py"],
  ]);
});
