import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../lib/cli/groups.ts";
import { describeWith, temporaryFolder } from "../lib/core/testing.ts";

setDefaultTimeout(60_000);

const PROGRAM = join(import.meta.dir, "tandem.ts");
const here = temporaryFolder("tandem-completion");
afterAll(() => here[Symbol.dispose]());
for (const run of ["alpha", "beta two"]) {
  mkdirSync(join(here.path, "logs", run), { recursive: true });
  writeFileSync(join(here.path, "logs", run, "run.json"), "{}");
}
mkdirSync(join(here.path, "logs/not-a-run"));

/** What stands before the cursor, and what it becomes or can become. */
const CASES: [line: string, offered: string[]][] = [
  ["run-p", ["run-pair"]],
  ["help ev", ["eval"]],
  ["merge --fo", ["--force"]],
  ["run-pair --no-m", ["--no-messaging"]],
  ["merge --vers", ["--version"]],
  ["report --policy u", ["union"]],
  ["run-pair --setting s", ["solo"]],
  ["run-pair --backend d", ["docker"]],
  ["retry --outcome lim", ["limit reached"]],
  ["pipeline da", ["dataset"]],
  ["completion z", ["zsh"]],
  ["docs conc", ["concepts"]],
  ["report -n al", ["alpha"]],
  ["report -n b", ["beta two"]],
  ["archive al", ["alpha"]],
];

function output(command: readonly string[], stdin = ""): string {
  const env = { ...process.env, HOME: here.path, TERM: "xterm", TANDEM_LOG_DIR: "logs" };
  const run = Bun.spawnSync([...command], { cwd: here.path, env, stdin: Buffer.from(stdin) });
  const said = run.stderr.toString();
  if (run.exitCode !== 0) throw new Error(`${command[0]} ended with ${run.exitCode}: ${said}`);
  return run.stdout.toString();
}

function script(shell: string): string {
  const path = join(here.path, `completion.${shell}`);
  writeFileSync(path, output([process.execPath, PROGRAM, "completion", shell]));
  return path;
}

describeWith("bash", "completion of bash", () => {
  const path = script("bash");
  const complete = (line: string) => {
    const words = ["tandem", ...line.split(" ")];
    const ask = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tandem; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const lines = output(["bash", "-c", ask, path, ...words]).split("\n");
    return lines.filter((one) => one !== "").map((one) => one.replaceAll("\\ ", " "));
  };
  test.each(CASES)("of `tandem %s` is %j", (line, offered) => {
    expect(complete(line)).toEqual(offered);
  });

  test("knows all commands, and a value behind an equals sign", () => {
    expect(complete("")).toEqual([...COMMANDS, "help", "--help", "--version"]);
    expect(complete("report --policy = u")).toEqual(["union"]);
    expect(complete("report -o x")).toEqual([]);
  });
});

describeWith("zsh", "completion of zsh", () => {
  const path = script("zsh");
  /** Types the lines into a real shell, with a tab behind each, and reads what has become of them. */
  const typed = (lines: readonly string[]) => {
    const ask = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1= PS2= RPS1=; autoload -U compinit; compinit -u -D; source $1; unsetopt beep list_beep"
zpty -w shell "show() { print -r -- \\"<<<\\$BUFFER>>>\\" >>$2; BUFFER= }; zle -N show; bindkey '^G' show; print READY"
zpty -r shell seen '*READY*'
zpty -r shell seen '*READY*'
for line in "\${@:3}"; do zpty -w -n shell "tandem $line"$'\\t\\x07'; done
for try in {1..200}; do
  [[ $(grep -c '<<<' $2 2>/dev/null) -ge $(($# - 2)) ]] && break
  zpty -r -t shell seen || sleep 0.05
done
zpty -d shell`;
    const file = join(here.path, "typed");
    output(["zsh", "-f", "-c", ask, "zsh", path, file, ...lines]);
    return output(["cat", file]);
  };
  test("fits what is typed", () => {
    const became = typed(CASES.map(([line]) => line));
    const wanted = CASES.map(([line, [offered = ""]]) => {
      const before = line.split(" ").slice(0, -1);
      return `<<<${["tandem", ...before, offered.replaceAll(" ", "\\ ")].join(" ")} >>>`;
    });
    expect(became.trimEnd().split("\n")).toEqual(wanted);
  });
});

describeWith("fish", "completion of fish", () => {
  const path = script("fish");
  const complete = (line: string) => {
    const lines = output(["fish", "-c", `source ${path}; complete -C "tandem ${line}"`]);
    return lines
      .split("\n")
      .map((one) => one.split("\t")[0] ?? "")
      .filter((one) => one !== "");
  };
  test.each(CASES)("of `tandem %s` is %j", (line, offered) => {
    expect(complete(line)).toEqual(offered);
  });

  test("knows all commands", () => {
    expect(complete("").toSorted()).toEqual([...COMMANDS, "help"].toSorted());
  });
});
