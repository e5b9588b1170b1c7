import { describe, expect, test } from "bun:test";
import { visible } from "../core/visible.ts";
import { escaped, html, joined, trusted } from "./html.ts";

describe("escaped", () => {
  const cases: [text: string, expected: string][] = [
    ["plain", "plain"],
    ["<b>&\"'", "&lt;b&gt;&amp;&quot;&#39;"],
    ["&lt;", "&amp;lt;"],
    ["a\nb\tc", "a\nb\tc"],
    ["\u001b[31mred\u001b[0m", "red"],
    ["a\u0000b\u0007c", "a␀b␇c"],
    ["a\rb", "a␍b"],
    ["\u202etxt.exe", "⟨U+202E⟩txt.exe"],
    ["a\u200bb\u2066c\ufeff", "a⟨U+200B⟩b⟨U+2066⟩c⟨U+FEFF⟩"],
    ["\u007f\u0085", "⟨U+007F⟩⟨U+0085⟩"],
    ["lone \ud800 half", "lone \ufffd half"],
    ["日本語 🎉 é", "日本語 🎉 é"],
  ];
  test.each(cases)("%j", (text, expected) => {
    expect(escaped(text)).toBe(expected);
    expect(visible(visible(text))).toBe(visible(text));
  });
});

describe("html", () => {
  const cases: [name: string, made: { text: string }, expected: string][] = [
    ["escapes text", html`<p>${"<i>"}</p>`, "<p>&lt;i&gt;</p>"],
    ["escapes attributes", html`<a title="${'"><x'}">`, '<a title="&quot;&gt;&lt;x">'],
    ["keeps what is HTML", html`<p>${html`<b>${1}</b>`}</p>`, "<p><b>1</b></p>"],
    ["prints lists", html`${["a", html`<br>`, ["<"]]}`, "a<br>&lt;"],
    ["prints nothing for nothing", html`[${null}${undefined}${false}]`, "[]"],
    ["prints zero and the empty text", html`[${0}${""}]`, "[0]"],
    ["keeps escapes that look like markup", html`${"&amp;<"}`, "&amp;amp;&lt;"],
    ["trusts when told", html`${trusted("<hr>")}`, "<hr>"],
    ["joins with escaped separators", joined(["a", html`<b></b>`], "<"), "a&lt;<b></b>"],
  ];
  test.each(cases)("%s", (_, made, expected) => expect(made.text).toBe(expected));
});
