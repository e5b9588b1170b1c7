// Owns reading TOML: its values, and the lines that their keys and values stand on.
import { type AST, ParseError, parseTOML } from "toml-eslint-parser";

/** Where a value is: keys of tables, positions in lists. */
export type Path = readonly (string | number)[];
/** Without a prototype, so that a key such as `__proto__` is a key like any other. */
export type Table = { [key: string]: unknown };
/** Lines from 1. */
export type Lines = { readonly key: number; readonly value: number };
export type Toml = {
  readonly value: Table;
  /** Where the text has a value; undefined if it has none there. */
  readonly linesOf: (path: Path) => Lines | undefined;
};

/** What makes a text invalid TOML, and on which line. */
export class TomlError extends Error {
  override readonly name = "TomlError";
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** The text's values, dates as Date. Throws TomlError. */
export function parseToml(given: string): Toml {
  const text = given.replace(/^\uFEFF/, "");
  const reader = new Reader();
  try {
    const [top] = parseTOML(text, { tomlVersion: "1.0" }).body;
    for (const node of top.body) reader.read(node);
  } catch (error) {
    throw asTomlError(error, text);
  }
  return { value: reader.root, linesOf: (path) => reader.lines.get(JSON.stringify(path)) };
}

export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;
}

/** What people write is four levels deep; only an attack on the stack goes further. */
const DEEPEST = 16;

const emptyTable = (): Table => Object.create(null);

class Reader {
  readonly root = emptyTable();
  readonly lines = new Map<string, Lines>();

  read(node: AST.TOMLTable | AST.TOMLKeyValue): void {
    if (node.type === "TOMLKeyValue") {
      this.readPair(node, this.root, []);
      return;
    }
    const { line } = node.key.loc.start;
    this.see(node.resolvedKey, { key: line, value: line });
    const target = tableAt(this.root, node.resolvedKey);
    for (const pair of node.body) this.readPair(pair, target, node.resolvedKey);
  }

  private readPair(node: AST.TOMLKeyValue, into: Table, inside: Path): void {
    const names = node.key.keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value));
    const path = [...inside, ...names];
    this.see(path, { key: node.key.loc.start.line, value: node.value.loc.start.line });
    const holder = tableAt(into, names.slice(0, -1));
    for (const name of names.slice(-1)) holder[name] = this.valueOf(node.value, path);
  }

  private valueOf(node: AST.TOMLContentNode, path: Path): unknown {
    if (node.type === "TOMLValue") return node.value;
    if (node.type === "TOMLArray")
      return node.elements.map((element, index) => {
        const { line } = element.loc.start;
        this.see([...path, index], { key: line, value: line });
        return this.valueOf(element, [...path, index]);
      });
    const table = emptyTable();
    for (const pair of node.body) this.readPair(pair, table, path);
    return table;
  }

  /** Remembers the lines; the tables that a path opens on its way begin where it stands. */
  private see(path: Path, lines: Lines): void {
    if (path.length > DEEPEST)
      throw new TomlError(`more than ${DEEPEST} tables or lists inside each other`, lines.key);
    const opened = { key: lines.key, value: lines.key };
    for (let length = path.length; length > 0; length--) {
      const key = JSON.stringify(path.slice(0, length));
      if (this.lines.has(key)) return;
      this.lines.set(key, length === path.length ? lines : opened);
    }
  }
}

/** The table at the path; tables and lists that are missing are made. The parser has refused what contradicts. */
function tableAt(root: Table, path: Path): Table {
  let at: Table | unknown[] = root;
  for (const [index, name] of path.entries()) {
    const made: Table | unknown[] = typeof path[index + 1] === "number" ? [] : emptyTable();
    const found: unknown = Array.isArray(at) ? at[Number(name)] : at[name];
    const next: Table | unknown[] = isTable(found) || Array.isArray(found) ? found : made;
    if (Array.isArray(at)) at[Number(name)] = next;
    else at[name] = next;
    at = next;
  }
  return Array.isArray(at) ? emptyTable() : at;
}

function asTomlError(error: unknown, text: string): TomlError {
  if (error instanceof TomlError) return error;
  // The parser builds a string with one call that takes one argument per character: a very long one overflows the stack.
  if (error instanceof RangeError) return new TomlError("a string in it is too long", 1);
  if (!(error instanceof ParseError)) throw error;
  const { index, lineNumber, message } = error;
  // What is missing at the end of a line is noticed at the next token.
  const late = /^(Expected|Unterminated|No newlines|The key, equals)/.test(message);
  const line = late ? text.slice(0, index).trimEnd().split("\n").length : lineNumber;
  return new TomlError(`${message.charAt(0).toLowerCase()}${message.slice(1)}`, line);
}
