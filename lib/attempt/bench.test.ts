import { expect, setDefaultTimeout, test } from "bun:test";
import { benchAgents } from "../../scripts/dev/bench-attempts.ts";
import { pairPlace } from "./pair.fixture.ts";

setDefaultTimeout(120_000);

test("attempts at once all finish, and every message is in the ledger", async () => {
  using place = pairPlace();
  const [row] = await benchAgents({
    ledger: place.ledger,
    backend: place.backend,
    taskOf: () => place.task,
    log_dir: place.log_dir,
    attempts: 4,
    latency_ms: { least: 1, most: 20 },
    signal: new AbortController().signal,
  });
  expect(row).toMatchObject({ attempts: 4, finished: 4, messages_lost: 0 });
  // Seven commands and a submission an agent: each step after the first is measured.
  expect(row?.steps).toBe(4 * 2 * 7);
  expect(row?.harness_ms_per_step_median).toBeGreaterThan(0);
  const said = place.ledger.query("SELECT sender, count(*) AS n FROM messages GROUP BY 1");
  expect(said).toEqual([
    { sender: "agent1", n: (4 + 1) * 3 },
    { sender: "agent2", n: (4 + 1) * 3 },
  ]);
});
