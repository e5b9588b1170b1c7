// Owns what a report says about the servers that runs' models were asked at.
import type { Ledger } from "../../db/ledger.ts";
import { serverOf } from "../core/host.ts";

/**
 * Hosts that a run's attempts were made with, and how many with each; attempts from before that was recorded have the
 * run's own.
 */
export function serversOfRun(
  ledger: Ledger,
  run: string,
): readonly { readonly server: string; readonly attempts: number }[] {
  const found = ledger.runs.find(run);
  if (found === undefined) return [];
  const { model, config } = found;
  const { base_url, replay_of } = config;
  const address = typeof base_url === "string" ? base_url : null;
  const own = typeof replay_of === "string" ? null : serverOf({ model, base_url: address });
  const counts = new Map<string, number>();
  for (const { server, attempts } of ledger.provenance.servers(run)) {
    const name = server ?? own;
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + attempts);
  }
  return [...counts].map(([server, attempts]) => ({ server, attempts }));
}

/** A sentence for each run whose attempts came from more than one host. */
export function serverNotes(ledger: Ledger, runs: readonly string[]): string[] {
  return runs.flatMap((run) => {
    const servers = serversOfRun(ledger, run);
    if (servers.length < 2) return [];
    const each = servers.map(({ server, attempts }) => `${server} (${attempts})`).join(", ");
    return [
      `The attempts of ${run} were made with servers on several hosts, declared to be one: ${each}.`,
    ];
  });
}
