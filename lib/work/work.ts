// Owns this process's part in shared work: claiming units, reporting their progress, and releasing them.
import type { Ledger } from "../../db/ledger.ts";
import type { ArtefactRow, LeaseRow, ModelLoad, UnitProgress } from "../../db/schema.ts";
import type { Claim, Delivery, Holder, WorkUnit } from "../../db/work.ts";
import { type Control, openControl } from "../control/obey.ts";
import { asFault } from "../core/fault.ts";
import { ownerGone, ownerVisible, thisOwner } from "../core/owner.ts";

const BEAT_MS = 2_000;
/** Owners of machines that we cannot look into are given up after this silence, by the clock on the wall, … */
const SILENCE_MS = 10 * 60_000;
/**
 * … once we have heard nothing for this long ourselves: clocks jump, and a laptop that slept wakes every process at
 * once.
 */
const LISTENING_MS = 5 * BEAT_MS;

/** The hashes of a unit's files, as its result is stored. */
export type Artefacts = readonly Omit<ArtefactRow, "attempt_key">[];

/** A unit that this process holds; disposing of it releases it, unless its result was stored. */
export type Held = Disposable & {
  readonly unit: WorkUnit;
  /** This process, the number of its claim, and the delivery to a worker that is current; results are stored in its name. */
  readonly holder: Holder & { readonly claim: number };
  /** Aborted once it alone is to stop: its work ends as with any abort, and what it has cost is lost. */
  readonly signal: AbortSignal;
  /** Stops it; why is written down when it is released. */
  readonly cancel: (why: string) => void;
  /** Its progress, read whenever it is needed. */
  progress: () => UnitProgress;
  /** Records its progress: at once what would be lost with this process, such as what a call has cost. */
  readonly say: () => void;
  /** Notes that a worker has it: any earlier delivery is void, and its cost is lost. Throws Fault `lease_lost`. */
  readonly deliver: (to: Delivery) => void;
  /** Releases it because of a fault: its cost is with the fault. */
  readonly fail: () => void;
  /** Its result was refused, as somebody else holds it by now: what it has cost beyond what is known is lost. */
  readonly refused: () => void;
};

export type Work = Disposable & {
  readonly owner: string;
  /** What people ask of the work while it goes on. */
  readonly control: Control;
  /** Asks for units; those that were claimed are held. `isDone` is asked under the ledger's lock. */
  readonly claim: (
    units: readonly WorkUnit[],
    isDone: (unit: WorkUnit) => boolean,
  ) => readonly (Held | Exclude<Claim, number>)[];
  /** Counts tokens of a model call. */
  readonly count: (tokens: number) => void;
  /** Reports what a model's provider allows, at every heartbeat. */
  readonly watch: (load: () => ModelLoad) => Disposable;
  /** Called after every heartbeat is written. */
  readonly onBeat: (listener: () => void) => Disposable;
  /** Declares that no new units are begun. */
  readonly drain: () => void;
  /** Aborted, with the fault, once the ledger accepts nothing more: what is done now could not be kept. */
  readonly broken: AbortSignal;
};

const IDLE: UnitProgress = { doing: "starting", cost_usd: 0, tokens: 0, agents: [] };

/**
 * Joins the ledger's work under this process's name, and takes back what dead processes held. Its heartbeat reports the
 * progress of its units every two seconds; a heartbeat that finds the ledger locked, or its disk full, is skipped, and
 * after one that finds it damaged or gone there are none.
 */
