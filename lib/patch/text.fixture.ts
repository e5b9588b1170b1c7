// Owns a small patch for tests, and the pieces that patches like it are made of.

export const bytes = (text: string) => Buffer.from(text, "latin1");
export const head = (path: string, ...more: string[]) =>
  [`diff --git a/${path} b/${path}`, ...more, ""].join("\n");
export const change = "--- a/f.txt\n+++ b/f.txt\n@@ -1,2 +1,2 @@ def f():\n one\n-two\n+zwei\n";
export const modify = `${head("f.txt", "index 111..222 100644")}${change}`;
