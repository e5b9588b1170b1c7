// Owns the shell script that takes an agent's work: git over a folder of the harness's own, against the agent's work tree.
import type { Sandbox } from "../sandbox/sandbox.ts";

export const PATCH_FILE = "patch.txt";
/** Exit statuses of the script. */
export const ENDS = { no_base: 93, no_tree: 94, no_room: 95, broken: 96, no_folder: 97 } as const;
/** New files of more bytes, or more of them, are not even looked into: no patch of a bearable size could hold them. */
const MOST_NEW_BYTES = 1024 ** 3;
const MOST_NEW_FILES = 200_000;
/** A tracked file of more bytes is looked at before git reads it. */
const BIG_FILE_BYTES = 64 * 1024 ** 2;
/** Of more new files or bytes than this the names are looked at before git reads them: most may be a tool's. */
const FEW_NEW_FILES = 500;
const FEW_NEW_BYTES = 128 * 1024 ** 2;

const HOW = "--binary --full-index --no-color --no-ext-diff --no-textconv --ignore-submodules";
const ALL = `. ':(exclude,top)${PATCH_FILE}'`;

/**
 * The agent's own index, configuration, attributes, hooks and objects do not matter: `$h` is a git folder that only the
 * harness has written to. Its objects lean on the harness's copy of the base, and where that is gone on the agent's.
 */
function prelude({ repo_path, base_commit, base_git }: Sandbox): string {
  return `export LC_ALL=C GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_ATTR_NOSYSTEM=1 GIT_OPTIONAL_LOCKS=0
unset GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_NAMESPACE
unset GIT_EXTERNAL_DIFF GIT_DIFF_OPTS GIT_LITERAL_PATHSPECS GIT_GLOB_PATHSPECS GIT_NOGLOB_PATHSPECS GIT_ICASE_PATHSPECS
base='${base_commit}'
cd -- '${repo_path}' 2>/dev/null || exit ${ENDS.no_tree}
excluded='${base_git}/info/exclude'
[ -r "$excluded" ] || excluded=$PWD/.git/info/exclude
g() {
  git --git-dir="$h" --work-tree=. -c safe.directory='*' -c core.hooksPath=/dev/null -c core.autocrlf=false -c core.fsmonitor=false -c core.quotePath=true -c core.excludesFile="$excluded" -c core.attributesFile=/dev/null -c gc.auto=0 -c core.looseCompression=0 -c apply.whitespace=nowarn -c apply.ignoreWhitespace=no -c diff.external= -c diff.noprefix=false -c diff.mnemonicPrefix=false -c diff.relative=false "$@" 2>>"$h/words"
}
failed() {
  if grep -q 'No space left on device\\|Disk quota exceeded' "$h/words"; then exit ${ENDS.no_room}; fi
  tail -n 3 "$h/words"
  exit ${ENDS.broken}
}
paths=(${ALL})
`;
}

/** Makes `$h` with the base as its index, and says `at <path>` of it. */
function begin(sandbox: Sandbox, name: string): string {
  return `there() {
  shopt -s nullglob dotglob
  local file
  for file in *; do [ "$file" = .git ] || return 0; done
  return 1
}
there || exit ${ENDS.no_tree}
make() { h=$1/${name}; mkdir -m 700 "$h" "$h/objects" "$h/objects/info" "$h/refs" 2>&1; }
make '${sandbox.work_path}' || make "\${TMPDIR:-/tmp}" || exit ${ENDS.no_folder}
: >"$h/words" && echo 'ref: refs/heads/none' >"$h/HEAD" || exit ${ENDS.no_room}
for objects in '${sandbox.base_git}/objects' "$PWD/.git/objects"; do
  [ ! -d "$objects" ] || printf '%s\\n' "$objects"
done >"$h/objects/info/alternates"
echo "at $h"
g read-tree "$base^{tree}" || exit ${ENDS.no_base}`;
}

/** A tracked file may have grown: git would read all of it. */
const NO_BIG = `no_big=
big=$(find . -path ./.git -prune -o -type f -size +$((${BIG_FILE_BYTES} / 1024))k -print -quit 2>/dev/null) && [ -z "$big" ] && no_big=1`;

/** Where the work tree is what patch.txt makes of the base, as the prompt asks for, there is nothing to take from it. */
const SAME = `if [ "$patch" ] && [ "$no_big" ] && g apply --cached '${PATCH_FILE}'; then
  rest=$(g ls-files --modified --deleted --others --exclude-standard -- "\${paths[@]}") && [ -z "$rest" ] && { echo same; exit 0; }
  g read-tree "$base^{tree}" || failed
fi
g ls-files -z --others --exclude-standard -- "\${paths[@]}" >"$h/others" || failed`;

