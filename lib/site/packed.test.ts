import { describe, expect, test } from "bun:test";
import { html, trusted } from "./html.ts";
import { page } from "./layout.ts";
import { packed, packPage, unpackPage } from "./packed.ts";

const line = (n: number) => html`<p id="at-${n}">line ${n}: <b>${"<&>'\"\0"}</b> é 漢</p>\n`;
const long = html`${Array.from({ length: 400 }, (_, n) => line(n))}`;

function pageOf(main: ReturnType<typeof html>): string {
  return page({ path: "index.html", title: "t", main, scripts: ["page.js"], footer: "made" });
}

describe("a page with large parts", () => {
  const text = pageOf(
    html`<h1>t</h1>${packed(long)}<p>between</p>${packed(html`${packed(line(7))}`)}`,
  );

  test("is smaller when packed, always the same bytes, and the same page again when unpacked", () => {
    const file = packPage(text);
    expect(file.length).toBeLessThan(pageOf(long).length / 2);
    expect(packPage(text)).toBe(file);
    expect(file).not.toContain("line 399");
    expect(file).toContain("<p>between</p>");
    expect(unpackPage(file)).toBe(pageOf(html`<h1>t</h1>${long}<p>between</p>${line(7)}`));
  });

  test("has words for browsers without scripts, and nothing that its policy must allow", () => {
    const file = packPage(text);
    expect(file.match(/<noscript/g)).toHaveLength(2);
    expect(file.match(/<script/g)).toEqual(text.match(/<script/g));
    expect(file.match(/content="default-src[^>]*/)).toEqual(
      text.match(/content="default-src[^>]*/),
    );
  });

  test("with little in them stays as it is", () => {
    const small = packPage(pageOf(packed(line(1))));
    expect(small).toBe(pageOf(line(1)));
    expect(unpackPage(small)).toBe(small);
  });

  test("takes no mark from a text", () => {
    const written = html`<p>${"<!--packed-->x<!--/packed-->"}</p>`;
    expect(packPage(pageOf(written))).toBe(pageOf(written));
    expect(packed(trusted("a<!--/packed-->b")).text.match(/<!--/g)).toHaveLength(2);
  });
});
