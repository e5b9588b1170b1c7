// Owns what parsers are fed: noise, words of a grammar, damaged copies of valid inputs, and floods of one thing.
import fc from "fast-check";

/** `seeds` are valid inputs to be damaged; `tokens` are the words of the form, headers and marks. */
export type Vocabulary = {
  readonly seeds?: readonly string[];
  readonly tokens?: readonly string[];
};

/** Texts of a form: noise, its words in any order, and damaged copies of valid ones. */
export function texts(vocabulary: Vocabulary): fc.Arbitrary<string> {
  return textFrom((dice) => textOf(dice, vocabulary));
}

/** The same as bytes: what a text cannot say (no valid UTF-8) is among them. */
export function bytesLike(vocabulary: Vocabulary): fc.Arbitrary<Buffer> {
  return textFrom((dice) => {
    const text = textOf(dice, vocabulary);
    return asBytes(dice.oneIn(8) ? damaged(dice, text, [byte(dice)]) : text);
  }).map((text) => Buffer.from(text, "latin1"));
}

/** Bytes at random; up to `most`. */
export function noiseBytes(most: number): fc.Arbitrary<Buffer> {
  return textFrom((dice) =>
    Array.from({ length: dice.below(most + 1) }, () => byte(dice)).join(""),
  ).map((text) => Buffer.from(text, "latin1"));
}

/** About 100 kB of a few words over and over, with others in front and behind: what makes a careless pattern hang. */
export function floods(tokens: readonly string[]): fc.Arbitrary<string> {
  return textFrom((dice) => {
    const word = () => dice.pick(dice.oneIn(2) ? tokens : ODD.slice(0, FLOODING));
    const some = () => (dice.oneIn(4) ? "" : word() + (dice.oneIn(3) ? word() : ""));
    const unit = word() + (dice.oneIn(2) ? "" : some());
    return some() + unit.repeat(Math.ceil(FLOOD_LENGTH / unit.length)) + some();
  });
}

/** The same as bytes. */
export function floodBytes(tokens: readonly string[]): fc.Arbitrary<Buffer> {
  return floods(tokens).map((text) => Buffer.from(asBytes(text), "latin1"));
}

/** Where to cut a stream into chunks: sizes that are used in turn. */
export const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });

/** The bytes in chunks of these sizes. */
export function chunked(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const end = at + (sizes[turn % sizes.length] ?? 1);
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}

/** A JSON value; `names` are those of the form, beside names that objects inherit and numbers that hardly are any. */
export function jsonLike(names: readonly string[] = []): fc.Arbitrary<unknown> {
  return new Made((dice) => jsonOf(dice, [...names, ...INHERITED], 3), smallerJson);
}

/** A JSON object. */
export function recordLike(names: readonly string[] = []): fc.Arbitrary<Record<string, unknown>> {
  const known = [...names, ...INHERITED];
  return new Made((dice) => objectOf(dice, known, 3), smallerObject);
}

const FLOOD_LENGTH = 100_000;
/** As many of the odd pieces below are of use in a flood. */
const FLOODING = 16;
const ODD = [
  ..." \n\t\"'`\\/()[]<=.",
  "\r\n",
  "\r",
  "\0",
  "\u{feff}",
  "\u00a0",
  "\u2028",
  "\ud800",
  "\udfff",
  "\u{1f600}",
  "é",
  "\u001b[31m",
  "\u009b",
  "../",
  "..",
  "/etc/passwd",
  ".git/",
  "$(true)",
  "%s",
  "{{",
  "}}",
  "-1",
  "0",
  "1",
  "1.5",
  "1e999",
  "999999999",
  "99999999999999999999999999",
  "NaN",
  "null",
  "true",
  "__proto__",
  "constructor",
  "--- ",
] as const;
const NUMERALS = [
  "0",
  "1",
  "-1",
  "1.5",
  "007",
  "999999999",
  "9".repeat(17),
  "9".repeat(400),
  "1e999",
];
const MOST_PIECES = 24;

/** Chance, from the seed. */
class Dice {
  private readonly random: fc.Random;

  constructor(random: fc.Random) {
    this.random = random;
  }

  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    return limit <= 1 ? 0 : this.random.nextInt(0, limit - 1);
  }

  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  pick(list: readonly string[]): string {
    return list[this.below(list.length)] ?? "";
  }
}

/** Made in one piece, which is much quicker than from small parts. */
class Made<T> extends fc.Arbitrary<T> {
  private readonly make: (dice: Dice) => T;
  private readonly parts: (value: T) => Generator<T>;

  constructor(make: (dice: Dice) => T, parts: (value: T) => Generator<T>) {
    super();
    this.make = make;
    this.parts = parts;
  }

  generate(random: fc.Random): fc.Value<T> {
    return new fc.Value(this.make(new Dice(random)), undefined);
  }

  canShrinkWithoutContext(value: unknown): value is T {
    return value !== undefined;
  }

  shrink(value: T): fc.Stream<fc.Value<T>> {
    return fc.stream(this.parts(value)).map((part) => new fc.Value(part, undefined));
  }
}

