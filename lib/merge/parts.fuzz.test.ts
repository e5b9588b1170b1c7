import { expect } from "bun:test";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { fuzz, unlessRefused } from "../core/fuzz.fixture.ts";
import { bytesLike, floodBytes, floods, noiseBytes, texts } from "../core/fuzz-inputs.fixture.ts";
import { coupling } from "../dataset/traits.ts";
import { decodeLiteral, readBinary } from "../patch/binary.ts";
import { parsePatch } from "../patch/parse.ts";
import { PATCH_WORDS, PATCHES } from "../patch/patch-fuzz.fixture.ts";
import { pathBytes, pathText, quoted, unquote } from "../patch/quote.ts";
import { pathProblem } from "../patch/refuse.ts";
import { countSections } from "./anatomy.ts";
import { baseFromPatches } from "./base.ts";
import { readIndex } from "./index-file.ts";

const NAMES = { tokens: ['"', "\\", "\\303\\244", "\\0", "a/", "\\n", "\\x", "é", "\xff", '\\"'] };

fuzz("any bytes are a name that comes back", { runs: 42_000, input: noiseBytes(60) }, (bytes) => {
  const name = bytes.toString("latin1");
  expect(pathBytes(pathText(name))).toBe(name);
  expect(unquote(`${quoted(name)} "rest`)).toEqual({ name, rest: ' "rest' });
});

fuzz(
  "what is in quotes is bytes, what follows is the rest",
  { runs: 42_000, input: texts(NAMES) },
  (text) => {
    const found = unquote(text);
    if (!found) return;
    expect(text.startsWith('"') && text.endsWith(found.rest)).toBe(true);
    expect(found.name.length + found.rest.length).toBeLessThan(text.length);
  },
);

fuzz("floods of quotes end", { runs: 150, input: floods(NAMES.tokens) }, (text) => {
  unquote(text);
  unquote(`"${text}`);
  pathProblem(text);
});

const edit = fc.tuple(
  noiseBytes(300),
  fc.array(fc.tuple(fc.nat(30), fc.nat(50), fc.constantFrom(..."Az09~ \n%")), { maxLength: 2 }),
);
fuzz(
  "literal data is decoded to its bytes, damaged data to none that it does not state",
  { runs: 5_600, input: edit },
  ([bytes, changes]) => {
    const block = {
      method: "literal",
      size: bytes.length,
      rows: rowsOf(deflateSync(bytes)),
    } as const;
    expect(decodeLiteral(block)).toEqual(new Uint8Array(bytes));
    const rows = block.rows.map((row, at) =>
      changes.reduce(
        (text, [line, column, char]) =>
          line === at ? text.slice(0, column) + char + text.slice(column + 1) : text,
        row,
      ),
    );
    const read = readBinary(["GIT binary patch", `literal ${bytes.length}`, ...rows, ""], 0);
    const decoded = read?.data && decodeLiteral(read.data.forward);
    if (decoded) expect(decoded.length).toBe(bytes.length);
  },
);

const ALPHABET =
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/** Git's base 85, 52 bytes a row. */
function rowsOf(bytes: Buffer): string[] {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 52) {
    const part = bytes.subarray(at, at + 52);
    const length = part.length > 26 ? 96 + part.length - 26 : 64 + part.length;
    rows.push(String.fromCharCode(length) + digitsOf(part));
  }
  return rows;
}

function digitsOf(part: Buffer): string {
  const padded = Buffer.concat([part, Buffer.alloc(3)]);
  let text = "";
  for (let at = 0; at < part.length; at += 4) {
    let value = padded.readUInt32BE(at);
    let group = "";
    for (let digit = 0; digit < 5; digit++, value = Math.floor(value / 85))
      group = ALPHABET[value % 85] + group;
    text += group;
  }
  return text;
}

const patch = bytesLike({ seeds: PATCHES, tokens: PATCH_WORDS });
fuzz(
  "a base is made of paths inside, and is the same for the same patches",
  { runs: 8_400, input: fc.tuple(patch, patch) },
  (bytes) => {
    const patches = bytes.map(parsePatch);
    const { files, unknown } = baseFromPatches(patches);
    expect([...files.keys()].filter((path) => pathProblem(path) !== undefined)).toEqual([]);
    expect(
      [...files.values()].filter(({ mode }) => !/^(100644|100755|120000)$/.test(mode)),
    ).toEqual([]);
    expect(unknown.filter((path) => files.has(path))).toEqual([]);
    expect(baseFromPatches(patches)).toEqual({ files, unknown });
    const [left, right] = patches;
    if (left && right) expect(coupling(left, right)).toEqual(coupling(right, left));
  },
);

fuzz("floods make a base too", { runs: 120, input: floodBytes(PATCH_WORDS) }, (bytes) => {
  const one = parsePatch(bytes);
  baseFromPatches([one, one]);
  expect(coupling(one, one).file_jaccard).toBeLessThanOrEqual(1);
});

const LABELS = { ours: "ours", theirs: "theirs" };
const side = fc.array(fc.constantFrom("a", "=======", "<<<<<<< x", ">>>>>>> y", "", "é"), {
  maxLength: 5,
});
const section = fc.record({ ours: side, theirs: side, before: side });

fuzz(
  "as many conflicts as were written are found",
  { runs: 21_000, input: fc.array(section, { maxLength: 4 }) },
  (sections) => {
    const text = sections.flatMap(({ before, ours, theirs }) => [
      ...before,
      "<<<<<<< ours",
      ...ours,
      "=======",
      ...theirs,
      ">>>>>>> theirs:path",
    ]);
    const lines = sections.reduce((sum, { ours, theirs }) => sum + ours.length + theirs.length, 0);
    const found = countSections(Buffer.from(text.join("\n")), LABELS);
    expect(found).toEqual({ sections: sections.length, lines });
  },
);

fuzz(
  "never more conflicts than lines",
  { runs: 28_000, input: bytesLike({ tokens: PATCH_WORDS }) },
  (bytes) => {
    for (const found of [countSections(bytes), countSections(bytes, LABELS)])
      expect(found.sections * 3 + found.lines).toBeLessThanOrEqual(
        bytes.toString("latin1").split("\n").length,
      );
  },
);

const entry = (path: string) => {
  const head = Buffer.alloc(62);
  head.writeUInt32BE(0o100644, 24);
  return Buffer.concat([head, Buffer.from(path), Buffer.alloc(8 - ((62 + path.length) % 8))]);
};
const INDEX = Buffer.concat([
  Buffer.from("DIRC\0\0\0\x02\0\0\0\x02"),
  entry("a.txt"),
  entry("b/c.txt"),
]);

fuzz(
  "an index file is read or refused",
  { runs: 28_000, input: bytesLike({ seeds: [INDEX.toString("latin1")], tokens: ["DIRC", "\0"] }) },
  (bytes) => {
    const entries = unlessRefused(() => readIndex(bytes));
    for (const [, value] of entries ?? []) expect(value).toMatch(/^[0-7]{1,11} [0-9a-f]{40}$/);
  },
);
