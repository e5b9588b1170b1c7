// Owns the clocks of an attempt's agents: which stand still because of which, and which sandboxes live longer for it.
import { AgentClock } from "../agent/clock.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Mailbox } from "../team/mailbox.ts";

/** One clock per agent. A clock that stands still lets those that wait for its agent's messages stand still too. */
export function openClocks(agent_ids: readonly string[]): ReadonlyMap<string, AgentClock> {
  const clocks = new Map<string, AgentClock>();
  const settle = () => {
    const stopped = stoppedOf(clocks);
    for (const clock of clocks.values()) clock.settle((agent_id) => stopped.has(agent_id));
  };
  for (const agent_id of agent_ids) clocks.set(agent_id, new AgentClock(settle));
  return clocks;
}

/** Starting from those that stop by themselves: agents that wait for each other do not stop each other. */
function stoppedOf(clocks: ReadonlyMap<string, AgentClock>): ReadonlySet<string> {
  const stopped = new Set<string>();
  for (let before = -1; before < stopped.size; ) {
    before = stopped.size;
    for (const [agent_id, clock] of clocks)
      if (clock.mayStop((other) => stopped.has(other))) stopped.add(agent_id);
  }
  return stopped;
}

/** The sandbox whose commands are the agent's time. */
export function clockedSandbox(sandbox: Sandbox, clock: AgentClock): Sandbox {
  return {
    ...sandbox,
    exec: (command, options) =>
      options.harness === true || options.program === true
        ? sandbox.exec(command, options)
        : clock.during(() => sandbox.exec(command, options)),
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** The mailbox, with waits extended by the time in which an awaited agent could do nothing. */
export function clockedMailbox(
  mailbox: Mailbox,
  clock: AgentClock,
  others: readonly string[],
): Mailbox {
  const wait: Mailbox["wait"] = async (agent_id, options) => {
    const { timeout_ms, partners = others, signal } = options;
    if (timeout_ms <= 0) return await mailbox.wait(agent_id, options);
    using waiting = clock.waitFor(partners, timeout_ms);
    const until = AbortSignal.any([...(signal ? [signal] : []), waiting.signal]);
    const long = { ...options, timeout_ms: LONGEST_WAIT_MS, signal: until };
    try {
      return await mailbox.wait(agent_id, long);
    } catch (error) {
      if (error !== waiting.signal.reason) throw error;
      return await mailbox.wait(agent_id, { ...options, timeout_ms: 0 });
    }
  };
  // A mailbox may be an object of a class, whose other methods are its own.
  return new Proxy(mailbox, {
    get(target, name) {
      if (name === "wait") return wait;
      const found: unknown = Reflect.get(target, name);
      return typeof found === "function" ? found.bind(target) : found;
    },
  });
}

const PROLONGED_MS = 60_000;

/** Lets a sandbox that ends by itself live on for the time in which the clock stands still, in pieces of `piece_ms`. */
export function keepAlive(
  sandbox: Sandbox,
  clock: AgentClock,
  piece_ms = PROLONGED_MS,
): Disposable {
  const { prolong } = sandbox;
  let timer: Timer | undefined;
  let [owed_ms, since] = [0, 0];
  /** A timer may be late: what is over a piece counts for the next one. */
  const live = () => {
    const now = performance.now();
    owed_ms += now - since;
    since = now;
    const whole_ms = owed_ms - (owed_ms % piece_ms);
    owed_ms -= whole_ms;
    // An engine that does not answer is left for the next command to report.
    if (whole_ms > 0) void prolong?.(whole_ms).catch(() => undefined);
  };
  const again = () => {
    live();
    timer = setTimeout(again, piece_ms - owed_ms);
  };
  const hear = (stopped: boolean) => {
    clearTimeout(timer);
    if (!stopped) return live();
    since = performance.now();
    timer = setTimeout(again, piece_ms - owed_ms);
  };
  if (prolong !== undefined) clock.onStop(hear);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
