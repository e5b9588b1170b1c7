// Owns keeping keys out of studies: a study is a file to share.
import { UsageError } from "../core/fault.ts";
import { secretValues } from "../core/redact.ts";

/**
 * How keys of well-known services look. A safety net, not a proof: the environment's own values are looked for
 * literally. A digit is asked for where a word could look the same, and what is looked ahead is bounded: no text makes
 * this slow.
 */
const KEY_FORMS: readonly RegExp[] = [
  /\b(?:sk|gsk|xai|pplx|nvapi|tgp|fw)[-_](?=[\w-]{0,60}\d)[\w-]{20,}/,
  /\bAIza[\w-]{30,}/,
  /\b(?:hf|r8)_[A-Za-z0-9]{20,}/,
  /\bgh[opsur]_[A-Za-z0-9]{30,}/,
  /\bgithub_pat_\w{20,}/,
  /\bA(?:KIA|SIA)[0-9A-Z]{16}\b/,
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/,
  /\bBearer\s{1,8}(?=\S{0,60}\d)\S{16,}/,
];

/**
 * Throws UsageError when a line of the file, or a value of the command line, holds what looks like a key or is one of
 * the environment's.
 */
export function refuseSecrets(text: string, file: string, sets: readonly string[]): void {
  const secrets = secretValues();
  const isSecret = (words: string) =>
    KEY_FORMS.some((form) => form.test(words)) || secrets.some((secret) => words.includes(secret));
  const line = text.split("\n").findIndex(isSecret);
  const rule = "keys belong in the environment or .env, never in a study";
  if (line >= 0) throw new UsageError(`${file}:${line + 1}: this line holds a key: ${rule}`);
  const set = sets.find(isSecret);
  if (set !== undefined)
    throw new UsageError(`--set ${set.split("=", 1)[0]}=… holds a key: ${rule}`);
}
