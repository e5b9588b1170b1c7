// Owns reading commands from calls of tools: which calls run one, and what their results state of how it ended.

/** A call of a tool as programs and models make it. */
type Call = {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
};
/** A tool that runs commands, and which of its arguments is the command. */
export type ShellTool = { readonly tool: string; readonly argument: string };

/** Words of the names of such tools: Bash, exec_command, run_shell_command, local_shell, RunInTerminal. */
const SHELLS: ReadonlySet<string> = new Set(
  "bash sh shell zsh powershell terminal exec execute command cmd".split(" "),
);
const ARGUMENTS = ["command", "cmd", "script", "commands"] as const;

/** The command that a call runs; undefined where it runs none. Where `shell` is named no other tool is one. */
export function commandIn({ name, arguments: given }: Call, shell?: ShellTool): string | undefined {
  if (shell !== undefined) return name === shell.tool ? textOf(given[shell.argument]) : undefined;
  const words = name
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z]+/);
  if (!words.some((word) => SHELLS.has(word))) return undefined;
  return ARGUMENTS.map((argument) => textOf(given[argument])).find((text) => text !== undefined);
}

/** A text, or the words of a command; of `["bash", "-lc", "ls"]` what the shell is given. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value.trim() === "" ? undefined : value;
  const isWords = Array.isArray(value) && value.every((word) => typeof word === "string");
  if (!isWords || value.length === 0) return undefined;
  const [program = "", flags = "", script] = value;
  const isShell = SHELLS.has(program.split("/").at(-1) ?? "") && /^-\w*c$/.test(flags);
  return isShell && value.length === 3 ? script : value.join(" ");
}

const CODE = String.raw`(?:code|status)\s*(?:is|was|of)?\s*[:=]?\s*(-?\d+)\b`;
const STATED = [
  new RegExp(
    String.raw`^(?:error:\s*)?(?:(?:with|the)\s+)?exit(?:ed)?[ _-]?(?:with )?${CODE}`,
    "i",
  ),
  new RegExp(
    String.raw`^\[?(?:the )?(?:command|process|program|script)\b[\w\s]{0,40}?(?:exit )?${CODE}`,
    "i",
  ),
  /^<(?:return|exit)_?(?:code|status)>\s*(-?\d+)\s*</i,
];
const FIELD = /"(?:exit|return)_?(?:code|status)"\s*:\s*(-?\d+)/i;
/** Tools state it above or below what the command printed. */
const LINES = 5;

/** The exit code that a tool's result states; null where it states none. */
export function exitCodeIn(result: string): number | null {
  const text = result.trim();
  const lines = text.split("\n");
  const around = [...lines.slice(0, LINES), ...lines.slice(-LINES)];
  const field = /^[[{]/.test(text) ? FIELD.exec(text)?.[1] : undefined;
  const stated =
    field ??
    around.flatMap((line) => STATED.map((form) => form.exec(line.trim())?.[1])).find(Boolean);
  return stated === undefined ? null : Number(stated);
}