export function openWork(options: {
  readonly ledger: Ledger;
  readonly command: string;
  readonly listening_ms?: number;
  readonly beat_ms?: number;
  /** Where a person reads what is asked of the work and obeyed. */
  readonly on_control?: ((line: string) => void) | undefined;
}): Work {
  const { ledger, command, listening_ms = LISTENING_MS, beat_ms = BEAT_MS } = options;
  const owner = thisOwner();
  const control = openControl({ ledger, owner, write: tolerant, say: options.on_control });
  const held = new Set<Held>();
  const loads = new Set<() => ModelLoad>();
  const listeners = new Set<() => void>();
  let [tokens, draining] = [0, false];
  const beat = () => {
    const progress = [...held].map(({ unit, progress: far }) => ({ ...unit, progress: far() }));
    const models = [...loads].map((load) => load());
    tolerant(control.read);
    const { paused, ...says } = control.says();
    const state = draining ? "draining" : paused ? "paused" : "running";
    const said = { state, tokens, models, progress, ...says } as const;
    if (!tolerant(() => ledger.work.beat(owner, said))) return;
    for (const listener of listeners) listener();
  };
  const broken = new AbortController();
  const beatOn = () => {
    try {
      beat();
    } catch (error) {
      clearInterval(timer);
      broken.abort(asFault(error));
    }
  };
  ledger.work.begin({ owner, pid: process.pid, command });
  const isGone = goneOwners(ledger, listening_ms);
  ledger.work.sweep(isGone);
  const timer = setInterval(beatOn, beat_ms);
  timer.unref();
  return {
    owner,
    control,
    broken: broken.signal,
    claim(units, isDone) {
      const claims = ledger.work.claim(units, { owner, isGone, isDone });
      return units.map((unit, index) => {
        const claim = claims[index] ?? "held";
        return typeof claim === "number" ? hold(unit, { ledger, owner, claim, held }) : claim;
      });
    },
    count(more) {
      tokens += more;
    },
    watch: (load) => member(loads, load),
    onBeat: (listener) => member(listeners, listener),
    drain() {
      draining = true;
      beat();
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      if (broken.signal.aborted) throw broken.signal.reason;
      control.tellLeft();
      tolerant(() => ledger.work.end(owner));
    },
  };
}

type Holding = Holder & {
  readonly claim: number;
  readonly ledger: Ledger;
  readonly held: Set<Held>;
};

function hold(unit: WorkUnit, { ledger, held, ...holder }: Holding): Held {
  let current: Held["holder"] = holder;
  const cancelled = new AbortController();
  let why: string | undefined;
  const drop = (event: "fault" | "stopped") => {
    if (!held.has(one)) return;
    const spent = event === "fault" ? undefined : one.progress();
    ledger.work.release(unit, current, event, { spent, ...(why && { note: why }) });
    // Only now: a ledger that was locked can be asked again.
    held.delete(one);
  };
  const one: Held = {
    unit,
    get holder() {
      return current;
    },
    signal: cancelled.signal,
    cancel(because) {
      why = because;
      cancelled.abort();
    },
    progress: () => IDLE,
    say: () => void tolerant(() => ledger.work.say({ ...unit, progress: one.progress() }, current)),
    deliver(to) {
      ledger.work.deliver(unit, { ...holder, ...to });
      current = { ...holder, delivery: to.delivery };
    },
    fail: () => drop("fault"),
    refused() {
      const spent = one.progress();
      if (held.delete(one)) ledger.work.loseRest(unit, { ...current, spent });
    },
    [Symbol.dispose]() {
      // Stored as done: the lease is gone already, and with it the reason to say anything.
      if (!ledger.work.holds(unit, current)) held.delete(one);
      // A process that ends because the ledger accepts nothing has more to report than that; the lease ends with it.
      else tolerant(() => drop("stopped"));
    },
  };
  held.add(one);
  return one;
}

/** Whether progress for watchers was written. If it cannot be at the moment, the work goes on without it. */
function tolerant(say: () => void): boolean {
  try {
    say();
    return true;
  } catch (error) {
    if (["ledger_locked", "disk_full", "disk_failed"].includes(asFault(error).code)) return false;
    throw error;
  }
}

function goneOwners(ledger: Ledger, listening_ms: number): (lease: LeaseRow) => boolean {
  const heard = new Map<string, { readonly last: string; readonly since: number }>();
  return ({ owner }) => {
    if (ownerVisible(owner)) return ownerGone(owner);
    const last = ledger.work.heartbeat(owner);
    if (last === undefined) return true;
    const before = heard.get(owner);
    if (before?.last !== last) heard.set(owner, { last, since: performance.now() });
    const listened = before?.last === last ? performance.now() - before.since : 0;
    return Date.now() - Date.parse(last) > SILENCE_MS && listened >= listening_ms;
  };
}

function member<T>(set: Set<T>, one: T): Disposable {
  set.add(one);
  return { [Symbol.dispose]: () => void set.delete(one) };
}
