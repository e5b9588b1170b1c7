// Owns calls of the ssh client: a script goes to a host, lines come back, and what keeps a host away is one line.
import { errorMessage, Fault } from "../../core/fault.ts";
import { ended, failed, lastLine } from "../program.ts";
import type { Host } from "./hosts.ts";
import { MARK, type SshOptions } from "./scripts.ts";

/** Nobody is there to be asked for a password; a host that falls silent is let go after 45 s. */
const OPTIONS = [
  ...["BatchMode=yes", "ConnectTimeout=15", "ServerAliveInterval=15", "ServerAliveCountMax=3"],
].flatMap((option) => ["-o", option]);
/** The client's own exit status when it is what fails. */
const CLIENT_FAILED = 255;

export type Line = { readonly state: string; readonly pid: number; readonly note: string };
type Call = {
  readonly options: SshOptions;
  readonly signal: AbortSignal;
  readonly timeout_ms: number;
};

/** Runs the script there; returns the lines that it tells. Throws Fault `launch_failed`, whose message begins with the host. */
export async function runOn(host: Host, script: string, call: Call): Promise<Line[]> {
  const { options, signal, timeout_ms } = call;
  const config = options.ssh_config === undefined ? [] : ["-F", options.ssh_config];
  const port = host.port === undefined ? [] : ["-p", host.port];
  const command = ["ssh", ...config, ...OPTIONS, "-T", ...port, "--", host.target, "sh -s"];
  const told = await ended(command, { input: script, signal, timeout_ms }).catch(
    (error: unknown) => {
      if (!(error instanceof Fault)) throw error;
      throw failed(`${host.text}: ${errorMessage(error)}`, { hint: error.hint, cause: error });
    },
  );
  if (told.exit_code === 0) return told.stdout.split("\n").flatMap(lineOf);
  const said = lastLine(told.stderr) ?? `ended with exit status ${told.exit_code}`;
  const byClient = told.exit_code === CLIENT_FAILED;
  throw failed(`${host.text}: ${said.replace(/^ssh: /, "")}`, {
    hint: byClient
      ? hintOf(said, host)
      : "correct that on the host, then run the same command again",
  });
}

function lineOf(text: string): Line[] {
  const [mark, state = "", pid = "", note = ""] = text.split("\t");
  return mark === MARK ? [{ state, pid: Number(pid), note }] : [];
}

/** By what the client says. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /host key verification failed/i,
    "connect once by hand, and accept its key if it is the right one",
  ],
  [
    /permission denied/i,
    "give ssh a key that needs no password: by ssh-agent, or IdentityFile in its configuration",
  ],
  [/could not resolve/i, "correct the name, or give it an address in the configuration of ssh"],
];

function hintOf(said: string, { target, port }: Host): string {
  const words = `see that 'ssh ${port === undefined ? "" : `-p ${port} `}${target} true' works without a question`;
  return HINTS.find(([form]) => form.test(said))?.[1] ?? words;
}
