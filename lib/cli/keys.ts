// Owns reading keys from arguments and standard input.
import { UsageError } from "../core/fault.ts";
import { attemptKey, kindOfKey, pairKey, parseAttemptKey, parsePairKey } from "../core/keys.ts";

/** Keys given as arguments, or read from standard input for `-`; undefined when there are no arguments. */
export async function givenKeys(words: readonly string[]): Promise<string[] | undefined> {
  if (words.length === 0) return undefined;
  if (!words.includes("-")) return words.map(checkedKey);
  if (words.length > 1) throw new UsageError("give keys as arguments or `-`, not both");
  if (process.stdin.isTTY)
    throw new UsageError("`-` reads keys from standard input, which is a terminal: pipe them in");
  const lines = (await Bun.stdin.text()).split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "").flatMap((line, index) => keyOfLine(line, index + 1));
}

/** A line is a bare key or a JSON object with a `key`; units that met a fault upstream are skipped. */
function keyOfLine(line: string, number: number): string[] {
  if (!line.startsWith("{")) return [checkedKey(line)];
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw new UsageError(`line ${number} of standard input is not JSON: ${line.slice(0, 60)}`);
  }
  if (
    typeof parsed !== "object" ||
    parsed === null ||
    !("key" in parsed) ||
    typeof parsed.key !== "string"
  )
    throw new UsageError(`line ${number} of standard input has no "key": ${line.slice(0, 60)}`);
  return "fault" in parsed && parsed.fault ? [] : [checkedKey(parsed.key)];
}

function checkedKey(key: string): string {
  const kind = kindOfKey(key);
  if (kind === "pair") return pairKey(parsePairKey(key));
  if (kind === "attempt") return attemptKey(parseAttemptKey(key));
  throw new UsageError(
    `"${key}" is not a key: a pair looks like go_chi_task/task26/features_1_2, an attempt has the name of its run before it`,
  );
}
