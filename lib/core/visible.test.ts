import { describe, expect, test } from "bun:test";
import { renderTable } from "../report/table.ts";
import { harmless } from "../status/text.ts";
import { cpuMs } from "./testing.ts";
import { shownByCode, visible, visibleJson } from "./visible.ts";

test("S7: no character that misleads is taken for one that is surely seen", () => {
  const misleads = /\p{Cc}|\p{Default_Ignorable_Code_Point}|\p{Mn}|[\u2028\u2029\ufff9-\ufffb]/u;
  for (let code = 0; code < 0x10000; code++) {
    const char = String.fromCharCode(code);
    if (!misleads.test(char) || char === "\t" || char === "\n") continue;
    // One mark alone is not a stack of them: seven are.
    const seven = shownByCode(`a${char.repeat(7)}`);
    expect({ code, kept: seven === `a${char.repeat(7)}` }).toEqual({ code, kept: false });
  }
  expect(shownByCode("a\ud800b")).toBe("a\ufffdb");
});

describe("S7: what misleads is shown by its code:", () => {
  const CASES: [what: string, text: string, expected: string][] = [
    ["a title that never ends", "a\u001b]0;rest of the text", "a␛]0;rest of the text"],
    ["a title that ends on another line", "\u001b]0;one\ntwo\u0007", "␛]0;one\ntwo␇"],
    ["a title that ends", "a\u001b]0;evil\u0007b", "ab"],
    ["a link", "\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\", "text"],
    ["the clipboard", "\u001b]52;c;cm0gLXJm\u0007ls", "ls"],
    ["a clipboard that never ends", "\u001b]52;c;cm0gLXJm", "␛]52;c;cm0gLXJm"],
    ["colours", "\u001b[1;31mred\u001b[0m", "red"],
    ["a colour that is cut", "red\u001b[1;3", "red␛[1;3"],
    ["cursor up, line gone", "FAILED\u001b[1A\u001b[2Kpassed", "FAILEDpassed"],
    ["device control, never ended", "\u001bPq#0;2;0;0;0#0!200~", "␛Pq#0;2;0;0;0#0!200~"],
    ["application command", "\u001b_secret\u001b\\shown", "shown"],
    ["reset", "a\u001bcb", "ab"],
    ["charset", "\u001b(0lqqk\u001b(B", "lqqk"],
    ["an escape alone", "a\u001b", "a␛"],
    ["an escape before a letter of another script", "\u001bé", "␛é"],
    ["8-bit control sequences", "a\u009b31mb\u009d0;t\u009c", "a⟨U+009B⟩31mb⟨U+009D⟩0;t⟨U+009C⟩"],
    ["carriage return", "FAILED\rpassed", "FAILED␍passed"],
    ["backspaces", "rm\b\bls", "rm␈␈ls"],
    ["NUL and DEL", "a\0b\u007f", "a␀b⟨U+007F⟩"],
    [
      "directions",
      "\u202aa\u202eb\u2066c\u2069\u061c",
      "⟨U+202A⟩a⟨U+202E⟩b⟨U+2066⟩c⟨U+2069⟩⟨U+061C⟩",
    ],
    ["no width", "a\u200bb\u200cc\u2060d\ufeff", "a⟨U+200B⟩b⟨U+200C⟩c⟨U+2060⟩d⟨U+FEFF⟩"],
    ["fillers and soft hyphens", "a\u00ad\u3164\u115f\u034f", "a⟨U+00AD⟩⟨U+3164⟩⟨U+115F⟩⟨U+034F⟩"],
    ["letters as tags", "a\u{e0041}\u{e0062}", "a⟨U+E0041⟩⟨U+E0062⟩"],
    ["bytes as variants", "a\ufe00\u{e0100}", "a⟨U+FE00⟩⟨U+E0100⟩"],
    ["line separators", "a\u2028b\u2029c", "a⟨U+2028⟩b⟨U+2029⟩c"],
    ["half a pair", "a\ud83d b", "a\ufffd b"],
    ["a heap of marks", `a${"\u0301".repeat(500)}b`, `a${"\u0301".repeat(6)}⟨494 marks⟩b`],
  ];
  test.each(CASES)("%s", (_, text, expected) => {
    expect(visible(text)).toBe(expected);
    expect(visible(expected)).toBe(expected);
    // On a terminal, in a table and on the board of the work under way.
    for (const shown of [renderTable([{ text }], { width: 2000 }), harmless(text)])
      expect(shownByCode(shown)).toBe(shown);
  });

  const ORDINARY = [
    "日本語 🎉 é",
    "❤️ 1️⃣",
    "👩‍👩‍👧 👩🏽‍💻",
    "tab\tline\n",
    "नि\u0301",
    "Z̧̄",
    "ẹ́",
    "a b",
  ];
  test.each(ORDINARY)("%j stays", (text) => expect(visible(text)).toBe(text));
});

test("S7: JSON keeps the text whole, and a terminal unharmed", () => {
  const text = `\u009b2J\u202e\u{e0041}\u200b${"\u0301".repeat(99)}\u001b]0;\n"\\`;
  const json = visibleJson(JSON.stringify({ text, "\u202ekey": [text] }));
  expect(JSON.parse(json)).toEqual({ text, "\u202ekey": [text] });
  expect(json.replaceAll("\u0301", "")).toBe(shownByCode(json.replaceAll("\u0301", "")));
});

describe("S10: no text takes longer the longer it is, character by character:", () => {
  const PIECES = [
    "\u001b]0;",
    "\u001b[",
    "\u001b[0",
    "\u001bP",
    "\u001b",
    "\u0301",
    "\ufe0f",
    "\u202e",
    "\u001b] ",
    " ",
    "0",
  ];
  test.each(PIECES)("%j", (piece) => {
    const text = piece.repeat(Math.ceil(200_000 / piece.length));
    const took_ms = cpuMs(() => {
      visible(text);
      visibleJson(text);
    });
    expect(took_ms).toBeLessThan(2000);
  });
});
