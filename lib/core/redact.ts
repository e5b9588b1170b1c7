// Owns blotting out secrets by value: which values are secret, the forms they are found in, and where they are looked for.

type Environment = Readonly<Record<string, string | undefined>>;

/** What stands in place of a secret. */
const MARK = "[redacted]";
/** Names of variables whose values are secret, Tandem's own keys (`…_API_KEY`, `HF_TOKEN`) among them. */
const SECRET_NAME =
  /(API_?KEY|ACCESS_KEY|PRIVATE_KEY|TOKEN|SECRET)$|SECRET_|PASSWORD|PASSWD|PASSPHRASE/i;
/** The password of an address such as `redis://:password@host`. */
const ADDRESS_PASSWORD = /\b[a-z][a-z0-9+.-]*:\/\/[^\s/?#@:]*:([^\s/?#@]+)@/gi;
/** Shorter values are words such as "none"; blotting those out would ruin a text. */
const SHORTEST_SECRET = 8;
/** So would blotting out `postgres`, `changeme` or `password1`, which keep nothing secret. */
const WORD = /^(?=.{1,15}$)[a-z]+\d*$/;
/** Lines that every key in PEM form has. */
const PEM_FRAME = /^-----/;

/**
 * The values that are secret, longest first, so that none hides inside another: of all variables whose names say so,
 * and the passwords of addresses in any variable or on the command line. A value of several lines counts line by line,
 * as a patch or a log would show it; so nothing that is blotted out spans lines, and a patch keeps its counts. Values
 * below 8 characters, and lowercase words below 16 with at most digits behind them, are left out.
 */
export function secretValues(
  env: Environment = process.env,
  command_line: readonly string[] = process.argv,
): string[] {
  const named = Object.keys(env).filter((name) => SECRET_NAME.test(name));
  const texts = [...Object.keys(env).map((name) => env[name] ?? ""), ...command_line];
  const values = [...named.map((name) => env[name] ?? ""), ...texts.flatMap(addressPasswords)];
  const lines = values.flatMap((value) => value.split("\n")).map((line) => line.trim());
  const secret = lines.filter(
    (line) => line.length >= SHORTEST_SECRET && !WORD.test(line) && !PEM_FRAME.test(line),
  );
  return [...new Set(secret)].sort((a, b) => b.length - a.length);
}

/** As written, and as they are meant. */
function addressPasswords(text: string): string[] {
  return [...text.matchAll(ADDRESS_PASSWORD)].flatMap(([, written = ""]) => [
    written,
    percentDecoded(written),
  ]);
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The text with `[redacted]` in place of each secret: as it is, escaped for JSON or a URL, or inside base64. */
export function redact(text: string, env: Environment = process.env): string {
  const net = netOf(env);
  return net === undefined ? text : text.replace(net.text, MARK);
}

/** The same for bytes of any kind. Where there is no secret, the very same object comes back. */
export function redactBytes(bytes: Uint8Array, env: Environment = process.env): Uint8Array {
  const net = netOf(env);
  return net === undefined ? bytes : cleanBytes(bytes, net);
}

/**
 * The same for every text and every `Uint8Array` inside lists and plain objects, fields' names included. What holds no
 * secret comes back as the very same object; instances of classes, Maps and Sets are not looked into.
 */
export function redactDeep<Value>(value: Value, env: Environment = process.env): Value {
  const net = netOf(env);
  return net === undefined ? value : (cleanValue(value, net) as Value);
}

const fixed = new WeakSet<object>();

/** Says that nobody changes the value from now on: {@link redactDeep} looks through it once. */
export function neverChanges<Value extends object>(value: Value): Value {
  fixed.add(value);
  return value;
}

/** One pattern for texts, one for bytes that are read as one character each, and what values that never change became. */
type Net = {
  readonly text: RegExp;
  readonly bytes: RegExp;
  readonly seen: WeakMap<object, unknown>;
};
type Known = {
  readonly env: Environment;
  readonly names: readonly string[];
  readonly values: readonly (string | undefined)[];
  readonly net: Net | undefined;
};
let known: Known | undefined;

/** Made once, and again when a variable has changed; undefined when nothing is secret. */
function netOf(env: Environment): Net | undefined {
  if (known === undefined || known.env !== env || hasChanged(known)) {
    const names = Object.keys(env);
    known = { env, names, values: names.map((name) => env[name]), net: makeNet(secretValues(env)) };
  }
  return known.net;
}

function hasChanged({ env, names, values }: Known): boolean {
  const now = Object.keys(env);
  if (now.length !== names.length) return true;
  return now.some((name, at) => name !== names[at] || env[name] !== values[at]);
}

function makeNet(values: readonly string[]): Net | undefined {
  if (values.length === 0) return undefined;
  const forms = [...new Set(values.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  const pattern = (texts: readonly string[]) =>
    new RegExp(texts.map((text) => RegExp.escape(text)).join("|"), "g");
  const bytes = forms.map((form) => Buffer.from(form).toString("latin1"));
  return { text: pattern(forms), bytes: pattern(bytes), seen: new WeakMap() };
}

function formsOf(value: string): string[] {
  const url = encodeURIComponent(value);
  const lowercase = url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return [value, JSON.stringify(value).slice(1, -1), url, lowercase, ...base64Forms(value)];
}

/**
 * The characters of base64 that the value alone decides, wherever it begins among the three bytes that four characters
 * hold: character n has the bits 6n to 6n + 5 (RFC 4648). Lines that base64 breaks inside are not found.
 */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const from = Math.ceil((8 * before) / 6);
    const own = encoded.slice(from, Math.floor((8 * (before + bytes.length)) / 6));
    return [own, own.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

function cleanBytes(bytes: Uint8Array, net: Net): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const clean = text.replace(net.bytes, MARK);
  return clean === text ? bytes : Buffer.from(clean, "latin1");
}

function cleanValue(value: unknown, net: Net): unknown {
  if (typeof value === "string") return value.replace(net.text, MARK);
  if (typeof value !== "object" || value === null || !fixed.has(value)) return cleaned(value, net);
  if (!net.seen.has(value)) net.seen.set(value, cleaned(value, net));
  return net.seen.get(value);
}

function cleaned(value: unknown, net: Net): unknown {
  if (value instanceof Uint8Array) return cleanBytes(value, net);
  if (Array.isArray(value)) {
    const clean = value.map((item) => cleanValue(item, net));
    return clean.every((item, at) => Object.is(item, value[at])) ? value : clean;
  }
  return isPlain(value) ? cleanFields(value, net) : value;
}

function cleanFields(value: Readonly<Record<string, unknown>>, net: Net): unknown {
  const fields = Object.entries(value);
  const clean = fields.map(([name, field]) => [
    name.replace(net.text, MARK),
    cleanValue(field, net),
  ]);
  const same = clean.every(
    ([name, field], at) => name === fields[at]?.[0] && Object.is(field, fields[at]?.[1]),
  );
  return same ? value : Object.fromEntries(clean);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
