// Owns the shell scripts of git sharing: what lays the remote in, what publishes a push, what takes a partner's branch in.

/** What the scripts of one agent's sandbox need to know; all paths are absolute and inside the sandbox. */
export type TeamPlace = {
  readonly agent_id: string;
  readonly repo_path: string;
  readonly base_commit: string;
  /** The agent's own shared folder. */
  readonly folder: string;
  readonly partners: readonly { readonly agent_id: string; readonly folder: string }[];
  /** In a replay: one line per fetch of the original, in the form of {@link FETCHES}. */
  readonly recorded: readonly string[];
  /** Seconds that a replayed fetch waits for the version that the original one took. */
  readonly patience_s: number;
};

/** Name of the git remote. */
export const TEAM_REMOTE = "team";
/** More than any feature needs; a larger branch is neither published nor taken in. */
const MOST_BYTES = 64 * 1024 ** 2;
/** A hostile pack may unfold to any size, and a hostile file may never end. */
const LIMITS = { seconds: 60, memory_kib: 4 * 1024 ** 2 } as const;
/**
 * A shared folder holds one file per push, named 1, 2, 3 and so on: the commit's id and a newline, then a pack of all
 * that the base does not have. A file never changes, so that a replayed fetch can take the version that the original
 * took, whatever has been pushed since; 0 stands for the base.
 */
export const MOST_VERSIONS = 9999;
/** Older ones are emptied: a fetch lags behind by the pushes within one command of its partner at most. */
const KEPT_VERSIONS = 32;
/** What the agent's fetches took, in its copy of the team's branches: one line each, such as `agent2=3 agent3=0`. */
export const FETCHES = "fetches";
/** The same for the attempt that is replayed; empty otherwise. */
const RECORDED = "recorded-fetches";
/** Counts the versions in a folder: sets `last`. It lists nothing: a partner's folder may hold any number of things. */
const COUNT_VERSIONS = `count() {
  last=0
  while [ "$last" -lt ${MOST_VERSIONS} ] && { [ -e "$1/$((last + 1))" ] || [ -L "$1/$((last + 1))" ]; }; do last=$((last + 1)); done
}`;

/** Where the agent's copy of the team's branches is, with the scripts in it: in the git folder, so in no diff. */
export const teamDir = (place: Pick<TeamPlace, "repo_path">) => `${place.repo_path}/.git/team`;

/**
 * Makes the agent's copy of the team's branches, all at the base, and the remote that leads to it. The agent's own
 * branch takes the agent's name, so that `git push team HEAD` means it.
 */
export function setUpScript(place: TeamPlace): string {
  const { agent_id, base_commit } = place;
  const team = teamDir(place);
  const ids = [agent_id, ...place.partners.map((partner) => partner.agent_id)];
  const created = (prefix: string) => ids.map((id) => `update ${prefix}/${id} ${base_commit}\n`);
  const remote = {
    url: team,
    uploadpack: `sh ${quoted(`${team}/upload-pack`)}`,
    fetch: `+refs/heads/*:refs/remotes/${TEAM_REMOTE}/*`,
    push: `HEAD:refs/heads/${agent_id}`,
    tagOpt: "--no-tags",
  };
  const followed = { remote: TEAM_REMOTE, merge: `refs/heads/${agent_id}` };
  return `set -e
cd ${quoted(place.repo_path)}
g() { git -c safe.directory='*' -c core.hooksPath=/dev/null -c core.fsmonitor=false -c gc.auto=0 "$@"; }
team=${quoted(team)}
g branch -m ${agent_id}
rm -rf "$team"
g clone -q --bare --local --single-branch --no-tags --template= "$PWD/.git" "$team"
${append('"$team/config"', section("core", { hooksPath: `${team}/hooks` }) + TEAM_SETTINGS)}
${append(".git/config", section(`remote "${TEAM_REMOTE}"`, remote) + section(`branch "${agent_id}"`, followed))}
printf '%s' ${quoted(created("refs/heads").join(""))} | g --git-dir="$team" update-ref --stdin
printf '%s' ${quoted(created(`refs/remotes/${TEAM_REMOTE}`).join(""))} | g update-ref --stdin
mkdir -p "$team/hooks"
printf '%s' ${quoted(updateHook(place))} >"$team/hooks/update"
printf '%s' ${quoted(uploadPack(place))} >"$team/upload-pack"
printf '%s' ${quoted(takeScript(place))} >"$team/take"
printf '%s' ${quoted(place.recorded.map((line) => `${line}\n`).join(""))} >"$team/${RECORDED}"
: >"$team/${FETCHES}"
chmod 755 "$team/hooks/update"`;
}

