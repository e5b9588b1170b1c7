// Owns the list of hosts: where it is read from, what a host may look like, and how many workers each of them gets.
import { existsSync, readFileSync, statSync } from "node:fs";
import { UsageError } from "../../core/fault.ts";

/** A host as ssh takes it; `text` is how it was written. */
export type Host = { readonly text: string; readonly target: string; readonly port?: string };
export type Share = { readonly host: Host; readonly workers: number };

const FORM = /^(?:[\w.+-]+@)?(?:[\w.-]+|\[[\da-fA-F:.]+(?:%\w+)?\])(?::(\d{1,5}))?$/;

/** Hosts after commas, or the lines of a file (`#` begins a comment). Throws UsageError. */
export function hostList(given: string | undefined): Host[] {
  if (given === undefined) throw new UsageError("ssh needs hosts: --hosts a,b, or a file of them");
  const isFile = existsSync(given) && statSync(given).isFile();
  const text = isFile ? readFileSync(given, "utf8") : given;
  const words = text
    .split("\n")
    .flatMap((line) => line.replace(/(^|\s)#.*$/, "").split(/[\s,]+/))
    .filter(Boolean);
  if (words.length === 0) throw new UsageError(`--hosts ${given} names no host`);
  const twice = words.find((word, at) => words.indexOf(word) !== at);
  if (twice !== undefined) throw new UsageError(`--hosts names ${twice} twice`);
  return words.map(hostOf);
}

function hostOf(text: string): Host {
  const [whole, port] = FORM.exec(text) ?? [];
  // What begins with a dash would be an option of ssh.
  if (whole === undefined || text.startsWith("-") || Number(port ?? 1) > 65_535)
    throw new UsageError(`--hosts: "${text}" is not a host ([user@]host[:port]), nor a file`);
  const target = port === undefined ? text : text.slice(0, -port.length - 1);
  return { text, target: target.replace(/[[\]]/g, ""), ...(port !== undefined && { port }) };
}

/** As even as can be: the first hosts get one more. One per host when no number is given. */
export function shares(hosts: readonly Host[], workers = hosts.length): Share[] {
  const each = Math.floor(workers / hosts.length);
  const more = workers % hosts.length;
  return hosts
    .map((host, at) => ({ host, workers: each + (at < more ? 1 : 0) }))
    .filter(({ workers }) => workers > 0);
}
