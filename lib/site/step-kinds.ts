// Owns the kinds of steps that a reader filters by: a command failed, files are edited, tests are run, messages are sent or read. By rule.
import { exitCodeIn } from "../core/shell-calls.ts";
import { editsIn } from "../report/effects/edits.ts";
import { knownPaths } from "../report/effects/paths.ts";
import type { StepTimes } from "./clock.ts";
import { callText, contentText, type Turn } from "./trajectory.ts";

/** What each kind is called, in the order of the filters. Messages alone are `broken`: a promise in them was, or a request. */
export const STEP_KINDS = {
  failed: "failed commands",
  edit: "edits",
  test: "tests",
  message: "messages",
  broken: "broken promises",
} as const;
export type StepKind = keyof typeof STEP_KINDS;
export const STEP_KIND_NAMES = Object.keys(STEP_KINDS) as StepKind[];

/** Files are called as commands call them, whatever the repository has. */
const NO_PATHS = knownPaths([]);

/** As a mini agent is shown it. */
const STATUS = /^\[exit status (-?\d+)/;
const KILLED = /^\[the command was killed/;
const TESTS =
  /(?:^|[\s;|&(/])(?:(?:bun|npm|pnpm|yarn|deno|cargo|go|mvn|dotnet|swift|mix|zig|rails)\s(?:[^|;&\n]*?\s)?(?:test|nextest|tst)\b|(?:\.\/)?(?:gradlew?|make|ninja|just|tox|nox|ctest)\s?(?:[^|;&\n]*?\s)?(?:test|check)\b|(?:tox|nox|ctest|pytest|py\.test|jest|vitest|mocha|ava|tap|rspec|phpunit|gotestsum)(?:\s|$)|python[\d.]*\s+-m\s+(?:pytest|unittest|tox|nox)|node\s(?:[^|;&\n]*?\s)?--test\b|(?:bash\s+|sh\s+|\.\/)\S*(?:run_)?tests?\.sh)/;

/** What a step is filtered by. */
export type StepTraits = {
  readonly kinds: readonly StepKind[];
  /** Files that its commands write, as they name them. */
  readonly edited: readonly string[];
};

/** The traits of one step, from its row and its turns. */
export function traitsOf(turns: readonly Turn[], times: StepTimes | undefined): StepTraits {
  const calls = turns.flatMap(({ role, tool_calls }) => (role === "assistant" ? tool_calls : []));
  const asked = calls.map((call) => ({ agent_id: "", step: 0, ...call }));
  const edited = editsIn(asked, NO_PATHS).map(({ path }) => path);
  const commands = calls.flatMap((call) => linesOf(callText(call)));
  const row = times?.row;
  const is: Readonly<Record<StepKind, boolean>> = {
    failed: hasFailed(turns, times),
    edit: edited.length > 0,
    test: commands.some((command) => TESTS.test(command)),
    broken: false,
    message: (row?.messages_sent ?? 0) + (row?.messages_received ?? 0) > 0,
  };
  return { edited, kinds: STEP_KIND_NAMES.filter((kind) => is[kind]) };
}

/** The exit status that a tool's result states, where it is not 0; null where it states success or nothing. */
export function failureIn(result: string): string | null {
  if (KILLED.test(result)) return "killed at its time limit";
  const code = STATUS.exec(result)?.[1] ?? exitCodeIn(result);
  return code === null || code === undefined || Number(code) === 0 ? null : `exit ${code}`;
}

function hasFailed(turns: readonly Turn[], times: StepTimes | undefined): boolean {
  const code = times?.row.exit_code ?? null;
  if (code !== null && code !== 0) return true;
  return turns.some(
    ({ role, content }) => role === "tool" && failureIn(contentText(content)) !== null,
  );
}

const HEREDOC = /<<-?\s*(['"]?)(\w+)\1/;
/** Longer lines are data. */
const LONGEST_LINE = 1000;

/** The lines of a command without what it only hands on as text: here-documents, quoted words, and texts of messages. */
function linesOf(command: string): string[] {
  const lines: string[] = [];
  let until: string | undefined;
  for (const line of command.split("\n")) {
    if (until !== undefined) {
      if (line.trim() === until) until = undefined;
      continue;
    }
    const shown = line.slice(0, LONGEST_LINE);
    until = HEREDOC.exec(shown)?.[2];
    lines.push(
      shown
        .replace(HEREDOC, "")
        .replace(/'[^']*'|"[^"]*"/g, "''")
        .replace(/\bsend_message\b[^;|&]*/g, ""),
    );
  }
  return lines;
}
