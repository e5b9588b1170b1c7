// Owns what is done to an image's repository before anybody works in it: its base commit, and a past that ends there.

export const REPO_PATH = "/workspace/repo";
export const WORK_PATH = "/patches";
/** The harness's copy of an agent's git folder as it was at first. */
export const BASE_GIT = "/.tandem/base.git";

/** git as the harness calls it inside: whoever owns the files, and without the repository's hooks. */
const GIT = `g() { git -c safe.directory='*' -c core.hooksPath=/dev/null -c core.fsmonitor=false -c gc.auto=0 -c commit.gpgSign=false "$@"; }
export GIT_AUTHOR_NAME=tandem GIT_AUTHOR_EMAIL=tandem@localhost GIT_AUTHOR_DATE='1700000000 +0000'
export GIT_COMMITTER_NAME=tandem GIT_COMMITTER_EMAIL=tandem@localhost GIT_COMMITTER_DATE='1700000000 +0000'`;

/** Prints the base commit; the repository stays as the image has it. */
export const OPEN_SUITE = `set -e
${GIT}
mkdir -p ${WORK_PATH}
g rev-parse --verify 'HEAD^{commit}'`;

/**
 * Prints the new base commit. A new git folder takes the old one's place and gets only what is listed: one commit with
 * the tree of HEAD, the index, hooks, settings (without remotes and branches), submodules' and LFS's folders. What is
 * not listed is gone, whatever it was: branches, tags, logs, stashes, grafts, every object of the past.
 * Untracked files of the image stay, and are excluded: they are not an agent's work.
 */
export const OPEN_AGENT = `set -e
${GIT}
mkdir -p ${WORK_PATH}
old=$(g rev-parse --absolute-git-dir)
commit=$(g commit-tree 'HEAD^{tree}' -m base)
new=$(mktemp -d .git-XXXXXX)
rmdir "$new"
g init -q --bare --template= "$new"
echo "$commit" | g pack-objects --revs --stdout -q | g --git-dir="$new" index-pack --stdin >/dev/null
g --git-dir="$new" update-ref refs/heads/main "$commit"
g --git-dir="$new" symbolic-ref HEAD refs/heads/main
staged=1
if g diff-index --cached --quiet HEAD; then staged=; fi
left() { g ls-files -z --others --exclude-standard; }
left | while IFS= read -r -d '' path; do
  case $path in "$new"/*|*$'\\n'*) ;; *) printf '/%s\\n' "$path" ;; esac
done | sed 's/[][\\\\*?!# ]/\\\\&/g' >"$new/untracked"
cp "$old/config" "$new/config"
for section in $(g --git-dir="$new" config --name-only --get-regexp '^(remote|branch)\\.' | sed 's/\\.[^.]*$//' | sort -u); do
  g --git-dir="$new" config --remove-section "$section" 2>/dev/null || :
done
g --git-dir="$new" config --unset extensions.partialClone || :
for name in index info hooks modules lfs; do
  if [ -e "$old/$name" ]; then rm -rf "$new/$name"; cp -a "$old/$name" "$new/$name"; fi
done
for shared in "$old"/sharedindex.*; do [ ! -e "$shared" ] || cp -a "$shared" "$new/"; done
rm -f "$new/info/grafts"
mkdir -p "$new/info"
cat "$new/untracked" >>"$new/info/exclude"
rm -rf "$new/untracked" "$old" .git
mv "$new" .git
g config core.bare false
g config user.name agent
g config user.email agent@localhost
mkdir -p ${BASE_GIT}/info
cp -al .git/objects ${BASE_GIT}/objects 2>/dev/null || { rm -rf ${BASE_GIT}/objects; cp -a .git/objects ${BASE_GIT}/objects; }
cp .git/info/exclude ${BASE_GIT}/info/exclude
[ ! "$staged" ] || { g read-tree HEAD; g update-index -q --refresh || :; }
g rev-parse HEAD`;
