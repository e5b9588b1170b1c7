// Owns small changes of meaning in TypeScript: where they can be made in a file, found in the compiler's own tree of it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  isBinaryExpression,
  isExpressionStatement,
  isNumericLiteral,
  isPrefixUnaryExpression,
  isTypeNode,
  type Node,
  SyntaxKind,
} from "typescript/unstable/ast";
import { API } from "typescript/unstable/async";

/** A change of one place of a text: characters `from` up to, not including, `until` give way to `by`. */
export type Mutant = {
  readonly kind: string;
  readonly from: number;
  readonly until: number;
  readonly by: string;
};

/** By operator: what stands in its place, and what that is called. */
const SWAPPED: Readonly<Record<string, readonly [by: string, kind: string]>> = {
  "===": ["!==", "comparison"],
  "!==": ["===", "comparison"],
  "<": ["<=", "comparison"],
  "<=": ["<", "comparison"],
  ">": [">=", "comparison"],
  ">=": [">", "comparison"],
  "&&": ["||", "logic"],
  "||": ["&&", "logic"],
  "+": ["-", "arithmetic"],
  "-": ["+", "arithmetic"],
};

/** A folder of its own, gone with its scope. */
export function ownFolder() {
  const path = mkdtempSync(join(tmpdir(), "tandem-mutants-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Every mutant of each text, in its order. */
export async function mutantsOf(texts: readonly string[]): Promise<Mutant[][]> {
  using folder = ownFolder();
  const files = texts.map((_, at) => `${at}.ts`);
  for (const [at, text] of texts.entries()) writeFileSync(join(folder.path, `${at}.ts`), text);
  const compilerOptions = { noLib: true, noResolve: true, types: [] };
  const config = join(folder.path, "tsconfig.json");
  writeFileSync(config, JSON.stringify({ compilerOptions, files }));
  const api = new API({ cwd: folder.path });
  try {
    const snapshot = await api.updateSnapshot({ openProjects: [config] });
    const [project] = snapshot.getProjects();
    const found: Mutant[][] = [];
    for (const [at, text] of texts.entries()) {
      const tree = await project?.program.getSourceFile(join(folder.path, `${at}.ts`));
      if (tree === undefined)
        throw new Error("the compiler has no tree for a file that it was given");
      const own: Mutant[] = [];
      tree.forEachChild((node) => walk(node, text, own));
      found.push(own);
    }
    return found;
  } finally {
    await api.close();
  }
}

function walk(node: Node, text: string, found: Mutant[]): void {
  // Types are gone when the program runs.
  if (isTypeNode(node) || NO_CODE.has(node.kind)) return;
  const change = changeOf(node, text);
  if (change !== undefined) found.push(change);
  node.forEachChild((child) => walk(child, text, found));
}

const NO_CODE = new Set([
  SyntaxKind.ImportDeclaration,
  SyntaxKind.ExportDeclaration,
  SyntaxKind.TypeAliasDeclaration,
  SyntaxKind.InterfaceDeclaration,
]);

function changeOf(node: Node, text: string): Mutant | undefined {
  const at = { from: startOf(node, text), until: node.end };
  const own = text.slice(at.from, at.until);
  if (isBinaryExpression(node)) {
    const operator = node.operatorToken;
    const from = startOf(operator, text);
    const swapped = SWAPPED[text.slice(from, operator.end)];
    return swapped && { kind: swapped[1], from, until: operator.end, by: swapped[0] };
  }
  if (isPrefixUnaryExpression(node) && own.startsWith("!"))
    return { kind: "negation", from: at.from, until: at.from + 1, by: "" };
  if (isNumericLiteral(node)) return { kind: "constant", ...at, by: `(${own} + 1)` };
  if (own === "true" || own === "false")
    return { kind: "constant", ...at, by: own === "true" ? "false" : "true" };
  if (isExpressionStatement(node)) return { kind: "statement", ...at, by: ";" };
  return undefined;
}

/** Behind white space and comments. */
function startOf(node: Node, text: string): number {
  const [before = ""] = /^(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/.exec(text.slice(node.pos)) ?? [];
  return node.pos + before.length;
}

/** The text with the mutant in it. */
export function mutated(text: string, { from, until, by }: Mutant): string {
  return text.slice(0, from) + by + text.slice(until);
}
