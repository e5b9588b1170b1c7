import { describe, expect, test } from "bun:test";
import { diff, patchSize } from "./diff.ts";
import { escaped } from "./html.ts";

const shownOf = (text: string | Uint8Array, where = "r/agent1/patch.diff") =>
  diff(typeof text === "string" ? Buffer.from(text) : text, where).text;
const head = (names: string) => `diff --git ${names}\n`;
const change = "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n";

describe("the head of a file", () => {
  const cases: [name: string, patch: string, words: string[]][] = [
    [
      "new",
      `${head("a/n b/n")}new file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n`,
      ["new file", "+1 −0"],
    ],
    [
      "new and executable",
      `${head("a/n b/n")}new file mode 100755\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n`,
      ["new file", "executable"],
    ],
    [
      "deleted",
      `${head("a/n b/n")}deleted file mode 100644\n--- a/n\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n`,
      ["deleted", "+0 −1"],
    ],
    [
      "renamed",
      `${head("a/o b/n")}similarity index 100%\nrename from o\nrename to n\n`,
      ["<code>n</code>", "renamed from o"],
    ],
    [
      "copied",
      `${head("a/o b/n")}similarity index 100%\ncopy from o\ncopy to n\n`,
      ["copied from o"],
    ],
    [
      "of another mode",
      `${head("a/n b/n")}old mode 100644\nnew mode 100755\n`,
      ["mode 100644 → 100755"],
    ],
    [
      "binary",
      `${head("a/n b/n")}index 1..2 100644\nBinary files a/n and b/n differ\n`,
      ["binary"],
    ],
  ];
  test.each(cases)("%s: is one line of words", (_, patch, words) => {
    const [summary = ""] = /<summary>.*?<\/summary>/.exec(shownOf(patch)) ?? [];
    for (const word of words) expect(summary).toContain(word);
  });
});

describe("the text of a patch", () => {
  /** What assets/patch.js puts together. */
  const copied = (shown: string) => {
    const exact = /<template>(.*?)<\/template>/s.exec(shown)?.[1];
    const decode = (text: string) =>
      text
        .replaceAll(/<[^>]*>/g, "")
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")
        .replaceAll("&quot;", '"')
        .replaceAll("&#39;", "'")
        .replaceAll("&amp;", "&");
    if (exact !== undefined) {
      const given = JSON.parse(decode(exact));
      return typeof given === "string" ? Buffer.from(given) : Buffer.from(given.base64, "base64");
    }
    const blocks = [...shown.matchAll(/<pre class="diff"[^>]*>(.*?)<\/pre>/gs)];
    return Buffer.from(blocks.map(([, text = ""]) => decode(text)).join(""));
  };
  const cases: [name: string, patch: string | Uint8Array, twice: boolean][] = [
    ["plain", head("a/f b/f") + change, false],
    [
      "two files",
      head("a/f b/f") + change + head("a/g b/g") + change.replaceAll("/f", "/g"),
      false,
    ],
    ["signs of HTML", `${head("a/f b/f")}${change.replace("+b", `+<b> & "'`)}`, false],
    ["without a last newline", (head("a/f b/f") + change).slice(0, -1), true],
    ["carriage returns", (head("a/f b/f") + change).replace("+b", "+b\r"), true],
    ["what misleads", (head("a/f b/f") + change).replace("+b", "+\u202eb\u001b[31m"), true],
    ["a mail around it", `From: me\n\n${head("a/f b/f")}${change}-- \n2.1\n`, true],
    [
      "no text",
      Buffer.concat([Buffer.from(head("a/f b/f") + change), Buffer.from([0x2b, 0xff, 0x0a])]),
      true,
    ],
    ["no patch", "just words\n", true],
  ];
  test.each(cases)("comes out of the page byte by byte: %s", (_, patch, twice) => {
    const shown = shownOf(patch);
    expect(copied(shown)).toEqual(Buffer.from(patch));
    expect(shown.includes("<template>")).toBe(twice);
  });
  test("that is too large to be there twice is named", () => {
    const long = `${head("a/f b/f")}--- a/f\n+++ b/f\n@@ -0,0 +1,20000 @@\n${"+line\n".repeat(20_000)}`;
    const shown = shownOf(long);
    expect(shown).toContain("Too large to copy from here: all of it is in r/agent1/patch.diff.");
    expect(shown).toContain("19504 more lines".replace("19504", "19\u202f504"));
    expect(shown.length).toBeLessThan(60_000);
  });
  test("says where a file is too long for colours", () => {
    const line = `+${"x = 1; ".repeat(50)}\n`;
    const long = `${head("a/f.py b/f.py")}--- a/f.py\n+++ b/f.py\n@@ -0,0 +1,100 @@\n${line.repeat(100)}`;
    expect(shownOf(long)).toContain("too long for colours");
    expect(shownOf(head("a/f.py b/f.py") + change)).not.toContain("too long for colours");
  });
  test("has colours in its first files alone where it is very long", () => {
    const file = (name: string) => `${head(`a/${name} b/${name}`)}--- a/${name}\n+++ b/${name}\n`;
    const many = Array.from(
      { length: 10 },
      (_, at) => `${file(`f${at}.py`)}@@ -0,0 +1,400 @@\n${"+x = 1\n".repeat(400)}`,
    ).join("");
    const parts = shownOf(many).split("<summary>").slice(1);
    expect(parts.map((part) => part.includes("too long for colours"))).toEqual(
      Array.from({ length: 10 }, (_, at) => at > 7),
    );
  });
  test("is counted, and empty where it is", () => {
    expect(patchSize(Buffer.from(head("a/f b/f") + change))).toBe("1 file, +1 −1 lines");
    expect(shownOf("")).toContain("Empty.");
  });
});

test("plain text is escaped as it is, and the rest as before", () => {
  expect(escaped("a = b; c\t\n")).toBe("a = b; c\t\n");
  expect(escaped(`<&>"'`)).toBe("&lt;&amp;&gt;&quot;&#39;");
  expect(escaped("\u202e\u0000")).toBe("⟨U+202E⟩␀");
});