/**
 * What the partners would refuse is refused at the push already, where its author sees why; and where git has a refusal
 * of its own (deleting the only branch), the hook's, which says more.
 */
const TEAM_SETTINGS =
  section("receive", {
    denyDeleteCurrent: "ignore",
    fsckObjects: "true",
    maxInputSize: `${MOST_BYTES}`,
    autogc: "false",
  }) + section("gc", { auto: "0" });

/** A section of a git configuration, as git-config(1) has it. */
function section(name: string, settings: Record<string, string>): string {
  const lines = Object.entries(settings).map(
    ([key, value]) => `\t${key} = "${value.replace(/[\\"]/g, "\\$&")}"\n`,
  );
  return `[${name}]\n${lines.join("")}`;
}

function append(file: string, text: string): string {
  // A file written by hand may end in the middle of a line.
  return `printf '\\n%s' ${quoted(text)} >>${file}`;
}

/**
 * Runs at a push, before the branch moves: refuses all but the agent's own branch (as a courtesy: the partners' folders
 * are read-only here), and puts the branch into the agent's folder under its final name at once, never half-written.
 */
function updateHook({ agent_id, base_commit, folder }: TeamPlace): string {
  return `#!/bin/sh
refuse() { echo "${TEAM_REMOTE}: $1" >&2; exit 1; }
[ "$1" = refs/heads/${agent_id} ] || refuse "\${1#refs/heads/} is not yours to change: push to ${agent_id} (git push ${TEAM_REMOTE} HEAD:${agent_id})"
case $3 in *[!0]*) ;; *) refuse "${agent_id} cannot be deleted: your partners follow it" ;; esac
folder=${quoted(folder)}
draft=$(mktemp "$folder/.draft-XXXXXX") || refuse "nothing can be written to $folder"
trap 'rm -f "$draft"' EXIT
{ echo "$3" && printf '%s\\n^%s\\n' "$3" ${base_commit} | git pack-objects --revs --thin --stdout -q; } >"$draft" || refuse "the branch could not be packed"
[ $(wc -c <"$draft") -le ${MOST_BYTES} ] || refuse "a branch of more than ${MOST_BYTES / 1024 ** 2} MiB is not shared"
chmod 644 "$draft" || refuse "nothing can be written to $folder"
${COUNT_VERSIONS}
tries=0
# A link is made only where nothing is: another push of this agent may be under way.
until count "$folder"; [ "$last" -ge ${MOST_VERSIONS} ] || ln "$draft" "$folder/$((last + 1))" 2>/dev/null; do
  tries=$((tries + 1))
  [ "$tries" -lt 20 ] || refuse "nothing can be written to $folder"
done
[ "$last" -lt ${MOST_VERSIONS} ] || refuse "a branch can be shared ${MOST_VERSIONS} times at most"
old=$((last + 1 - ${KEPT_VERSIONS}))
[ "$old" -lt 1 ] || true >"$folder/$old"
exit 0
`;
}

/**
 * Runs at a fetch, in git-upload-pack's place: decides on the versions, notes them, and takes them. In a replay they
 * are the original's; where a partner does not publish its version in time, the attempt has become another one, and
 * this fetch and all later ones take what is there. A partner's branch that cannot be read does not affect the others'.
 */
