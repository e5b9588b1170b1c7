// Owns completions of `tandem` for bash, zsh and fish, made from the declarations of its commands.
import { type FlagForm, flagForms } from "./flag-forms.ts";
import type { ListedCommand } from "./tandem.ts";

type Script = (commands: readonly ListedCommand[]) => string;

/** How each shell is told. */
export const SHELLS: Readonly<Record<string, Script>> = { bash, zsh, fish };

function bash(commands: readonly ListedCommand[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const cases = commands.map(({ name, args }) => {
    const flags = flagForms(args).flatMap(({ flag, letters }) => [...letters.map(dashed), flag]);
    return `    ${name}) flags="${[...flags, "--help", "--version"].join(" ")}" ;;`;
  });
  return `# bash completion of tandem: source <(tandem completion bash)
_tandem() {
  local word=\${COMP_WORDS[COMP_CWORD]} flags=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} help" -- "$word"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join("\n")}
    help) COMPREPLY=($(compgen -W "${names}" -- "$word")); return ;;
  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
  esac
}
complete -o default -F _tandem tandem
`;
}

function zsh(commands: readonly ListedCommand[]): string {
  const names = commands.map(({ name, summary }) => quoted(`${name}:${summary}`));
  const cases = commands.map(({ name, args }) => {
    const specs = flagForms(args).flatMap(zshSpecs);
    return `    ${name}) _arguments -S ${[...specs, "'*:file:_files'"].join(" ")} ;;`;
  });
  return `#compdef tandem
# zsh completion of tandem: source <(tandem completion zsh)
_tandem() {
  if (( CURRENT == 2 )); then
    local -a commands
    commands=(${names.join(" ")})
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
compdef _tandem tandem
`;
}

function zshSpecs({ flag, letters, value, meaning }: FlagForm): string[] {
  const text = meaning.replace(/[[\]:\\]/g, "\\$&");
  const takes = value === undefined ? "" : `:${value.replace(/[:\\]/g, "\\$&")}:_files`;
  return [...letters.map(dashed), flag].map((form) => quoted(`${form}[${text}]${takes}`));
}

function fish(commands: readonly ListedCommand[]): string {
  const lines = commands.flatMap(({ name, summary, args }) => [
    `complete -c tandem -f -n __fish_use_subcommand -a ${name} -d ${fishText(summary)}`,
    ...flagForms(args).map(
      ({ flag, letters, value, meaning }) =>
        `complete -c tandem -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)}` +
        `${letters.map((letter) => ` -s ${letter}`).join("")}${value === undefined ? "" : " -r"} -d ${fishText(meaning)}`,
    ),
  ]);
  return `# fish completion of tandem: tandem completion fish | source\n${lines.join("\n")}\n`;
}

function dashed(letter: string): string {
  return `-${letter}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishText(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
