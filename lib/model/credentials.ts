// Owns the keys of the environment: which is whose, and that it is there.
import { UsageError } from "../core/fault.ts";
import { PROVIDER_ROWS, type ProviderRow, type ProviderRows } from "../core/providers.ts";
import { type Address, rowOf } from "./names.ts";

/** Every variable that Tandem itself reads a key or a token from. */
export const KEY_VARIABLES: readonly string[] = [
  ...Object.values(PROVIDER_ROWS).flatMap(({ keys }) => keys),
  "HF_TOKEN",
];

type Environment = Readonly<Record<string, string | undefined>>;

/** The provider's key, or undefined when none of its variables is set. */
export function keyFor(
  { keys }: Pick<ProviderRow, "keys">,
  env: Environment = process.env,
): string | undefined {
  return keyIn(keys, env)?.value;
}

function keyIn(keys: readonly string[], env: Environment) {
  return keys
    .map((name) => ({ name, value: env[name]?.trim() ?? "" }))
    .find(({ value }) => value !== "");
}

/** What is wrong with the form of a key, which no server would take; undefined when nothing is. */
export function keyTrouble(value: string): string | undefined {
  if (/^bearer\s/i.test(value)) return `begins with "Bearer": omit that word`;
  if (/^(["'\u2018-\u201f\u00ab`]).*$/.test(value))
    return "begins with a quotation mark: omit the marks";
  if (/^(export\s+)?[A-Z][A-Z0-9_]+=/.test(value))
    return "begins with the name of a variable: omit that and the =";
  if (value.startsWith("$")) return "is the name of a variable that was not replaced by its value";
  if (/["'`,;]$/.test(value)) return `ends with ${value.slice(-1)}: omit that`;
  const wrong = [...value].findIndex((sign) => !/[\x21-\x7e]/.test(sign));
  if (wrong < 0) return undefined;
  return `contains a character that no key has, at position ${wrong + 1}: copy it again, without quotes or spaces`;
}

/**
 * Throws UsageError naming the variable to set when the model's provider needs a key and there is none. A server of
 * one's own (`base_url`) may need none: it says so itself when it does.
 */
export function requireKey(
  name: string,
  { base_url }: Address = {},
  env: Environment = process.env,
  providers: ProviderRows = PROVIDER_ROWS,
): void {
  const row = rowOf(name, providers);
  if (base_url === undefined) refuseUnheard(row, env);
  const key = keyIn(row.keys, env);
  const trouble = key && keyTrouble(key.value);
  if (trouble !== undefined) throw new UsageError(`${key?.name} ${trouble}`);
  const [variable] = row.keys;
  if (variable === undefined || base_url !== undefined || row.own_server === true) return;
  if (key === undefined)
    throw new UsageError(`${name} needs a key: set ${variable} in the environment or in .env`);
}

/** Requests would go elsewhere, and cost elsewhere, than whoever set the variable believes. */
function refuseUnheard({ address }: ProviderRow, env: Environment): void {
  const { variables, host } = address ?? { variables: [], host: "" };
  const name = variables.find((one) => (env[one]?.trim() ?? "") !== "");
  if (name === undefined || URL.parse(env[name]?.trim() ?? "")?.hostname === host) return;
  throw new UsageError(
    `${name} is set, but an address must be part of the run: give --base-url "$${name}", or unset it`,
  );
}

/** `NAME=value`, and what people write for it that is not read. */
const LINE = /^\s*(?:(?:export|set)\s+)?([A-Z_]+)\s*[=:]\s*(.*?)\s*$/;

/** Of the lines of a `.env` file that hold a key or a token: those whose value was not taken as it is written. */
export function cutKeys(file: string, env: Environment = process.env): string[] {
  return file.split(/\r\n|\n|\r/).flatMap((line) => {
    const [, name = "", written = ""] = LINE.exec(line.replace(/^\ufeff/, "")) ?? [];
    const [, , quoted] = /^(["'`])(.*?)\1(\s+#.*)?$/.exec(written) ?? [];
    const value = quoted ?? written;
    const taken = env[name] ?? "";
    const isWhole = taken === value || (quoted === undefined && taken === beforeComment(value));
    const isSuspect = /[$#\\]/.test(value) || (taken === "" && beforeComment(value) !== "");
    return KEY_VARIABLES.includes(name) && isSuspect && !isWhole
      ? [
          `${name} in .env has ${value.length} characters, of which ${taken.length} were read: write ${name}='…', in single quotes, with \\$ for $`,
        ]
      : [];
  });
}

function beforeComment(value: string): string {
  return value.replace(/(^|\s+)#.*$/, "");
}