function uploadPack({ partners, patience_s }: TeamPlace): string {
  const forEach = (call: string) =>
    partners.map(({ agent_id, folder }) => `${call} ${agent_id} ${quoted(folder)}`).join("\n");
  return `#!/bin/sh
team=$1
${COUNT_VERSIONS}
version_of() { for word in $2; do case $word in "$1"=*) echo "\${word#*=}" ;; esac; done; }
dropped() { [ -f "$1" ] && [ ! -L "$1" ] && [ ! -s "$1" ]; }
choose() {
  wanted=$(version_of "$1" "$recorded")
  count "$2"
  while [ "$last" -lt "\${wanted:-0}" ]; do
    if [ "$(date +%s)" -ge "$end" ]; then recorded=; true 2>/dev/null >"$team/${RECORDED}"; break; fi
    sleep 0.1 2>/dev/null || sleep 1
    count "$2"
  done
  if [ "\${wanted:-$last}" -lt "$last" ] && ! dropped "$2/$wanted"; then last=$wanted; fi
  took="$took $1=$last"
}
limited() { if command -v timeout >/dev/null 2>&1; then timeout ${LIMITS.seconds} "$@"; else "$@"; fi; }
take() {
  words=$(limited sh "$team/take" "$1" "$2/$(version_of "$1" "$took")" 2>&1 </dev/null) && return
  words=$(printf '%s' "\${words:-no end of it in ${LIMITS.seconds} seconds}" | tail -n 1 | tr -cd '\\040-\\176' | tail -c 200)
  echo "${TEAM_REMOTE}: the branch of $1 cannot be read and stays as it was: $words" >&2
}
recorded=$({ past=$(wc -l <"$team/${FETCHES}") && tail -n "+$((past + 1))" "$team/${RECORDED}" | head -n 1; } 2>/dev/null)
end=$(($(date +%s) + ${patience_s}))
took=
${forEach("choose")}
{ echo "\${took# }" >>"$team/${FETCHES}"; } 2>/dev/null
${forEach("take")}
exec git upload-pack "$team"
`;
}

/**
 * `take <agent> <file>`: brings one version of a partner's branch in. What its folder holds is an untrusted peer's: it
 * is read as one stream and checked like one from the network, in a place of its own; nothing there is ever used as a
 * repository.
 */
function takeScript({ base_commit }: TeamPlace): string {
  const id = base_commit.length;
  return `#!/bin/sh
team=$(dirname "$0")
file=$2
ulimit -t ${LIMITS.seconds} 2>/dev/null
ulimit -v ${LIMITS.memory_kib} 2>/dev/null
refuse() { echo "$1"; exit 1; }
[ "\${file##*/}" != 0 ] || exit 0
[ -f "$file" ] && [ ! -L "$file" ] || refuse "it is not a file"
g() { git --git-dir="$team" -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.bigFileThreshold=16m -c pack.threads=1 "$@"; }
tip=$(head -c ${id} "$file" 2>/dev/null | tr -cd 0-9a-f)
[ \${#tip} -eq ${id} ] || refuse "it does not begin with a commit's id"
if [ "$(g cat-file -t "$tip" 2>/dev/null)" != commit ]; then
  room=$(mktemp -d "$team/objects/incoming-XXXXXX") || exit
  trap 'rm -rf "$room"' EXIT
  trap 'exit 1' HUP INT TERM
  mkdir "$room/info" "$room/pack"
  printf '%s\\n' "$team/objects" >"$room/info/alternates"
  GIT_OBJECT_DIRECTORY=$room
  export GIT_OBJECT_DIRECTORY
  tail -c +${id + 2} "$file" 2>/dev/null | g index-pack --stdin --fix-thin --strict --max-input-size=${MOST_BYTES} || exit
  [ "$(g cat-file -t "$tip")" = commit ] && g rev-list --objects --quiet "$tip" --not --all || refuse "it is not complete"
  unset GIT_OBJECT_DIRECTORY
  # Readers look for the index first: it must not be there before its pack.
  mv -f "$room"/pack/*.pack "$team/objects/pack/" && mv -f "$room"/pack/*.idx "$team/objects/pack/" || exit
fi
g update-ref "refs/heads/$1" "$tip"
`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
