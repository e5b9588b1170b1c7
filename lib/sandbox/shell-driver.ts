// Owns the words between host and attached shell: the bash loop that runs commands inside, and the frames around output.
import { BoundedOutput } from "./output.ts";
import { GRACE_MS } from "./sandbox.ts";

/**
 * A bash program, read from standard input, that then reads requests from the same place: nonce, working folder, script
 * file and command, each ended by a NUL. Nothing may follow the loop: it would be read as a request. Apart from a
 * script's removal and that while it uses builtins only, so that it works when no process can be started.
 *
 * Each command is a job (`set -m`), hence in a process group of its own; the job tells the group before it becomes the
 * command. What the command leaves has a while to end by itself, unless it was killed; then it is counted and killed: its
 * group and the rest of the shell's session (`timeout` and job control make groups of their own). Only a place with a process table of its own (`owns_processes`) also loses its orphans:
 * children of process 1 other than `main`, which keeps the place up. On a host those would be everybody's daemons.
 * Looking through /proc costs as much as a command, so such a place does it only when its cgroup counts more than the
 * `quiet` few that are always there: process 1, main with its one child, and the shell.
 */
export function driver(place: { readonly owns_processes: boolean }): string {
  return `${place.owns_processes ? OWN_PROCESSES : FOREIGN_PROCESSES}${LOOP}`;
}

/** Want of memory is to end a command, not what keeps the place up. */
const OWN_PROCESSES = `{ echo 500 >/proc/self/oom_score_adj; } 2>/dev/null
owns= main=
{ read -r main _ </proc/1/task/1/children; } 2>/dev/null
[[ $main ]] && owns=1
session=$$
if [[ $owns && $PPID == "$main" ]]; then
  IFS= read -r -d '' stat </proc/$$/stat
  read -r -a fields <<<"\${stat##*) }"
  session=\${fields[3]}
fi
counter=/sys/fs/cgroup/pids/pids.current
[[ -r $counter ]] || counter=/sys/fs/cgroup/pids.current
`;

/** Said outright: a variable of the surroundings must not turn the rule for orphans on. */
const FOREIGN_PROCESSES = "owns= main= counter= session=$$\n";

const LOOK_S = 0.05;
const LOOP = `exec 2>/dev/null
set -m
quiet=0
is_quiet() {
  local current=
  [[ $owns ]] && read -r current <"$counter"
  [[ $current && $current -le $quiet ]]
}
look() {
  local stat pid line fields seen=0 others=
  left=()
  for stat in /proc/[0-9]*/stat; do
    pid=\${stat#/proc/}
    pid=\${pid%/stat}
    ((seen++))
    [[ $pid == 1 || $pid == $$ || $pid == "$main" ]] && continue
    line=
    IFS= read -r -d '' line <"$stat"
    read -r -a fields <<<"\${line##*) }"
    [[ $owns && \${fields[1]} == "$main" ]] && continue
    others=1
    [[ $line == '' || \${fields[0]} == [ZX] ]] && continue
    [[ $owns && \${fields[1]} == 1 || \${fields[3]} == $session ]] && left+=("$pid")
  done
  [[ $others ]] || quiet=$seen
  ((\${#left[@]}))
}
sweep() {
  local round pid ended=' '
  count=0
  is_quiet && return
  for ((round = 0; round < $2; round++)); do
    look || return
    sleep ${LOOK_S} </dev/null >/dev/null || break
    is_quiet && return
  done
  for ((round = 0; round < 20; round++)); do
    look || return
    for pid in "\${left[@]}"; do
      kill -KILL "$pid" || continue
      [[ $ended == *" $pid "* ]] && continue
      ended+="$pid "
      ((count++))
    done
    [[ $1 ]] && kill -KILL -- "-$1"
  done
}
sweep '' 0
while IFS= read -r -d '' nonce && IFS= read -r -d '' cwd && IFS= read -r -d '' script && IFS= read -r -d '' command; do
  {
    cd -- "$cwd" 2>/dev/null || { mkdir -p -- "$cwd" && cd -- "$cwd"; } || exit 126
    printf '%s+%s\\n' "$nonce" "$BASHPID"
    if [[ $script ]]; then exec bash "$script"; else exec bash -c "$command"; fi
  } </dev/null 2>&1 &
  wait $!
  status=$?
  if ((status == 137)); then sweep $! 0; else sweep $! ${GRACE_MS / 1000 / LOOK_S}; fi
  [[ $script ]] && rm -f -- "$script"
  printf '%s=%s %s\\n' "$nonce" "$status" "$count"
done
`;

export type Request = {
  readonly nonce: string;
  readonly cwd: string;
  /** A file to run instead of `command`; empty for none. */
  readonly script: string;
  readonly command: string;
};

/** A request as the driver reads it. Throws RangeError for text with a NUL, which no command can hold. */
export function requestBytes({ nonce, cwd, script, command }: Request): Buffer {
  const fields = [nonce, cwd, script, command];
  if (fields.some((field) => field.includes("\0")))
    throw new RangeError("a command or folder cannot hold a NUL byte");
  return Buffer.from(fields.map((field) => `${field}\0`).join(""));
}

/** Characters that no output holds by chance, fresh for each command; the command itself never sees them. */
export function freshNonce(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString("base64");
}

/** Splits what comes from the shell into a command's output and the two frames: its process group, its exit status. */
export class FrameReader {
  /** The command's process group, once it has one. */
  group: number | undefined;
  /** The exit status, once the command has ended. */
  status: number | undefined;
  /** How many processes the command left running, once it has ended. */
  left_running = 0;
  private readonly nonce: Buffer;
  private readonly output: BoundedOutput;
  private carry: Buffer = Buffer.alloc(0);

  constructor(nonce: string, max_output_bytes: number) {
    this.nonce = Buffer.from(nonce);
    this.output = new BoundedOutput(max_output_bytes);
  }

  /** Takes the next bytes; whatever follows the last frame is dropped. */
  feed(chunk: Uint8Array): void {
    let bytes = this.carry.length === 0 ? viewOf(chunk) : Buffer.concat([this.carry, chunk]);
    while (this.status === undefined) {
      const at = bytes.indexOf(this.nonce);
      const end = at === -1 ? -1 : bytes.indexOf("\n", at + this.nonce.length);
      if (end === -1) {
        this.hold(bytes, at);
        return;
      }
      this.output.add(bytes.subarray(0, at));
      this.frame(bytes.toString("latin1", at + this.nonce.length, end));
      bytes = bytes.subarray(end + 1);
    }
  }

  /** What was printed so far; `lost` when the shell is gone and no frame will come. */
  result(lost = false): { output: Uint8Array; dropped_bytes: number } {
    if (lost) this.output.add(this.carry);
    this.carry = Buffer.alloc(0);
    return this.output.result();
  }

  /** Keeps back what may be the beginning of a frame. */
  private hold(bytes: Buffer, at: number): void {
    const from = at === -1 ? Math.max(0, bytes.length - this.nonce.length + 1) : at;
    this.output.add(bytes.subarray(0, from));
    this.carry = Buffer.from(bytes.subarray(from));
  }

  private frame(text: string): void {
    const [value = 0, left_running = 0] = text.slice(1).split(" ").map(Number);
    if (text.startsWith("+")) this.group = value;
    else {
      this.status = value;
      this.left_running = left_running;
    }
  }
}

function viewOf(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
}
