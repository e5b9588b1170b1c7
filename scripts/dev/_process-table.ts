// Owns a process table of its own (Linux, root): what is called in it sees its own kind, and nobody outside, by their pids.
import { Fault } from "../../lib/core/fault.ts";
import { thisOwner } from "../../lib/core/owner.ts";

export type ProcessTable = AsyncDisposable & {
  /** What a call begins with to be made in it; it dies with the process that this starts. */
  readonly within: readonly string[];
  /** An owner's name of a process in it. */
  readonly owner: string;
};

/** Opens one that stays until it is disposed of, with all that runs in it. Throws Fault `not_writable` where there can be none. */
export async function openProcessTable(): Promise<ProcessTable> {
  const first = ["sh", "-c", "readlink /proc/self/ns/pid && exec sleep infinity"];
  const call = ["unshare", "-p", "--fork", "--mount-proc", "--kill-child", "--", ...first];
  const child = Bun.spawn(call, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const { value } = await child.stdout.getReader().read();
  const number = /\d+/.exec(new TextDecoder().decode(value))?.[0];
  if (number === undefined) {
    child.kill("SIGKILL");
    const said = (await new Response(child.stderr).text()).trim();
    throw new Fault("not_writable", `no separate process table: ${said}`, {
      hint: "two process tables need root and unshare (Linux)",
    });
  }
  const of = (kind: string) => `/proc/${child.pid}/ns/${kind}`;
  const [host = "", table = ""] = thisOwner().split("/");
  return {
    within: [
      ...["nsenter", `--mount=${of("mnt")}`, `--pid=${of("pid_for_children")}`, "--"],
      ...["setpriv", "--pdeathsig", "KILL", "--"],
    ],
    owner: [host, table.replace(/\d+$/, number), 1, 1].join("/"),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
