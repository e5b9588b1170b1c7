import { describe, expect, test } from "bun:test";
import { holdsPlan, SPEECH_ACTS, type SpeechAct, speechAct } from "./speech-acts.ts";

/** Labelled by hand. `open`: the reader had asked something, and the writer had read it. */
const EXAMPLES: readonly (readonly [label: SpeechAct, text: string, open?: "open"])[] = [
  ["question", "Which files will you change?"],
  ["question", "Are you touching src/parser.ts? I am about to rename parse() there."],
  [
    "question",
    "Plan: I add scale.ts and one export at the end of index.ts. Does that work for you?",
  ],
  ["question", "Could you keep the ranges inside readAmount and leave parse.ts to me"],
  ["question", "Question: what will an amount look like with ranges? I multiply it."],
  ["question", "Please confirm that the signature stays (path, options)."],
  ["question", "Let me know which of the two names you prefer."],
  ["question", "I finished the cache. (Did you see my note about `Config`?)"],
  ["question", "Should I move the constant to constants.py, or will you?"],
  ["question", "What do you need from __init__.py"],
  ["question", "**Open question:** the default of `strict`"],
  ["question", "Yes, that fits. And who writes the changelog?", "open"],
  ["question", "Any objection to a keyword-only argument?!"],
  ["question", "Do you already handle None in encode(), so that I need not?"],

  ["answer", "Yes, that fits: ingredientText is yours.", "open"],
  ["answer", "No, I only edit src/format.ts.", "open"],
  ["answer", "An amount becomes a pair, low and high, both the same for a plain number.", "open"],
  ["answer", "Sounds good!", "open"],
  ["answer", "I'll change router.go and middleware.go, nothing else.", "open"],
  ["answer", "None.", "open"],
  ["answer", "The second one, please.", "open"],
  ["answer", "To your question: the option is called max_depth and defaults to 3."],
  ["answer", "Answer: line 40 onwards is free."],
  ["answer", "You asked about the decorator: it stays as it is, I have only added a parameter."],
  ["answer", "Regarding your question, the field is optional."],
  ["answer", "I have not looked at it yet, take whatever you like.", "open"],

  ["plan", "I'll take lib/parse.ts lines 10-40; you take the rest."],
  [
    "plan",
    "Plan: I add a new module cache.py and one import in __init__.py. I touch no other file.",
  ],
  ["plan", "My plan for src/render.ts: the new option goes above bullet."],
  ["plan", "Thanks, that suits me: I add one line under Serves in renderText."],
  ["plan", "I stay in quantity.ts and types.ts, so we have no file in common. Go ahead."],
  ["plan", "Let's put both options at the end of the struct, yours first."],
  [
    "plan",
    "I am going to implement the retry decorator in utils/retry.py with a backoff parameter.",
  ],
  ["plan", "I propose that we split the function: validation first (me), then the loop (you)."],
  [
    "plan",
    "Hi! Working on feature 2. I will modify `Image.save` in PIL/Image.py around line 2400 and add a helper next to it.",
  ],
  ["plan", "Got it. I won't touch the header of the output."],
  ["plan", "OK, then parse.ts is yours and render.ts is mine."],
  ["plan", "Done with the parser; next I'll write the formatter."],
  ["plan", "We should both keep the import block sorted."],
  ["plan", "Status: nothing written yet. I plan to start with the tokenizer.", "open"],
  ["plan", "I intend to add `timeout` as the last keyword argument of `fetch`."],

  ["update", "Done: I added parse() in src/parser.ts and all tests pass."],
  ["update", "Update: ranges are done, in quantity.ts and types.ts, as agreed."],
  ["update", "I have merged your branch for a try: no conflict, and the tests are green."],
  ["update", "I've pushed the fix to my branch."],
  ["update", "FYI the helper lives in lib/util/strings.ts."],
  ["update", "Implemented the feature in mux.go (lines 120-160), submitted."],
  ["update", "My branch is pushed: notes in types.ts and parse.ts."],
  ["update", "The split is gone, renderText is in one piece again."],
  ["update", "I'm currently editing typing.py, around line 80."],
  ["update", "All 14 tests pass on my side."],
  ["update", "Heads up: the signature of encode() changed."],
  ["update", "I renamed the field to `max_items` in two places."],
  ["update", "Thanks. I finished mine and submitted the patch."],
  [
    "update",
    "Update: scaling is done. I copy ingredients with a spread, so any field of yours survives.",
    "open",
  ],
  ["update", "It works now; the build was broken by a missing import."],

  ["acknowledgement", "Thanks!"],
  ["acknowledgement", "Got it, thanks for the details."],
  ["acknowledgement", "Understood. No conflict then."],
  ["acknowledgement", "👍"],
  ["acknowledgement", "Ok, sounds good."],
  ["acknowledgement", "Perfect, that matches what I have in mind."],
  ["acknowledgement", "Will do."],
  ["acknowledgement", "Noted: the last line stays free."],
  ["acknowledgement", "Sounds like a plan, great."],

  ["other", "Hello from agent2."],
  ["other", ""],
  ["other", "The grammar has three levels of precedence."],
  ["other", "```ts\n// should I?\nconst x = a ? b : c;\n```"],
  ["other", "> Which files do you change?"],
  ["other", "See https://example.org/search?q=plan"],
];

describe("the label", () => {
  test.each(EXAMPLES.map(([label, text, open]) => ({ label, text, open })))(
    "$label: $text",
    ({ label, text, open }) => {
      expect(speechAct(text, { question_open: open === "open" })).toBe(label);
    },
  );

  test("has examples of each kind", () => {
    const labels = new Set(EXAMPLES.map(([label]) => label));
    expect([...labels]).toEqual([...SPEECH_ACTS, "other"]);
    expect(EXAMPLES.length).toBeGreaterThanOrEqual(60);
  });

  test("of a sign of a question inside code or a type is none of a question", () => {
    for (const text of [
      "I added `amountMax?: number` to the type.",
      "I added amountMax?: number to the type.",
      "Done, with a?.b and x ?? y where it was x || y.",
    ])
      expect([text, speechAct(text, { question_open: false })]).toEqual([text, "update"]);
  });

  test("of a message that does everything is the first in the order", () => {
    const parts = [
      "Thanks for the note.",
      "I've added the export.",
      "I will take parse.ts.",
      "To your question: it stays.",
      "Which files do you take?",
    ];
    const labels = parts.map((_, at) =>
      speechAct(parts.slice(0, at + 1).join(" "), { question_open: false }),
    );
    expect(labels).toEqual(SPEECH_ACTS.toReversed());
  });
});

test("a plan is seen behind a question too", () => {
  expect(holdsPlan("I'll take parse.ts. Is that fine?")).toBe(true);
  expect(holdsPlan("Is that fine?")).toBe(false);
});

test("long hostile texts are labelled in one pass", () => {
  for (const part of [
    "?",
    "`",
    "```",
    "i ",
    "a.",
    "> ",
    "https://",
    "you take ",
    "(",
    "question ",
    "'\" ",
  ])
    expect(typeof speechAct(part.repeat(30_000), { question_open: false })).toBe("string");
});
