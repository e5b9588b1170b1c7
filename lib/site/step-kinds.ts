// Owns the kinds of steps that a reader filters by: a command failed, files are edited, tests are run, messages are sent or read. By rule.
import { exitCodeIn } from "../core/shell-calls.ts";
import type { StepTimes } from "./clock.ts";
import { callText, contentText, type Turn } from "./trajectory.ts";

/** What each kind is called, in the order of the filters. */
export const STEP_KINDS = {
  failed: "failed commands",
  edit: "edits",
  test: "tests",
  message: "messages",
} as const;
export type StepKind = keyof typeof STEP_KINDS;
export const STEP_KIND_NAMES = Object.keys(STEP_KINDS) as StepKind[];

/** As a mini agent is shown it. */
const STATUS = /^\[exit status (-?\d+)/;
const KILLED = /^\[the command was killed/;
/** Tools of agent programs that write files. */
const EDITOR = /(?:^|_|\b)(?:edit|write|create|replace|insert|apply_?patch|multi_?edit)/i;
const OPENS_FOR_WRITING = /\b(?:write_text|writeFileSync|writeFile)\b|\bopen\([^)]*['"][wa]b?['"]/;
const EDITS = [
  /(?:^|[\s;|&(])(?:sed|perl)\s(?:[^|;&\n]*\s)?-[a-zA-Z]*i/,
  /(?:^|[\s;|&(])(?:git\s+(?:apply|checkout|restore|mv|rm|stash|revert|merge|rebase|cherry-pick|pull|am)|patch|apply_patch|mv|cp|rm|truncate|install|dd)\s/,
  /(?:^|[\s;|&(])tee\s+(?!\/dev\/|\/tmp\/)/,
  /(?<![<>=&\-\d])(?:1)?>{1,2}\|?\s*(?!&|\/dev\/|\/tmp\/|patch\.txt)[\w."'$~/]/,
  OPENS_FOR_WRITING,
];
const TESTS =
  /(?:^|[\s;|&(/])(?:(?:bun|npm|pnpm|yarn|deno|cargo|go|mvn|dotnet|swift|mix|zig|rails)\s(?:[^|;&\n]*?\s)?(?:test|nextest|tst)\b|(?:\.\/)?(?:gradlew?|make|ninja|just|tox|nox|ctest)\s?(?:[^|;&\n]*?\s)?(?:test|check)\b|(?:tox|nox|ctest|pytest|py\.test|jest|vitest|mocha|ava|tap|rspec|phpunit|gotestsum)(?:\s|$)|python[\d.]*\s+-m\s+(?:pytest|unittest|tox|nox)|node\s(?:[^|;&\n]*?\s)?--test\b|(?:bash\s+|sh\s+|\.\/)\S*(?:run_)?tests?\.sh)/;

/** The kinds of one step, from its row and its turns. */
export function kindsOf(turns: readonly Turn[], times: StepTimes | undefined): StepKind[] {
  const calls = turns.flatMap(({ role, tool_calls }) => (role === "assistant" ? tool_calls : []));
  const commands = calls.flatMap((call) => linesOf(callText(call)));
  const row = times?.row;
  const is: Readonly<Record<StepKind, boolean>> = {
    failed: hasFailed(turns, times),
    edit:
      calls.some(({ name }) => EDITOR.test(name)) ||
      commands.some((command) => EDITS.some((form) => form.test(command))),
    test: commands.some((command) => TESTS.test(command)),
    message: (row?.messages_sent ?? 0) + (row?.messages_received ?? 0) > 0,
  };
  return STEP_KIND_NAMES.filter((kind) => is[kind]);
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
        .replace(/'[^']*'|"[^"]*"/g, (text) => (OPENS_FOR_WRITING.test(text) ? text : "''"))
        .replace(/\bsend_message\b[^;|&]*/g, ""),
    );
  }
  return lines;
}