const textFrom = (make: (dice: Dice) => string) => new Made(make, smaller);

function* smaller(text: string): Generator<string> {
  if (text.length > FLOOD_LENGTH / 2) return;
  for (
    let size = Math.ceil(text.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  )
    for (let at = 0; at < text.length; at += size) yield text.slice(0, at) + text.slice(at + size);
}

const INHERITED = ["__proto__", "constructor", "toString", "valueOf", "length", "then", ""];
const NUMBERS = [0, 1, -1, 0.5, 1e21, -0, 2 ** 53, 1e308, 3, 400, 529];

function jsonOf(dice: Dice, names: readonly string[], depth: number): unknown {
  const kind = dice.below(depth > 0 ? 9 : 7);
  if (kind === 0) return null;
  if (kind === 1) return dice.oneIn(2);
  if (kind === 2) return NUMBERS[dice.below(NUMBERS.length)];
  if (kind === 3) return dice.below(2_000);
  if (kind < 6) return dice.pick(names);
  if (kind === 6) return pieces(dice, names);
  if (kind === 7) return objectOf(dice, names, depth);
  return Array.from({ length: dice.below(4) }, () => jsonOf(dice, names, depth - 1));
}

function objectOf(dice: Dice, names: readonly string[], depth: number): Record<string, unknown> {
  const fields = Array.from({ length: dice.below(7) }, () => {
    const name = dice.oneIn(12) ? pieces(dice, []) : dice.pick(names);
    return [name, jsonOf(dice, names, depth - 1)] as const;
  });
  return Object.fromEntries(fields);
}

function* smallerJson(value: unknown): Generator<unknown> {
  if (typeof value === "string") yield* smaller(value);
  if (typeof value !== "object" || value === null) return;
  yield* Object.values(value);
  if (!Array.isArray(value)) yield* smallerObject({ ...value });
  else for (const at of value.keys()) yield value.toSpliced(at, 1);
}

function* smallerObject(value: Record<string, unknown>): Generator<Record<string, unknown>> {
  const fields = Object.entries(value);
  for (const at of fields.keys()) yield Object.fromEntries(fields.toSpliced(at, 1));
  for (const [at, [name, field]] of fields.entries())
    for (const less of smallerJson(field)) yield Object.fromEntries(fields.with(at, [name, less]));
}

function textOf(dice: Dice, { seeds = [], tokens = [] }: Vocabulary): string {
  const kind = dice.below(10);
  if (kind === 0 || (seeds.length === 0 && tokens.length === 0)) return pieces(dice, []);
  if (tokens.length > 0 && (kind < 5 || seeds.length === 0)) return pieces(dice, tokens);
  let text = dice.pick(seeds);
  for (let times = 1 + dice.below(4); times > 0; times--) text = damaged(dice, text, tokens);
  return text;
}

function pieces(dice: Dice, tokens: readonly string[]): string {
  let text = "";
  for (let left = dice.below(MOST_PIECES); left > 0; left--) text += piece(dice, tokens);
  return text;
}

function piece(dice: Dice, tokens: readonly string[]): string {
  const kind = dice.below(tokens.length > 0 ? 12 : 4);
  if (kind === 0) return String.fromCharCode(dice.below(0x10000));
  if (kind === 1) return dice.pick(ODD);
  if (kind === 2) return String(dice.below(20));
  if (kind === 3) return String.fromCharCode(32 + dice.below(95));
  return dice.pick(tokens);
}

/** One change: a slice left out, twice, exchanged or cut off, or something put in or in its place. */
function damaged(dice: Dice, text: string, tokens: readonly string[]): string {
  const [a, b] = [place(dice, text), place(dice, text)].sort((x, y) => x - y);
  const [from = 0, to = 0] = [a, b];
  const [before, slice, after] = [text.slice(0, from), text.slice(from, to), text.slice(to)];
  const short = text.slice(from, from + 1 + dice.below(4));
  switch (dice.below(9)) {
    case 0:
      return before + after;
    case 1:
      return before + slice + slice + after;
    case 2:
      return after + slice + before;
    case 3:
      return before;
    case 4:
      return before + text.slice(from + short.length);
    case 5:
      return before + short.repeat(1 + dice.below(30)) + text.slice(from + short.length);
    case 6:
      return before + piece(dice, tokens) + text.slice(from + short.length);
    case 7:
      return before + text.slice(from).replace(/\d+/, dice.pick(NUMERALS));
    default:
      return before + piece(dice, tokens) + text.slice(from);
  }
}

/** Anywhere, or at the beginning of a line. */
function place(dice: Dice, text: string): number {
  const at = dice.below(text.length + 1);
  if (dice.oneIn(2)) return at;
  const line = text.indexOf("\n", at);
  return line === -1 ? at : line + 1;
}

function byte(dice: Dice): string {
  return String.fromCharCode(dice.below(256));
}

/** A byte string: characters that are no byte in UTF-8. */
function asBytes(text: string): string {
  return text.replace(/[^\0-\u00ff]+/g, (wide) => Buffer.from(wide, "utf8").toString("latin1"));
}
