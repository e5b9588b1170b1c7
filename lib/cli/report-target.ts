// Owns where a report goes, and in which format: flags, the ending of a file's name, or what standard output is.
import { statSync } from "node:fs";
import { extname } from "node:path";
import { UsageError } from "../core/fault.ts";
import { oneOf } from "./args.ts";

export const FORMATS = ["table", "md", "json", "csv", "tex", "parquet", "html"] as const;
export type Format = (typeof FORMATS)[number];
/** Formats whose files hold one part each. */
export type PartFormat = "csv" | "parquet";
/** `path` is undefined for standard output. */
export type Target =
  | {
      readonly format: Exclude<Format, "html">;
      readonly path: string | undefined;
      readonly folder: boolean;
    }
  | { readonly format: "html"; readonly path: string };

type Flags = Readonly<Partial<Record<"out" | "format" | "html", string | undefined>>>;

/** Throws UsageError for formats that do not go together, or do not go with their target. */
export async function targetOf(flags: Flags, { json }: { json: boolean }): Promise<Target> {
  const { out, html } = flags;
  const said =
    flags.format === undefined ? undefined : await oneOf("--format", flags.format, FORMATS);
  if (html !== undefined) return siteOf(html, { out, said });
  const folder = out !== undefined && isFolder(out);
  const format =
    said ?? (out === undefined ? (json ? "json" : "table") : await formatOf(out, folder));
  if (format === "html") {
    if (out === undefined)
      throw new UsageError("a site needs a folder or a file: --html DIR, or --html FILE.html");
    return { format, path: out };
  }
  if (format === "parquet" && out === undefined)
    throw new UsageError("parquet needs a file or a folder: -o FILE.parquet or -o DIR/");
  if (folder && format !== "csv" && format !== "parquet")
    throw new UsageError(`${format} is one file: name it with -o, "${out}" is a folder`);
  return { format, path: out, folder };
}

function siteOf(
  html: string,
  { out, said }: { out: string | undefined; said: Format | undefined },
): Target {
  if (out !== undefined) throw new UsageError("--html names the site: omit -o");
  if (said !== undefined && said !== "html")
    throw new UsageError(`--html writes a site: omit --format ${said}`);
  return { format: "html", path: html };
}

/** The format that a name implies; a folder without a format is for a site. */
async function formatOf(path: string, folder: boolean): Promise<Format> {
  const ending = extname(path).slice(1).toLowerCase();
  if (folder) return "html";
  if (ending === "txt") return "table";
  if (ending !== "") return await oneOf(`-o ${path}: its ending`, ending, FORMATS);
  throw new UsageError(
    `-o ${path} does not show the format: end it in .md, .json, … or give --format`,
  );
}

function isFolder(path: string): boolean {
  return path.endsWith("/") || (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false);
}
