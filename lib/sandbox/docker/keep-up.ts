// Owns what keeps a container up: its first process, which also starts the container's first shell.
import { WORK_PATH } from "./opening.ts";

/** How much longer a container lives for each SIGUSR2. */
export const PROLONGED_S = 60;

/**
 * A script for `sh` that sleeps until the container's lifetime is over, also when a command kills every `sleep` it finds. On
 * SIGUSR1, which the engine can send when no process can be started any more, it kills all but itself; on SIGUSR2 it
 * lives {@link PROLONGED_S} longer.
 *
 * Its standard input and output are those of a `bash -p`, which costs far less than a program that the engine starts
 * later. When that bash ends, a line on standard error says so: nothing else is ever written there.
 */
export function keepUp(max_lifetime_ms: number): string {
  const seconds = Math.ceil(max_lifetime_ms / 1000);
  return `command -v bash >/dev/null && exec bash -p -c '${waiting(seconds)}'
echo "no bash" >&2
exec sleep ${seconds}`;
}

/** In bash with job control: only then what it starts in the background may still be interrupted. */
function waiting(seconds: number): string {
  return `exec 3<&0 4>&2 </dev/null 2>/dev/null
echo tandem >/proc/$$/comm
mkdir -p ${WORK_PATH}
set -m
bash -p <&3 2>&1 3<&- 4>&- &
shell=$!
exec 3<&-
tell() { [[ $shell ]] && ! kill -0 "$shell" && shell= && echo ended >&4; }
trap : TERM HUP INT
trap tell CHLD
trap "kill -s KILL -- -1" USR1
end=$(( SECONDS + ${seconds} ))
trap "end=\\$(( end + ${PROLONGED_S} )); kill \\$nap" USR2
tell
while left=$(( end - SECONDS )); (( left > 0 )); do
  sleep "$left" 4>&- &
  nap=$!
  while kill -0 "$nap"; do wait "$nap"; done
done`;
}
