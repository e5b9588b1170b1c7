// Owns which files a shell command writes, by rule: redirections, editors in place, patches, scripts that write. Pure.

/** Characters of a command that are read. */
const MOST_CHARACTERS = 32_768;
const HERE = /<<-?\s*(['"]?)(\w+)\1/;
/** The sides of a diff, and of the patches that some models write. */
const PATCHED =
  /^(?:\+\+\+ (?:b\/)?|--- a\/|\*\*\* (?:Add|Update|Delete) File: |\*\*\* Move to: )([^\t\n]+)$/gm;
const WRITES =
  /\b(?:write_text|write_bytes|writeFile(?:Sync)?|Bun\.write|appendFile(?:Sync)?|fs\.write|file_put_contents|File\.write|os\.(?:remove|rename|unlink))\b|\bopen\([^()\n]{0,300}["'][wax+]|\.write\(/;
/** A word between quotation marks, unless it is imported. */
const STRING = /(?<!(?:from|import|require\(|import\() ?)["'`]([\w@.+~/-]{1,200})["'`]/g;
const SCRIPT = /(?:^|\s)(?:python[\d.]*|node|bun|deno|ruby|perl|php)(?=\s|$)/;

/** Paths as the command spells them; which of them are files of the repository the caller knows. */
export function writtenBy(command: string): string[] {
  const { shell, bodies } = apart(command.slice(0, MOST_CHARACTERS));
  const patched = [...bodies, command].flatMap((text) =>
    /\b(?:apply|patch)|\*\*\* /.test(command)
      ? [...text.matchAll(PATCHED)].map(([, path = ""]) => path.trim())
      : [],
  );
  const scripted =
    SCRIPT.test(shell) && WRITES.test(command)
      ? [...command.matchAll(STRING)].map(([, path = ""]) => path)
      : [];
  const plain = simpleCommands(shell)
    .filter(({ length }) => length > 0)
    .flatMap(writtenByWords);
  return [...new Set([...plain, ...patched, ...scripted])].filter((path) => path !== "/dev/null");
}

/** The lines of the shell, and the texts that are handed to its commands. */
function apart(command: string): { readonly shell: string; readonly bodies: readonly string[] } {
  const [shell, bodies]: [string[], string[]] = [[], []];
  let until: string | undefined;
  let body: string[] = [];
  for (const line of command.split("\n")) {
    if (until === undefined) {
      shell.push(line);
      until = HERE.exec(line)?.[2];
    } else if (line.trim() === until) {
      bodies.push(body.join("\n"));
      [until, body] = [undefined, []];
    } else body.push(line);
  }
  return { shell: shell.join("\n"), bodies };
}

const WORD =
  /"((?:[^"\\]|\\[\s\S]?)*)(?:"|$)|'([^']*)(?:'|$)|(\d?>>?&?|&>|\|\|?|&&?|;|\n)|([^\s"'|&;<>]+|<+)/g;

/** The words of each command, redirections among them as `>`. */
function simpleCommands(shell: string): string[][] {
  const all: string[][] = [[]];
  for (const [, double, single, sign, bare] of shell.matchAll(WORD)) {
    if (sign === undefined) all.at(-1)?.push(double ?? single ?? bare ?? "");
    else if (/^(?:1?>>?|&>)$/.test(sign)) all.at(-1)?.push(">");
    else if (!sign.includes(">")) all.push([]);
    else all.at(-1)?.push("2>");
  }
  return all;
}

function writtenByWords(words: readonly string[]): string[] {
  const into = words.flatMap((word, at) => (word === ">" ? [words[at + 1] ?? ""] : []));
  const plain = words.filter(
    (word, at) => !/^(?:2?>|<+)$/.test(word) && !/^2?>$/.test(words[at - 1] ?? ""),
  );
  const [program = "", ...rest] = plain.filter((word) => !/^\w+=/.test(word) && word !== "sudo");
  return [...into, ...targetsOf(program, rest)].filter((path) => !/^&?\d$|^\/dev\//.test(path));
}

function targetsOf(program: string, rest: readonly string[]): readonly string[] {
  const names = rest.filter((word) => !word.startsWith("-"));
  if (/^(?:tee|touch|rm|unlink|truncate)$/.test(program)) return names;
  if (/^(?:cp|mv|install|ln)$/.test(program)) return program === "mv" ? names : names.slice(-1);
  const inPlace = rest.some((word) => /^(?:-[a-zA-Z]*i|--in-place)/.test(word));
  if (/^(?:sed|perl|ruby)$/.test(program)) return inPlace ? names : [];
  if (/^(?:prettier|black|ruff|gofmt|rustfmt|isort|biome)$/.test(program))
    return rest.some((word) => /^(?:-w|--write|format)$/.test(word)) ||
      /^(?:black|isort)$/.test(program)
      ? names
      : [];
  if (program !== "git") return [];
  const [verb, ...others] = names;
  if (verb === "rm" || verb === "mv" || verb === "restore") return others;
  const at = rest.indexOf("--");
  return verb === "checkout" && at >= 0 ? rest.slice(at + 1) : [];
}
