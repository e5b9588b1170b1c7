// Owns containers that their own commands have ended (`kill -9 -1`): told apart from others' doing, and started again.
import type { Readable } from "node:stream";
import { z } from "zod";
import { Fault } from "../../core/fault.ts";
import { runHelper } from "./attach.ts";
import { assertRunning, stateOf } from "./container.ts";
import type { Engine } from "./engine.ts";
import { jsonLines } from "./progress.ts";

/** Exit status of what SIGKILL ended: 128 + 9. */
const KILLED = 137;
/** What the harness sends by itself, as the engine's events write it. */
const OWN_SIGNALS = ["10", "SIGUSR1"];
/** How long a container may take to be seen as ended. */
const LOOK_AGAIN_MS = [50, 100, 200, 400, 800];

const KillEvent = z.looseObject({
  Actor: z.looseObject({ Attributes: z.looseObject({ signal: z.string().optional() }) }),
});

/**
 * Starts the container again when its own command has killed the process that keeps it up: that is the command's
 * failure, not the laboratory's. Returns whether it was started, with another loopback than before. Throws Fault `sandbox_failed` when it was ended or removed from outside.
 */
export async function assertUpAgain(engine: Engine, id: string): Promise<boolean> {
  const state = await settled(engine, id);
  if (state?.Running) return false;
  if (state?.ExitCode !== KILLED || (await wasKilledBetween(engine, id, state))) {
    await assertRunning(engine, id);
    return false;
  }
  await engine.call("starting a container again", (docker) => docker.getContainer(id).start());
  return true;
}

/** The state once it can be believed: a container whose first process has just died still counts as running. */
async function settled(engine: Engine, id: string) {
  for (const wait_ms of LOOK_AGAIN_MS) {
    const state = await stateOf(engine, id);
    if (!state?.Running || (await canStart(engine, id))) return state;
    await Bun.sleep(wait_ms);
  }
  return await stateOf(engine, id);
}

/** Whether a process can be started inside. */
async function canStart(engine: Engine, id: string): Promise<boolean> {
  try {
    return (await runHelper(engine, id, ["bash", "-c", ":"])) === 0;
  } catch (error) {
    if (error instanceof Fault && error.code === "engine_gone") throw error;
    return false;
  }
}

/** Whether a kill was asked for from outside. The engine's own clock says when: it may be another machine's. */
async function wasKilledBetween(
  engine: Engine,
  id: string,
  { StartedAt, FinishedAt }: { readonly StartedAt: string; readonly FinishedAt: string },
): Promise<boolean> {
  const events = await engine.call("asking what ended a container", (docker) =>
    docker.getEvents({
      since: Math.floor(Date.parse(StartedAt) / 1000),
      until: Math.ceil(Date.parse(FinishedAt) / 1000),
      filters: JSON.stringify({ container: [id], event: ["kill"] }),
    }),
  );
  for await (const event of jsonLines(events as Readable)) {
    const { signal } = KillEvent.parse(event).Actor.Attributes;
    if (signal === undefined || !OWN_SIGNALS.includes(signal)) return true;
  }
  return false;
}
