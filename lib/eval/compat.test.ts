// Owns the proof that the old system's patch handling is reproduced, flaws and all.
import { describe, expect, test } from "bun:test";
import { compatPatch } from "./compat.ts";

const block = (path: string, line = "+b") =>
  `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-a\n${line}\n`;

describe("compatPatch", () => {
  const cases: [what: string, given: string, made: string][] = [
    ["leaves an honest patch alone", block("a.py"), block("a.py")],
    ["makes nothing of a blank one", " \n\t\n", ""],
    ["adds a final newline", block("a.py").slice(0, -1), block("a.py")],
    [
      "unescapes shell quotes wherever they stand",
      block("a.py", "+won'\\''t"),
      block("a.py", "+won't"),
    ],
    ["turns CRLF into LF, as reading text does", block("a.py", "+b\r"), block("a.py")],
    ["drops a tests folder", block("tests/x.py") + block("a.py"), block("a.py")],
    ["drops test_ files", block("a.py") + block("src/test_x.py"), block("a.py")],
    [
      "drops the real module src/jinja2/tests.py",
      block("src/jinja2/tests.py") + block("a.py"),
      block("a.py"),
    ],
    ["knows no _test.go", block("mux_test.go"), block("mux_test.go")],
    ["drops a test_ file at the top too: its a/ comes before", block("test_x.py"), ""],
    ["knows no conftest.py", block("conftest.py"), block("conftest.py")],
  ];
  test.each(cases)("%s", (_, given, made) => {
    expect(Buffer.from(compatPatch(Buffer.from(given))).toString()).toBe(made);
  });
});
