// Owns what is done on a host: POSIX shell scripts that start workers, end them and look after them, each known by its pid and its start.
import type { Crew } from "../launcher.ts";
import type { OptionValues } from "../options.ts";
import { commandLine, quoted } from "../shell.ts";
import { GRACE_S, inFolder } from "../worker.ts";
import type { SSH_OPTIONS } from "./options.ts";

export type SshOptions = OptionValues<typeof SSH_OPTIONS>;

/** What begins the lines that are for us: a login script may print others. */
export const MARK = "tandem-worker:";
const USUAL_FOLDER = "tandem";
/** A worker that ends within this time has not begun. */
const FIRST_S = 2;

/** Starts as many as are missing of so many, and tells how each of the queue's workers is. */
export function startScript(crew: Crew, options: SshOptions, { workers, host }: Wanted): string {
  const words = [...(crew.tandem ?? ["tandem"]), "worker", ...crew.flags];
  const name = quoted(`ssh-${host.replace(/[^\w.-]+/g, "-")}-`);
  return lines([
    ...head(crew),
    ...inFolder('"$folder"', options.keys_file),
    'umask 077; mkdir -p "$state" || exit 2',
    ...[TELL, `known=${quoted(KNOWN)}`, 'eval "$known"', EACH],
    `wanted=${workers} first=${FIRST_S}`,
    `become=${quoted(BECOME)}`,
    "begin() {",
    `  set -- "$state" ${name} ${commandLine(words)}`,
    SESSION,
    "}",
    START,
  ]);
}

type Wanted = { readonly workers: number; readonly host: string };

/** Ends all of the queue's workers on the host. */
export function stopScript(crew: Crew, { grace_ms }: SshOptions): string {
  const grace = `grace=${Math.ceil((grace_ms ?? GRACE_S * 1000) / 1000)}`;
  return lines([...head(crew), GO, TELL, KNOWN, EACH, grace, STOP]);
}

export function statusScript(crew: Crew): string {
  return lines([...head(crew), GO, TELL, KNOWN, EACH, STATUS]);
}

const lines = (parts: readonly string[]) => `${parts.join("\n")}\n`;

function head({ folder = USUAL_FOLDER, queue }: Crew): string[] {
  // A folder that is not absolute is below the user's home, where a session begins.
  return [
    `folder=${quoted(folder.startsWith("/") ? folder : `./${folder}`)}`,
    // Machines may share the folder, and each has processes of its own.
    `state=logs/.workers/${quoted(queue)}/$(uname -n)`,
  ];
}

/** Where nothing was started there is no folder, and nothing to tell. */
const GO = 'cd "$folder" 2>/dev/null || exit 0';

const TELL = `tell() { printf '%s\t%s\t%s\t%s\n' '${MARK}' "$@"; }
last_line() { tail -n 1 "$state/$1.log" 2>/dev/null; }`;

/** When a process began, told apart from those of other boots; nothing for one that has ended. */
const KNOWN = `id_of() {
  if [ -r "/proc/$1/stat" ]; then
    echo "$(cat /proc/sys/kernel/random/boot_id)/$(sed 's/^.*) //' "/proc/$1/stat" | awk '$1 != "Z" { print $20 }')"
  else ps -o lstart= -p "$1" | tr -s ' ' _
  fi 2>/dev/null
}`;

/** `each COMMAND`: calls it with the pid of each worker that was started; `runs PID` tells whether it is still there. */
const EACH = `runs() { [ -e "$state/$1.pid" ] && [ "$(id_of "$1")" = "$(cat "$state/$1.pid")" ]; }
each() {
  for file in "$state"/*.pid; do
    [ -e "$file" ] || continue
    pid=\${file##*/}; "$1" "\${pid%.pid}"
  done
}
pause() { sleep 0.2 2>/dev/null || sleep 1; }`;

/** The shell writes down who it is, then becomes the worker: its pid and its start stay. */
const BECOME = `eval "$known"; state=$1 name=$2; shift 2
id_of $$ >"$state/$$.pid" && exec "$@" --name "$name$$" >>"$state/$$.log" 2>&1`;

const SESSION = `  export known
  if command -v setsid >/dev/null 2>&1; then exec setsid sh -c "$become" sh "$@"
  else exec nohup sh -c "$become" sh "$@"
  fi`;

const START = `count=0
seen() {
  if runs "$1"; then count=$((count + 1)); tell running "$1" ""
  else rm -f "$state/$1.pid"
  fi
}
each seen
begun=
while [ "$count" -lt "$wanted" ]; do
  begin >/dev/null 2>&1 </dev/null &
  begun="$begun $!" count=$((count + 1))
done
[ -z "$begun" ] || sleep "$first"
for pid in $begun; do
  if runs "$pid"; then tell started "$pid" ""
  else tell ended "$pid" "$(last_line "$pid")"; rm -f "$state/$pid.pid"
  fi
done`;

const STOP = `pids=
ask() {
  if runs "$1" && kill -s TERM "$1" 2>/dev/null; then pids="$pids $1"
  else tell "was not running" "$1" "$(last_line "$1")"; rm -f "$state/$1.pid"
  fi
}
each ask
until=$(($(date +%s) + grace))
while [ -n "$pids" ]; do
  left=
  for pid in $pids; do
    if runs "$pid"; then left="$left $pid"
    else tell stopped "$pid" ""; rm -f "$state/$pid.pid"
    fi
  done
  pids=$left
  [ -n "$pids" ] && [ "$(date +%s)" -lt "$until" ] || break
  pause
done
for pid in $pids; do
  runs "$pid" && { kill -s KILL -- "-$pid" 2>/dev/null || kill -s KILL "$pid"; }
  tell killed "$pid" "it had not ended within $grace s"; rm -f "$state/$pid.pid"
done`;

const STATUS = `look() {
  if runs "$1"; then tell running "$1" ""
  else tell ended "$1" "$(last_line "$1")"
  fi
}
each look`;
