// Owns a report in LaTeX: tables with booktabs rules that go on over pages, escaped, with captions and labels.
import { type Band, bandsOf } from "../bands.ts";
import type { Sheet } from "../sheet.ts";

/** Characters of \footnotesize in the text width of the article class, about; the widest font's are .53 em. */
const ROOM = { width: 72, gap: 2 };
const EM_A_CHARACTER = 0.53;
const HASH = /\b([0-9a-f]{12})[0-9a-f]{28,}\b/g;

/** A fragment to \input; its first line says which packages it needs. `title` goes into a comment. */
export function latex(title: string, sheets: readonly Sheet[]): string {
  const head = `% ${title.replaceAll(/\s+/g, " ")}\n% Needs \\usepackage{booktabs,longtable}\n`;
  return `${head}${sheets.flatMap(tablesOf).join("")}`;
}

function tablesOf(sheet: Sheet): string[] {
  const short = { ...sheet, rows: sheet.rows.map((row) => row.map(shortHash)) };
  return bandsOf(short, ROOM).map((band, index) => tableOf(short, band, index + 1));
}

function tableOf(sheet: Sheet, band: Band, number: number): string {
  const { name, title, columns, rows, notes } = sheet;
  // What is wider than its place is broken into lines.
  const wide = band.map(({ at, width }) => rows.some((row) => (row[at] ?? "").length > width));
  const spec = band.map(({ at, width }, index) => {
    if (wide[index]) return `p{${(width * EM_A_CHARACTER).toFixed(1)}em}`;
    return columns[at]?.align === "right" ? "r" : "l";
  });
  const line = (cells: readonly string[]) =>
    `${cells.map((cell, index) => (wide[index] ? breakable(cell) : escaped(cell))).join(" & ")} \\\\\n`;
  const heads = line(band.map(({ at }) => columns[at]?.name ?? ""));
  const body = rows.map((row) => line(band.map(({ at }) => row[at] ?? ""))).join("");
  const caption = number === 1 ? [title, ...notes].map(sentence).join(" ") : `${title}, continued.`;
  const label = `tab:${name.replaceAll(/[^A-Za-z0-9-]/g, "-")}${number === 1 ? "" : `-${number}`}`;
  return `
\\begingroup\\footnotesize\\setlength{\\tabcolsep}{3pt}
\\begin{longtable}{${spec.join("")}}
\\caption{${escaped(caption)}}\\label{${label}}\\\\
\\toprule
${heads}\\midrule
\\endfirsthead
\\toprule
${heads}\\midrule
\\endhead
\\bottomrule
\\endfoot
${body}\\end{longtable}
\\endgroup
`;
}

function sentence(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}

function shortHash(text: string): string {
  return text.replaceAll(HASH, "$1…");
}

const SPECIAL: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  $: "\\$",
  "&": "\\&",
  "#": "\\#",
  _: "\\_",
  "%": "\\%",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  "[": "{[}",
  "]": "{]}",
  '"': "''",
  "`": "\\textasciigrave{}",
  "−": "$-$",
  "±": "$\\pm$",
  "×": "$\\times$",
  "≥": "$\\geq$",
  "…": "\\ldots{}",
  "–": "--",
};
/** Letters with accents that every engine sets; other characters outside ASCII need packages and fonts. */
const KNOWN_LETTER = /[À-ÏÑ-ÖØ-Ýßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿ]/;

/** Text as LaTeX shows it, character by character. What an engine may not know is written as `U+4E2D`. */
export function escaped(text: string): string {
  return [...text.replaceAll(/\s+/g, " ")].map(escapedCharacter).join("");
}

function escapedCharacter(character: string, at: number, all: readonly string[]): string {
  const special = SPECIAL[character];
  if (special !== undefined) return special;
  // Two hyphens would become a dash, and ?` or !` a Spanish mark.
  if (character === "-" && all[at - 1] === "-") return "{}-";
  if (/^[ -~]$/.test(character) || KNOWN_LETTER.test(character)) return character;
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Ragged lines, in which long words may be broken after a slash, a colon or an underscore. */
function breakable(text: string): string {
  return `{\\raggedright ${escaped(text).replaceAll(/\/|:|\\_/g, "$&\\allowbreak{}")}\\par}`;
}
