// Owns completions of `tandem` for bash, zsh and fish, made from the declarations of its commands.
import { type FlagForm, flagForms } from "./flag-forms.ts";
import type { ListedCommand } from "./tandem.ts";

type Script = (commands: readonly ListedCommand[]) => string;

/** How each shell is told. */
export const SHELLS: Readonly<Record<string, Script>> = { bash, zsh, fish };

/** Every command answers these too. */
const ALWAYS: readonly FlagForm[] = [
  ["--help", ["h"], "print the help"] as const,
  ["--version", [], "print the version"] as const,
].map(([flag, letters, meaning]) => ({ flag, letters, meaning, group: "output", values: [] }));

/** Names of runs, from the folders that have a frozen configuration: no ledger is opened. */
const RUNS = `for f in "\${TANDEM_LOG_DIR:-logs}"/*/run.json; do [ -f "$f" ] && f=\${f%/run.json} && echo "\${f##*/}"; done`;

function formsOf({ args }: ListedCommand): FlagForm[] {
  return [...flagForms(args), ...ALWAYS];
}

function namesOf({ flag, letters }: FlagForm): string[] {
  return [...letters.map((letter) => `-${letter}`), flag];
}

/** What stands for a run in help; its names can be completed. */
function isRun({ value = "" }: FlagForm): boolean {
  return /^run\b/.test(value);
}

function takesRuns({ words }: ListedCommand): boolean {
  return words?.usage.startsWith("[RUN]") === true;
}

function bash(commands: readonly ListedCommand[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const cases = commands.map((command) => {
    const forms = formsOf(command);
    const flags = forms.flatMap(namesOf).join(" ");
    const words = takesRuns(command)
      ? "$(_tandem_runs)"
      : (command.words?.complete ?? []).join(" ");
    const values = forms.flatMap((form) => {
      if (form.value === undefined) return [];
      const offered = isRun(form) ? '"$(_tandem_runs)"' : quoted(form.values.join("\n"));
      return [
        `        ${namesOf(form).join("|")}) values=${offered} files=${form.values.length === 0 && !isRun(form) ? "yes" : ""} ;;`,
      ];
    });
    return `    ${command.name})
      flags="${flags}" words="${words}"
      case $before in
${values.join("\n")}
        *) return 1 ;;
      esac ;;`;
  });
  return `# bash completion of tandem: source <(tandem completion bash)
_tandem_runs() { local f; ${RUNS}; }
# What may follow in this command: its flags, its words, and the values of the flag before; 1 if no value follows.
_tandem_known() {
  case $1 in
${cases.join("\n")}
    help) words="${names}"; return 1 ;;
    *) return 1 ;;
  esac
}
_tandem() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} flags="" words="" values="" files="" IFS=$' \\t\\n'
  COMPREPLY=()
  # Bash takes \`--flag=value\` for three words.
  [ "$word" = "=" ] && word=""
  [ "$before" = "=" ] && before=\${COMP_WORDS[COMP_CWORD - 2]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} help --help --version" -- "$word"))
  elif _tandem_known "\${COMP_WORDS[1]}"; then
    [ -n "$files" ] && return
    IFS=$'\\n'
    COMPREPLY=($(compgen -W "$values" -- "$word"))
    [ \${#COMPREPLY[@]} -gt 0 ] || compopt +o default 2>/dev/null
    COMPREPLY=("\${COMPREPLY[@]// /\\\\ }")
  else
    case $word in
      -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
      *) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
    esac
  fi
}
complete -o default -F _tandem tandem
`;
}

function zsh(commands: readonly ListedCommand[]): string {
  const names = commands.map(({ name, summary }) => quoted(`${name}:${summary}`));
  const cases = commands.map((command) => {
    const specs = formsOf(command).flatMap(zshSpecs);
    return `    ${command.name}) _arguments -s -S ${[...specs, zshWords(command)].join(" ")} ;;`;
  });
  return `#compdef tandem
# zsh completion of tandem: source <(tandem completion zsh)
_tandem_runs() {
  local -a runs
  runs=(\${TANDEM_LOG_DIR:-logs}/*/run.json(N:h:t))
  compadd -a runs
}
_tandem_commands() {
  local -a commands
  commands=(${names.join(" ")})
  _describe command commands
}
_tandem() {
  if (( CURRENT == 2 )); then
    _tandem_commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join("\n")}
    help) _tandem_commands ;;
  esac
}
compdef _tandem tandem
`;
}

function zshSpecs(form: FlagForm): string[] {
  const { value, meaning, values } = form;
  const text = meaning.replace(/[[\]:\\]/g, "\\$&");
  const offered = values.map((one) => one.replace(/[\s:()\\]/g, "\\$&")).join(" ");
  const action = isRun(form) ? "_tandem_runs" : offered === "" ? "_files" : `(${offered})`;
  const takes = value === undefined ? "" : `:${value.replace(/[:\\]/g, "\\$&")}:${action}`;
  return namesOf(form).map((name) => {
    const glued = value === undefined ? "" : name.startsWith("--") ? "=" : "+";
    return quoted(`${name}${glued}[${text}]${takes}`);
  });
}

function zshWords(command: ListedCommand): string {
  if (takesRuns(command)) return "'*:run:_tandem_runs'";
  const { complete = [], usage = "" } = command.words ?? {};
  if (command.words === undefined) return "";
  return complete.length === 0 ? "'*:word:_files'" : quoted(`*:${usage}:(${complete.join(" ")})`);
}

function fish(commands: readonly ListedCommand[]): string {
  const all = commands.map(({ name }) => name).join(" ");
  const lines = commands.flatMap((command) => {
    const { name, summary, words } = command;
    const within = `complete -c tandem -n '__fish_seen_subcommand_from ${name}'`;
    const offered = takesRuns(command) ? "(_tandem_runs)" : (words?.complete ?? []).join(" ");
    return [
      `complete -c tandem -f -n '_tandem_first' -a ${name} -d ${fishText(summary)}`,
      ...formsOf(command).map((form) => `${within} ${fishForm(form)}`),
      ...(offered === "" ? [] : [`${within} -f -a ${fishText(offered)}`]),
    ];
  });
  return `# fish completion of tandem: tandem completion fish | source
function _tandem_first; test (count (commandline -opc)) -eq 1; end
function _tandem_runs
  set -l logs logs
  set -q TANDEM_LOG_DIR; and set logs $TANDEM_LOG_DIR
  for f in $logs/*/run.json; path basename (path dirname $f); end
end
complete -c tandem -f -n '_tandem_first' -a help -d 'Explain a command'
complete -c tandem -f -n '__fish_seen_subcommand_from help' -a '${all}'
${lines.join("\n")}
`;
}

function fishForm(form: FlagForm): string {
  const { flag, letters, value, meaning, values } = form;
  const short = letters.map((letter) => ` -s ${letter}`).join("");
  const offered = isRun(form)
    ? "(_tandem_runs)"
    : values.map((one) => one.replaceAll(" ", "\\ ")).join(" ");
  const takes = value === undefined ? "" : offered === "" ? " -r" : ` -x -a ${fishText(offered)}`;
  return `-l ${flag.slice(2)}${short}${takes} -d ${fishText(meaning)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishText(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
