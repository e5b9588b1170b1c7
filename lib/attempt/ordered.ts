// Owns an agent's sandbox and mailbox as an attempt hands them out: every use of what agents share passes the order.

import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Awakening, Mailbox } from "../team/mailbox.ts";
import { type CommandResult, type RanCommand, sameButForClocks } from "./commands.ts";
import type { Order } from "./order.ts";

export type Place = {
  readonly agent_id: string;
  readonly order: Order;
  readonly signal: AbortSignal;
  /** The agent's commands and what they gave, in order. */
  readonly commands: RanCommand[];
  /** The step that is under way; null before the first. */
  readonly step: () => number | null;
  /** What they gave in the attempt that is replayed. */
  readonly recorded?: readonly CommandResult[] | undefined;
};

/**
 * Commands may fetch what a partner pushed: their starts and ends keep the order. Commands that overlapped overlap
 * again. In a replay they really run, and return what they returned then, where only clocks differ.
 */
export function orderedSandbox(sandbox: Sandbox, place: Place): Sandbox {
  const { agent_id, order, signal, commands, recorded } = place;
  let count = 0;
  return {
    ...sandbox,
    async exec(command, options) {
      if (options.harness === true || options.program === true)
        return await sandbox.exec(command, options);
      const n = ++count;
      await order.pass({ agent_id, what: `run ${n}`, signal }, async () => undefined);
      const step = place.step();
      const fresh = await sandbox.exec(command, options);
      const result = sameButForClocks(fresh, recorded?.[n - 1]);
      commands.push({ ...result, command, step, duration_ms: fresh.duration_ms });
      return await order.pass({ agent_id, what: `ran ${n}`, signal }, async () => result);
    },
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

/** A wait that is replayed ends as it ended then, without the waiting. */
export function orderedMailbox(mailbox: Mailbox, { agent_id, order, signal }: Place): Mailbox {
  const pass = <T>(what: string, action: () => Promise<T>) =>
    order.pass({ agent_id, what, signal }, action);
  const ended: string[] = [];
  return {
    ...mailbox,
    send: (draft) => pass("send", () => mailbox.send(draft)),
    receive: (reader, step) =>
      pass(`receive ${step}`, async () => {
        const messages = await mailbox.receive(reader, step);
        // An agent that ends a moment later is reported at the next step, in a replay too.
        ended.push(...mailbox.endings(reader));
        return messages;
      }),
    endings: () => ended.splice(0),
    finish: (agent, words) => pass("finish", () => mailbox.finish(agent, words)),
    finished: () => pass("finished", () => mailbox.finished()),
    async wait(waiter, options) {
      const recorded = awakening(order.expected(agent_id));
      const ended = recorded ?? (await mailbox.wait(waiter, options));
      return await pass(`wait ${ended}`, async () => ended);
    },
  };
}

const AWAKENINGS = ["message", "partner finished", "timeout"] as const satisfies Awakening[];

function awakening(what: string | undefined): Awakening | undefined {
  return AWAKENINGS.find((kind) => what === `wait ${kind}`);
}