/** Only a few small new files are taken before their names were looked at. */
const FEW = `files=()
while [ "\${#files[@]}" -le ${FEW_NEW_FILES} ] && IFS= read -r -d '' file; do files+=("$file"); done <"$h/others"
echo "new \${#files[@]}"
few() {
  [ "$no_big" ] && [ "\${#files[@]}" -le ${FEW_NEW_FILES} ] || return 1
  local bytes=0 size
  [ "\${#files[@]}" = 0 ] || for size in $(stat -c %s -- "\${files[@]}" 2>/dev/null); do bytes=$((bytes + size)); done
  [ "$bytes" -le ${FEW_NEW_BYTES} ]
}
few || { echo many; exit 0; }`;

/** Starts anew, without what `$h/roots` names (each ended by a NUL), unless the base has files there. */
const LEAVE_OUT = `g read-tree "$base^{tree}" || failed
: >"$h/left"
[ ! -s "$h/roots" ] || while IFS= read -r -d '' root; do
  [ -z "$(g ls-files -- ":(top,literal)$root" | head -c 1)" ] || continue
  printf '%s\\0' "$root" >>"$h/left"
  paths+=(":(exclude,top,literal)$root")
done <"$h/roots"
sizes() { xargs -0 stat -c "$1" -- 2>/dev/null; }
grown() {
  g ls-files -z | sizes '%s %n' | awk '$1 > ${BIG_FILE_BYTES}' | while read -r size name; do
    [ "$(g cat-file -s ":$name")" = "$size" ] || echo "$size"
  done
}
large=$({ g ls-files -z --others --exclude-standard -- "\${paths[@]}" | sizes %s; grown; } |
  awk '{ n++; bytes += $1 } END { if (n > ${MOST_NEW_FILES} || bytes > ${MOST_NEW_BYTES}) printf "%.0f", bytes }')
if [ -n "$large" ]; then echo "large $large"; exit 0; fi`;

/**
 * Puts patch.txt onto the base first: what it changes is then known, and adding the work tree makes the index the work
 * tree's own whatever it held. The diff is made where patch.txt is not the whole of it.
 */
const TAKE = `changes() { g diff-index --cached --raw -z --no-abbrev --no-renames --ignore-submodules "$base" -- "$@"; }
applies=
if [ "$patch" ] && g apply --cached '${PATCH_FILE}'; then
  applies=1
  changes . >"$h/patch.raw" || failed
  echo applies
fi
g add -A --ignore-errors -- "\${paths[@]}"
case $? in
  0) ;;
  1 | 128) ! grep -q 'No space left\\|quota exceeded' "$h/words" || failed; echo unreadable ;;
  *) failed ;;
esac
if [ "$applies" ]; then
  changes "\${paths[@]}" >"$h/work.raw" || failed
  if cmp -s "$h/patch.raw" "$h/work.raw"; then exit 0; fi
fi
g diff --cached ${HOW} "$base" -- "\${paths[@]}" >"$h/diff" || failed
echo differs`;

export type TakeRequest = {
  /** Whether patch.txt is to be compared with the work tree. */
  readonly patch: boolean;
};

/**
 * Takes the work, in a new folder `$h` of that name. Says `at <$h>`, then only `same` where patch.txt does what
 * the work tree does; else `new <files>` (named in `$h/others`), and then only `many` where names are to be looked at
 * first, or what {@link takeAgainScript} says.
 */
export function takeScript(
  sandbox: Sandbox,
  { name, patch }: TakeRequest & { readonly name: string },
): string {
  return `${prelude(sandbox)}patch=${patch ? 1 : ""}
${begin(sandbox, name)}
${NO_BIG}
${SAME}
${FEW}
${TAKE}`;
}

/**
 * Takes the work without what `roots` in the folder names: what was left out is in `left`. Changes by patch.txt and by
 * the work tree go to `patch.raw` and `work.raw`, the work tree's diff to `diff`. Says `applies`, `unreadable`,
 * `differs` (there is a diff) as they hold, or only `large <bytes>` where there is too much.
 */
export function takeAgainScript(
  sandbox: Sandbox,
  { folder, patch }: TakeRequest & { readonly folder: string },
): string {
  return `${prelude(sandbox)}h='${folder}'
patch=${patch ? 1 : ""}
${LEAVE_OUT}
${TAKE}`;
}
