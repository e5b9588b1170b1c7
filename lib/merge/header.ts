// Owns the head of one file in a patch: names, modes and kind, read as `git apply -p1` reads them.
import { pathText, unquote, withoutPrefix } from "./quoting.ts";

export type FileKind = "modify" | "add" | "delete" | "rename" | "copy";
export type FileHead = {
  old_path: string | undefined;
  new_path: string | undefined;
  kind: FileKind;
  old_mode: string | undefined;
  new_mode: string | undefined;
};
type Names = { old: string | undefined; new: string | undefined };
type Draft = Names & {
  kind: FileKind;
  old_mode: string | undefined;
  new_mode: string | undefined;
};

const MODE = "([0-7]{5,6})";
const FIELDS: readonly (readonly [RegExp, (draft: Draft, value: string) => void])[] = [
  [/^--- (.*)$/, (draft, value) => setName(draft, "old", sideName(value))],
  [/^\+\+\+ (.*)$/, (draft, value) => setName(draft, "new", sideName(value))],
  [new RegExp(`^old mode ${MODE}`), (draft, value) => set(draft, { old_mode: value })],
  [new RegExp(`^new mode ${MODE}`), (draft, value) => set(draft, { new_mode: value })],
  [
    new RegExp(`^new file mode ${MODE}`),
    (draft, value) => set(draft, { kind: "add", new_mode: value }),
  ],
  [
    new RegExp(`^deleted file mode ${MODE}`),
    (draft, value) => set(draft, { kind: "delete", old_mode: value }),
  ],
  [
    /^rename (?:from|old) (.*)$/,
    (draft, value) => set(draft, { kind: "rename", old: wholeName(value) }),
  ],
  [
    /^rename (?:to|new) (.*)$/,
    (draft, value) => set(draft, { kind: "rename", new: wholeName(value) }),
  ],
  [/^copy from (.*)$/, (draft, value) => set(draft, { kind: "copy", old: wholeName(value) })],
  [/^copy to (.*)$/, (draft, value) => set(draft, { kind: "copy", new: wholeName(value) })],
  [/^(?:dis)?similarity index (.*)$/, () => undefined],
  [
    /^index [0-9a-f]+\.\.[0-9a-f]+(?: ([0-7]{5,6}))?/,
    (draft, value) => {
      if (value !== "") set(draft, { old_mode: value, new_mode: value });
    },
  ],
];

/** Reads a `diff --git` line and the extended header lines below it; `next` is the first line that is none. */
export function readGitHead(
  lines: readonly string[],
  start: number,
): { head: FileHead; next: number } {
  const draft: Draft = {
    ...namesOfDiffLine((lines[start] ?? "").replace(/\r$/, "").slice("diff --git ".length)),
    kind: "modify",
    old_mode: undefined,
    new_mode: undefined,
  };
  let next = start + 1;
  while (next < lines.length && readField(draft, lines[next] ?? "")) next++;
  return { head: finished(draft), next };
}

/** Reads a `---`/`+++` pair that has no `diff --git` line above it. */
export function readPlainHead(from: string, to: string): FileHead {
  const draft: Draft = {
    old: undefined,
    new: undefined,
    kind: "modify",
    old_mode: undefined,
    new_mode: undefined,
  };
  readField(draft, from);
  readField(draft, to);
  return finished(draft);
}

function readField(draft: Draft, raw: string): boolean {
  const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
  for (const [pattern, apply] of FIELDS) {
    const match = pattern.exec(line);
    if (!match) continue;
    apply(draft, match[1] ?? "");
    return true;
  }
  return false;
}

function set(draft: Draft, values: Partial<Draft>): void {
  Object.assign(draft, values);
}

function setName(draft: Draft, side: "old" | "new", name: string | null | undefined): void {
  if (name === null) draft.kind = side === "old" ? "add" : "delete";
  // The names of rename and copy lines are whole, and stand: these only repeat them.
  else if (draft.kind !== "rename" && draft.kind !== "copy") draft[side] = name;
}

function finished(draft: Draft): FileHead {
  const text = (name: string | undefined) => (name === undefined ? undefined : pathText(name));
  return {
    old_path: draft.kind === "add" ? undefined : text(draft.old),
    new_path: draft.kind === "delete" ? undefined : text(draft.new),
    kind: draft.kind,
    old_mode: draft.kind === "add" ? undefined : draft.old_mode,
    new_mode: draft.kind === "delete" ? undefined : draft.new_mode,
  };
}

/** The name on a `---` or `+++` line; null for /dev/null. A tab ends it (git adds one after names with spaces). */
function sideName(value: string): string | null | undefined {
  const name = value.startsWith('"') ? unquote(value)?.name : value.split("\t", 1)[0];
  if (name === "/dev/null") return null;
  return name === undefined ? undefined : withoutPrefix(name);
}

function wholeName(value: string): string | undefined {
  return value.startsWith('"') ? unquote(value)?.name : value;
}

/** The names of a `diff --git` line. Unquoted, they are told apart only when both sides are the same. */
function namesOfDiffLine(value: string): Names {
  if (value.startsWith('"')) {
    const first = unquote(value);
    const second = first?.rest.slice(1) ?? "";
    return { old: stripped(first?.name), new: stripped(wholeName(second)) };
  }
  const quote = value.endsWith('"') ? value.indexOf(' "') : -1;
  if (quote > 0)
    return {
      old: withoutPrefix(value.slice(0, quote)),
      new: stripped(unquote(value.slice(quote + 1))?.name),
    };
  const middle = (value.length - 1) / 2;
  const [left, right] = [
    withoutPrefix(value.slice(0, middle)),
    withoutPrefix(value.slice(middle + 1)),
  ];
  if (value[middle] !== " " || left !== right) return { old: undefined, new: undefined };
  return { old: left, new: right };
}

function stripped(name: string | undefined): string | undefined {
  return name === undefined ? undefined : withoutPrefix(name);
}
