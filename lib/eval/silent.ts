// Owns what a suite without a single test means: the laboratory's failure, or that of the tree under test.
import type { SuiteResultRow } from "../../db/schema.ts";
import { Fault } from "../core/fault.ts";
import { redact } from "../core/redact.ts";
import type { SuiteVerdict } from "./suite.ts";

type Ran = Pick<SuiteVerdict, "passed" | "failed" | "skipped">;

/** Whether a test ran at all. What could not be collected, imported or built did not run. */
export function ranTests({ passed, failed, skipped }: Ran): boolean {
  return passed + failed + skipped > 0;
}

/** Whether it ended without one test, by itself, and its output does not say that there was none to run. */
export function isSilent(found: SuiteVerdict): boolean {
  if (found.outcome !== "failed" && found.outcome !== "no tests ran") return false;
  return !ranTests(found) && !(found.exit_code === 0 && found.read);
}

/** Whether something other than our own deadline ended the tests before their summary. */
export function isCutShort({ outcome, timed_out }: SuiteVerdict): boolean {
  return outcome === "tests timed out" && !timed_out;
}

/**
 * The Fault of a feature whose tests do not run with the reference patch either. Its output shows why, and decides
 * nothing.
 */
export function silentFault(
  feature: string,
  { exit_code, output }: Pick<SuiteVerdict, "exit_code" | "output">,
): Fault {
  const said = lastWords(output);
  if (exit_code === 0)
    return new Fault(
      "output_unread",
      `${feature}: no test can be read from its runner's output, not even with the gold patch: ${said}`,
      {
        hint: "check that the runner runs tests in these sandboxes, then run the same command again",
      },
    );
  return new Fault(
    "runner_died",
    `${feature}: its runner ends before any test, with the gold patch too (exit status ${exit_code}): ${said}`,
    {
      hint: "provide what the runner needs (network, image, memory), then run the same command again",
    },
  );
}

/** How a suite ended whose reference patch's tests do not run either; undefined for any other error. */
export function silenceOf(error: unknown): SuiteResultRow["outcome"] | undefined {
  if (!(error instanceof Fault)) return undefined;
  if (error.code === "runner_died") return "failed";
  return error.code === "output_unread" ? "no tests ran" : undefined;
}

/** Throws Fault `runner_died` where the gold patch's suite was ended before it ran a test. */
export function requireTests(feature: string, gold: SuiteResultRow): void {
  if (ranTests(gold) || gold.outcome === "failed" || gold.outcome === "no tests ran") return;
  throw new Fault(
    "runner_died",
    `${feature}: no test ran, and none with the gold patch: ${gold.outcome}`,
    {
      hint: "check the task's runner and the limits of its sandboxes, then run the same command again",
    },
  );
}

const WORDS_BYTES = 4096;
const MOST_LINES = 3;
const MOST_CHARACTERS = 300;

/** The end of an output, on one line. */
function lastWords(output: Uint8Array): string {
  const text = Buffer.from(output.subarray(-WORDS_BYTES)).toString("utf8");
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  const words = lines.slice(-MOST_LINES).map((line) => line.trim());
  return redact(words.join(" | ")).slice(-MOST_CHARACTERS) || "it printed nothing";
}
