// Owns the head of one file in a patch: names, modes and kind, read as `git apply` reads them.
import {
  commonName,
  hasNoPrefix,
  isDevNull,
  isEpoch,
  type Strip,
  sideName,
  traditionalName,
  type Value,
  valueAt,
  wholeName,
} from "./header-names.ts";
import { pathText } from "./quote.ts";

export type FileKind = "modify" | "add" | "delete" | "rename" | "copy";
/** Modes are those that a tree can hold, whatever the patch says: "100644", "100755", "120000", "040000", "160000". */
export type FileHead = {
  old_path: string | undefined;
  new_path: string | undefined;
  kind: FileKind;
  old_mode: string | undefined;
  new_mode: string | undefined;
};
/** What the lines have said so far; `common` is the name that both sides of the `diff --git` line have. */
type Draft = {
  readonly strip: Strip;
  readonly common: string | undefined;
  old: string | undefined;
  new: string | undefined;
  kind: FileKind;
  old_mode: string | undefined;
  new_mode: string | undefined;
  problem: string | undefined;
};

const FIELDS: readonly (readonly [string, (draft: Draft, value: Value) => void])[] = [
  ["--- ", (draft, value) => setSide(draft, "old", value)],
  ["+++ ", (draft, value) => setSide(draft, "new", value)],
  ["old mode ", (draft, value) => setMode(draft, "old_mode", value.text)],
  ["new mode ", (draft, value) => setMode(draft, "new_mode", value.text)],
  ["deleted file mode ", setDeleted],
  ["new file mode ", setAdded],
  ["copy from ", (draft, value) => setName(draft, "copy", { old: wholeName(value) })],
  ["copy to ", (draft, value) => setName(draft, "copy", { new: wholeName(value) })],
  ["rename old ", (draft, value) => setName(draft, "rename", { old: wholeName(value) })],
  ["rename new ", (draft, value) => setName(draft, "rename", { new: wholeName(value) })],
  ["rename from ", (draft, value) => setName(draft, "rename", { old: wholeName(value) })],
  ["rename to ", (draft, value) => setName(draft, "rename", { new: wholeName(value) })],
  ["similarity index ", () => undefined],
  ["dissimilarity index ", () => undefined],
  ["index ", setIndex],
];

/**
 * Reads a `diff --git` line and the extended header lines below it; `next` is the first line that is none, `problem`
 * what git does not take of them.
 */
export function readGitHead(
  lines: readonly string[],
  start: number,
  strip: Strip,
): { head: FileHead; next: number; problem: string | undefined } {
  const common = commonName((lines[start] ?? "").slice("diff --git ".length), strip);
  const draft = { ...emptyDraft(strip), common };
  let next = start + 1;
  while (next < lines.length && readField(draft, lines, next)) next++;
  if (draft.old === undefined && draft.new === undefined) draft.old = draft.new = common;
  return { head: finished(draft), next, problem: draft.problem };
}

/** Reads a `---`/`+++` pair that has no `diff --git` line above it: one name, the second if they differ. */
export function readPlainHead(lines: readonly string[], start: number, strip: Strip): FileHead {
  const [first, second] = plainValues(lines, start);
  const draft = emptyDraft(strip);
  if (isDevNull(first)) draft.kind = "add";
  else if (isDevNull(second)) draft.kind = "delete";
  else if (isEpoch(first)) draft.kind = "add";
  else if (isEpoch(second)) draft.kind = "delete";
  const old = isDevNull(first) ? undefined : traditionalName(first, strip);
  const name = isDevNull(second) ? old : traditionalName(second, strip, old);
  return finished({ ...draft, old: name, new: name });
}

/** Whether a `---`/`+++` pair shows that the names of its patch have no prefix. */
export function showsNoPrefix(lines: readonly string[], start: number): boolean {
  return hasNoPrefix(plainValues(lines, start)[1]);
}

function plainValues(lines: readonly string[], start: number): [first: Value, second: Value] {
  return [valueAt(lines, start, "--- ".length), valueAt(lines, start + 1, "+++ ".length)];
}

function emptyDraft(strip: Strip): Draft {
  const [old_mode, new_mode, problem] = [undefined, undefined, undefined];
  const names = { common: undefined, old: undefined, new: undefined };
  return { strip, ...names, kind: "modify", old_mode, new_mode, problem };
}

function readField(draft: Draft, lines: readonly string[], at: number): boolean {
  const field = FIELDS.find(([prefix]) => lines[at]?.startsWith(prefix));
  field?.[1](draft, valueAt(lines, at, field[0].length));
  return field !== undefined;
}

/** The first name of a side stands: git refuses a patch whose later ones differ. */
function setSide(draft: Draft, side: "old" | "new", value: Value): void {
  const absent = side === "old" ? "add" : "delete";
  if (isDevNull(value) && draft.kind === "modify") draft.kind = absent;
  else if (draft.kind !== absent) draft[side] ??= sideName(value, draft.strip);
}

function setDeleted(draft: Draft, { text }: Value): void {
  setName(draft, "delete", { old: draft.common });
  setMode(draft, "old_mode", text);
}

function setAdded(draft: Draft, { text }: Value): void {
  setName(draft, "add", { new: draft.common });
  setMode(draft, "new_mode", text);
}

function setName(draft: Draft, kind: FileKind, name: Partial<Pick<Draft, "old" | "new">>): void {
  Object.assign(draft, { kind, ...name });
}

function setIndex(draft: Draft, { text }: Value): void {
  const [, mode] = /^[^.]*\.\.[^ ]* (.*)$/s.exec(text) ?? [];
  if (mode !== undefined) setMode(draft, "old_mode", mode);
}

function setMode(draft: Draft, field: "old_mode" | "new_mode", value: string): void {
  const [, digits] = /^\s*([+-]?[0-7]+)(?:\s|$)/.exec(value) ?? [];
  if (digits === undefined) draft.problem ??= `${JSON.stringify(value.slice(0, 40))} is not a mode`;
  else draft[field] = treeMode(Number.parseInt(digits, 8));
}

/** The mode as trees store it: of a file only the owner's right to execute counts, and what is nothing else is a submodule. */
function treeMode(mode: number): string {
  const type = mode & 0o170000;
  if (type === 0o100000) return mode & 0o100 ? "100755" : "100644";
  if (type === 0o120000) return "120000";
  return type === 0o040000 ? "040000" : "160000";
}

function finished({ kind, old, new: fresh, old_mode, new_mode }: Draft): FileHead {
  const text = (name: string | undefined) => (name === undefined ? undefined : pathText(name));
  return {
    old_path: kind === "add" ? undefined : text(old),
    new_path: kind === "delete" ? undefined : text(fresh),
    kind,
    old_mode: kind === "add" ? undefined : old_mode,
    new_mode: kind === "delete" ? undefined : (new_mode ?? old_mode),
  };
}
