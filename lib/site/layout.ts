// Owns the frame of every page: one file with its style and scripts inside, and a policy that lets it load nothing.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Html, html, type Slot, trusted } from "./html.ts";
import { navigation } from "./navigation.ts";

type Asset = { readonly text: string; readonly hash: string };
export type Script =
  | "page.js"
  | "tabs.js"
  | "table.js"
  | "pair.js"
  | "find.js"
  | "outline.js"
  | "texts.js"
  | "patch.js"
  | "side.js"
  | "grid.js"
  | "live.js"
  | "steer.js";
export type PageContent = {
  /** Where the page lies in the site. */
  readonly path: string;
  readonly title: string;
  readonly main: Html;
  readonly scripts: readonly Script[];
  /** Wider than is comfortable for text, with the styles of pairs: for things side by side. */
  readonly broad?: boolean;
  /** Its styles, where they are others than those. */
  readonly style?: Look;
  /** Served from a running ledger: the page may ask its own server for news, and no other. */
  readonly live?: boolean;
  /** Whoever has the token may steer and annotate from it. */
  readonly steer?: boolean;
  /** What stands at the end: when it was made, from what. */
  readonly footer: Slot;
};

/** Two dots that meet in a third. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M3 3v4a4 4 0 0 0 4 4h2a4 4 0 0 0 4-4V3' fill='none' stroke='%232b6cb0' stroke-width='2'/%3E%3Ccircle cx='8' cy='12.5' r='2.5' fill='%231b7f5c'/%3E%3C/svg%3E";

const ASSETS = join(import.meta.dir, "assets");
const assets = new Map<string, Asset>();

/** A whole page. */
export function page(content: PageContent): string {
  const { path, title, main, footer, live = false, steer = false, broad = false } = content;
  const look = content.style ?? (broad ? "broad" : "plain");
  const style = asset(live ? `${look} live` : look);
  const scripts = [
    // First: it takes the token out of the address before others read it.
    ...(steer ? (["steer.js"] as const) : []),
    ...content.scripts,
    ...(live ? (["live.js"] as const) : []),
  ].map(asset);
  return frame({
    title: `${title} · Tandem`,
    live,
    hashes: { styles: [style.hash], scripts: scripts.map(({ hash }) => hash) },
    style: html`<style>${trusted(style.text)}</style>\n`,
    attributes: broad && html` class="broad"`,
    body: html`<a class="skip" href="#main">Skip to the content</a>
<header class="top"><nav aria-label="Pages">${navigation(path)}</nav><button type="button" id="theme" hidden>Theme</button></header>
<main id="main" tabindex="-1">
${main}
</main>
<footer>${footer}</footer>
${scripts.map(({ text }) => html`<script>${trusted(text)}</script>\n`)}`,
  });
}

type Frame = {
  readonly title: string;
  readonly live?: boolean;
  /** Of the styles and scripts that the page may have, now or later. */
  readonly hashes: Readonly<Record<"styles" | "scripts", readonly string[]>>;
  readonly style?: Html;
  readonly attributes?: Slot;
  readonly body: Html;
};

/** A document that may load nothing, and run nothing but scripts of these hashes. */
export function frame({ title, live = false, hashes, style, attributes, body }: Frame): string {
  const sources = (all: readonly string[]) => all.map((hash) => `'${hash}'`).join(" ");
  const policy = [
    "default-src 'none'",
    `style-src ${sources(hashes.styles)}`,
    `script-src ${sources(hashes.scripts)}`,
    "img-src data:",
    `connect-src ${live ? "'self'" : "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const whole = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="icon" href="${ICON}">
${style}</head>
<body${attributes}>
${body}</body>
</html>
`;
  return whole.text;
}

/** The script that shows the pages of a site in one file. */
export function singleScript(): string {
  return asset("single.js").text;
}

const PLAIN = ["colours.css", "page.css", "report.css"] as const;
const LOOKS = {
  plain: [...PLAIN, "overview.css"],
  broad: [
    ...PLAIN,
    ...["pairs.css", "clock.css", "transcript.css", "attempt.css"],
    ...["diff.css", "side.css", "work.css"],
  ],
  grid: [...PLAIN, "pairs.css", "grid.css"],
} as const;
type Look = keyof typeof LOOKS;
/** Which files of assets/ make what a page carries. */
const STYLES = {
  ...LOOKS,
  "plain live": [...LOOKS.plain, "live.css"],
  "broad live": [...LOOKS.broad, "live.css"],
  "grid live": [...LOOKS.grid, "live.css"],
} as const satisfies Record<string, readonly string[]>;

/** A style or script, with the hash by which the policy allows it. */
function asset(name: Script | "single.js" | keyof typeof STYLES): Asset {
  const known = assets.get(name);
  if (known !== undefined) return known;
  const text = filesOf(name)
    .map((file) => compact(readFileSync(join(ASSETS, file), "utf8"), file))
    .join("");
  return keep(name, text);
}

function filesOf(name: Script | "single.js" | keyof typeof STYLES): readonly string[] {
  return name in STYLES ? STYLES[name as keyof typeof STYLES] : [name];
}

function keep(name: Script | "single.js" | keyof typeof STYLES, text: string): Asset {
  const made = { text, hash: `sha256-${createHash("sha256").update(text).digest("base64")}` };
  assets.set(name, made);
  return made;
}

/** Makes one script of one that imports others, before a page carries it. Throws what the bundler found wrong. */
export async function bundle(name: Script): Promise<void> {
  if (assets.has(name)) return;
  const { outputs } = await Bun.build({
    entrypoints: [join(ASSETS, name)],
    format: "iife",
    target: "browser",
    minify: { whitespace: true, syntax: true },
  });
  keep(name, ((await outputs[0]?.text()) ?? "").trim());
}

/** Every page carries these: white space goes, names stay. */
function compact(text: string, name: string): string {
  if (name.endsWith(".js"))
    return new Bun.Transpiler({ loader: "js", minifyWhitespace: true }).transformSync(text).trim();
  return text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\s*\n\s*/g, " ")
    .replace(/\s*([{};,])\s*/g, "$1")
    .trim();
}
