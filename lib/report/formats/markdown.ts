// Owns a report in GitHub-flavoured Markdown.
import { markdownTable } from "markdown-table";
import type { Sheet } from "../sheet.ts";

/** A heading, a table and its notes for each sheet; `title` is the document's. */
export function markdown(title: string, sheets: readonly Sheet[]): string {
  return [`# ${plain(title)}\n`, ...sheets.map(section)].join("\n");
}

function section({ title, columns, rows, notes }: Sheet): string {
  const heads = columns.map(({ name }) => name);
  const cells = rows.map((row) => row.map((cell) => plain(cell).replaceAll("|", "\\|")));
  const align = columns.map((column) => (column.align === "right" ? "r" : "l"));
  const said = notes.map((note) => `\n${plain(note)}\n`).join("");
  return `## ${plain(title)}\n\n${markdownTable([heads, ...cells], { align })}\n${said}`;
}

/** One line that Markdown and HTML leave as it is. */
function plain(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll("\\", "\\\\")
    .replaceAll(/[`*<]/g, "\\$&")
    .replaceAll(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "\\_");
}
