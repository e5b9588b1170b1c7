// Owns the shell scripts that take an agent's work: git over a folder of the harness's own, against the agent's work tree.
import type { Sandbox } from "../sandbox/sandbox.ts";

export const PATCH_FILE = "patch.txt";
/** Exit statuses of the scripts. */
export const ENDS = { no_base: 93, no_tree: 94, no_room: 95, broken: 96 } as const;
/** New files of more bytes, or more of them, are not even looked into: no patch of a bearable size could hold them. */
const MOST_NEW_BYTES = 1024 ** 3;
const MOST_NEW_FILES = 200_000;
/** A tracked file of more bytes is looked at before git reads it. */
const BIG_FILE_BYTES = 64 * 1024 ** 2;

const HOW = "--binary --full-index --no-color --no-ext-diff --no-textconv --ignore-submodules";
const ALL = `. ':(exclude,top)${PATCH_FILE}'`;

/**
 * The agent's own index, configuration, attributes, hooks and objects do not matter: `$h` is a git folder that nobody but
 * us has written to. Its objects lean on the harness's copy of the base, and where that is gone on the agent's.
 */
function prelude({ repo_path, base_commit }: Sandbox): string {
  return `export LC_ALL=C GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_ATTR_NOSYSTEM=1 GIT_OPTIONAL_LOCKS=0
unset GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_NAMESPACE
unset GIT_EXTERNAL_DIFF GIT_DIFF_OPTS GIT_LITERAL_PATHSPECS GIT_GLOB_PATHSPECS GIT_NOGLOB_PATHSPECS GIT_ICASE_PATHSPECS
base='${base_commit}'
cd -- '${repo_path}' 2>/dev/null || exit ${ENDS.no_tree}
g() {
  git --git-dir="$h" --work-tree=. -c safe.directory='*' -c core.hooksPath=/dev/null -c core.autocrlf=false -c core.fsmonitor=false -c core.quotePath=true -c core.excludesFile=/dev/null -c core.attributesFile=/dev/null -c gc.auto=0 -c core.looseCompression=0 -c apply.whitespace=nowarn -c apply.ignoreWhitespace=no -c diff.external= -c diff.noprefix=false -c diff.mnemonicPrefix=false -c diff.relative=false "$@" 2>>"$h/words"
}
failed() {
  if grep -q 'No space left on device\\|Disk quota exceeded' "$h/words"; then exit ${ENDS.no_room}; fi
  tail -n 3 "$h/words"
  exit ${ENDS.broken}
}
`;
}

/** Makes `$h`, writes the new files' names to `$h/others` (each ended by a NUL), and prints `$h`. */
export function listScript(sandbox: Sandbox): string {
  return `${prelude(sandbox)}
[ -n "$(ls -A | grep -vx .git | head -c 1)" ] || exit ${ENDS.no_tree}
h=$(mktemp -d '${sandbox.work_path}/.harness-XXXXXX' 2>&1) || h=$(mktemp -d 2>&1) || {
  case $h in *'No space left'*) exit ${ENDS.no_room} ;; *) echo "$h"; exit ${ENDS.broken} ;; esac
}
mkdir -p "$h/objects/info" "$h/refs" "$h/info" && : >"$h/words" || exit ${ENDS.no_room}
echo 'ref: refs/heads/none' >"$h/HEAD"
for objects in '${sandbox.base_git}/objects' "$PWD/.git/objects"; do
  [ ! -d "$objects" ] || printf '%s\\n' "$objects"
done >"$h/objects/info/alternates"
cp '${sandbox.base_git}/info/exclude' "$h/info/exclude" 2>/dev/null || cp .git/info/exclude "$h/info/exclude" 2>/dev/null
g read-tree "$base^{tree}" || exit ${ENDS.no_base}
g ls-files -z --others --exclude-standard -- ${ALL} >"$h/others" || failed
echo "$h"`;
}

export type TakeRequest = {
  /** The folder that {@link listScript} printed. */
  readonly folder: string;
  /** Whether patch.txt is to be compared with the work tree. */
  readonly patch: boolean;
};

/**
 * Leaves out what `$h/roots` names (each ended by a NUL) unless the base has files there: what it left out is in
 * `$h/left`. Then writes the work tree's diff to `$h/diff`, its changes and patch.txt's to `$h/work.raw` and
 * `$h/patch.raw`. Prints `large <bytes>` instead where there is too much, and `unreadable`, `applies`, `diff <bytes>`
 * as they hold.
 */
export function takeScript(sandbox: Sandbox, { folder, patch }: TakeRequest): string {
  return `h='${folder}'
${prelude(sandbox)}
: >"$h/left"
paths=(${ALL})
[ ! -s "$h/roots" ] || while IFS= read -r -d '' root; do
  [ -z "$(g ls-files -- ":(top,literal)$root" | head -c 1)" ] || continue
  printf '%s\\0' "$root" >>"$h/left"
  paths+=(":(exclude,top,literal)$root")
done <"$h/roots"
sizes() { xargs -0 stat -c "$1" -- </dev/stdin 2>/dev/null; }
grown() {
  g ls-files -z | sizes '%s %n' | awk '$1 > ${BIG_FILE_BYTES}' | while read -r size name; do
    [ "$(g cat-file -s ":$name")" = "$size" ] || echo "$size"
  done
}
new=$({ g ls-files -z --others --exclude-standard -- "\${paths[@]}" | sizes %s; grown; } |
  awk '{ n++; bytes += $1 } END { if (n > ${MOST_NEW_FILES} || bytes > ${MOST_NEW_BYTES}) printf "%.0f", bytes }')
if [ -n "$new" ]; then echo "large $new"; exit 0; fi
g add -A --ignore-errors -- "\${paths[@]}"
case $? in
  0) ;;
  1 | 128) ! grep -q 'No space left\\|quota exceeded' "$h/words" || failed; echo unreadable ;;
  *) failed ;;
esac
g diff --cached ${HOW} "$base" -- "\${paths[@]}" >"$h/diff" || failed
changes() { g diff-index --cached --raw -z --no-abbrev --no-renames --ignore-submodules "$base" -- "\${paths[@]}"; }
changes >"$h/work.raw" || failed
echo "diff $(wc -c <"$h/diff" | tr -d ' ')"
${patch ? COMPARE : ""}`;
}

const COMPARE = `export GIT_INDEX_FILE="$h/patch.index"
g read-tree "$base^{tree}" || failed
paths=(.)
if g apply --cached '${PATCH_FILE}'; then
  changes >"$h/patch.raw" || failed
  echo applies
fi`;
