// Owns what is done to an image's repository before anybody works in it: its base commit, and a past that ends there.
import { Fault } from "../../core/fault.ts";
import type { OpenOptions, Sandbox } from "../sandbox.ts";
import type { ImageInfo } from "./images.ts";

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

const OPEN_TIMEOUT_MS = 10 * 60_000;

/** Base commits of images whose repository has proved usable in a suite's sandbox, by digest. */
export type Proven = Map<string, string>;
type Place = { readonly image: ImageInfo; readonly proven: Proven };
type Request = Pick<OpenOptions, "purpose" | "signal">;

/**
 * Makes the repository ready; its base commit. A suite's stays as the image has it: what one was told of it holds for all.
 * Throws Fault `setup_failed` when the repository is not usable.
 */
export async function baseCommit(
  { image, proven }: Place,
  exec: Sandbox["exec"],
  request: Request,
): Promise<string> {
  const known = request.purpose === "suite" ? proven.get(image.digest) : undefined;
  if (known !== undefined) return known;
  const commit = await prepare(exec, image, request);
  if (request.purpose === "suite") proven.set(image.digest, commit);
  return commit;
}

async function prepare(
  exec: Sandbox["exec"],
  image: ImageInfo,
  { purpose, signal }: Request,
): Promise<string> {
  const script = purpose === "agent" ? OPEN_AGENT : OPEN_SUITE;
  const made = await exec(script, {
    timeout_ms: OPEN_TIMEOUT_MS,
    ...(signal ? { signal } : {}),
  });
  const words = Buffer.from(made.output).toString("utf8").trim();
  const commit = words.split("\n").at(-1) ?? "";
  if (made.exit_code === 0 && /^[0-9a-f]{40,64}$/.test(commit)) return commit;
  throw new Fault("setup_failed", `${image.reference}: its repository is not usable: ${words}`, {
    hint: `the image needs bash, git, and a repository with a commit at ${REPO_PATH}`,
  });
}
