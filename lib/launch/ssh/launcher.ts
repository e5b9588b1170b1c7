// Owns the launcher for hosts that ssh reaches: workers in sessions of their own, each known there by its pid and its start.
import { Fault } from "../../core/fault.ts";
import { eachOf } from "../../core/pool.ts";
import type { Crew, Launcher, Outcome, Told } from "../launcher.ts";
import { failed } from "../program.ts";
import { GRACE_S } from "../worker.ts";
import { type Line, runOn } from "./client.ts";
import { type Host, hostList, type Share, shares } from "./hosts.ts";
import { type SshOptions, startScript, statusScript, stopScript } from "./scripts.ts";

const AT_ONCE = 16;
const TIMEOUT_MS = 60_000;

export const ssh: Launcher<SshOptions> = {
  name: "ssh",
  render: (crew, options) =>
    wanted(crew, options)
      .map((share) => `# ${share.host.text}\n${scriptOf(crew, options, share)}`)
      .join("\n"),
  submit: async (crew, options, signal) =>
    await onEach(wanted(crew, options), async (share) => {
      const script = scriptOf(crew, options, share);
      const lines = await runOn(share.host, script, { options, signal, timeout_ms: TIMEOUT_MS });
      return { lines, fault: endedAtOnce(share.host, lines) };
    }),
  stop: async (crew, options, signal) => {
    const timeout_ms = TIMEOUT_MS + (options.grace_ms ?? GRACE_S * 1000);
    return await onEach(all(options), async ({ host }) => ({
      lines: await runOn(host, stopScript(crew, options), { options, signal, timeout_ms }),
    }));
  },
  status: async (crew, options, signal) =>
    await onEach(all(options), async ({ host }) => ({
      lines: await runOn(host, statusScript(crew), { options, signal, timeout_ms: TIMEOUT_MS }),
    })),
};

const wanted = ({ workers }: Crew, { hosts }: SshOptions) => shares(hostList(hosts), workers);
const all = ({ hosts }: SshOptions) => shares(hostList(hosts));

function scriptOf(crew: Crew, options: SshOptions, { host, workers }: Share): string {
  return startScript(crew, options, { workers, host: host.target });
}

function endedAtOnce(host: Host, lines: readonly Line[]): Fault | undefined {
  const line = lines.find(({ state }) => state === "ended");
  if (line === undefined) return undefined;
  const why = line.note === "" ? "" : `: ${line.note}`;
  return failed(`${host.text}: a worker ended at once${why}`, {
    hint: "correct that on the host, or say with --tandem how Tandem is called there",
  });
}

type Done = { readonly lines: readonly Line[]; readonly fault?: Fault | undefined };

/** Many hosts at a time; what keeps one away does not keep the others. */
async function onEach(
  parts: readonly Share[],
  act: (share: Share) => Promise<Done>,
): Promise<Outcome> {
  const told: Told[] = [];
  const faults: Fault[] = [];
  await eachOf(parts, { concurrency: AT_ONCE }, async (share) => {
    try {
      const { lines, fault } = await act(share);
      const { text: host } = share.host;
      told.push(
        ...lines.map(({ note, ...line }) => ({ host, ...line, ...(note !== "" && { note }) })),
      );
      if (fault !== undefined) faults.push(fault);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push(error);
    }
  });
  return { told, faults };
}
