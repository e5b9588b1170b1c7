// Owns the room on engines: how many sandboxes each takes at a time, who gets the next free place, and who waits.
import type { Fault } from "../../../core/fault.ts";

export const KINDS = ["agents", "suites"] as const;
export type Kind = (typeof KINDS)[number];
/** Sandboxes at a time of each kind, and of both together where memory limits them. */
export type Room = Readonly<Record<Kind, number>> & {
  readonly name: string;
  readonly together?: number | undefined;
};
/** Who wants room for so many sandboxes on one engine. */
export type Want<R extends Room> = {
  readonly kind: Kind;
  readonly sandboxes: number;
  /** The engines that may be taken now, full or not; a Fault when there is none any more. */
  readonly among: () => readonly R[] | Fault;
  /** Whether the engine has what is needed: such are taken first. */
  readonly suits: (room: R) => boolean;
  readonly signal?: AbortSignal | undefined;
};
export type Seat<R extends Room> = Disposable & { readonly room: R };
export type Seats<R extends Room> = {
  /** Waits while all are full. Throws the Fault of `among`, or the signal's reason. */
  take(want: Want<R>): Promise<Seat<R>>;
  /** Looks again: engines have come or gone. */
  changed(): void;
  /** Sandboxes that are on an engine now. */
  used(room: R): number;
};

type Used = Record<Kind, number>;
type Waiter<R extends Room> = Want<R> & {
  readonly resolve: (seat: Seat<R>) => void;
  readonly reject: (reason: unknown) => void;
};

/**
 * The least loaded engine relative to its room comes first, of those that have what is needed if one of them has room. What
 * asks for more than an engine has gets it whole, when it is empty.
 */
export function openSeats<R extends Room>(): Seats<R> {
  const all = new Map<R, Used>();
  let waiting: Waiter<R>[] = [];
  const usedOf = (room: R): Used => {
    const used = all.get(room) ?? { agents: 0, suites: 0 };
    all.set(room, used);
    return used;
  };
  const sit = (room: R, { kind, sandboxes }: Want<R>): Seat<R> => {
    const used = usedOf(room);
    used[kind] += sandboxes;
    let sits = true;
    const leave = () => {
      if (!sits) return;
      sits = false;
      used[kind] -= sandboxes;
      changed();
    };
    return { room, [Symbol.dispose]: leave };
  };
  const settle = (waiter: Waiter<R>, only: boolean): boolean => {
    const among = waiter.among();
    if (!Array.isArray(among)) {
      waiter.reject(among);
      return true;
    }
    const room = bestOf(
      among.filter((one) => !only || waiter.suits(one)),
      waiter,
      usedOf,
    );
    if (room !== undefined) waiter.resolve(sit(room, waiter));
    return room !== undefined;
  };
  // Whoever finds what it needs where room is goes first: nothing has to be fetched for it.
  const changed = () => {
    for (const only of [true, false]) waiting = waiting.filter((one) => !settle(one, only));
  };
  return {
    async take(want) {
      want.signal?.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<Seat<R>>();
      const waiter = { ...want, resolve, reject };
      const leave = () => {
        waiting = waiting.filter((one) => one !== waiter);
        reject(want.signal?.reason);
      };
      want.signal?.addEventListener("abort", leave, { once: true });
      waiting.push(waiter);
      changed();
      try {
        return await promise;
      } finally {
        want.signal?.removeEventListener("abort", leave);
      }
    },
    changed,
    used: (room) => usedOf(room).agents + usedOf(room).suites,
  };
}

function bestOf<R extends Room>(
  among: readonly R[],
  want: Want<R>,
  usedOf: (room: R) => Used,
): R | undefined {
  const free = among.filter((room) => fits(room, want, usedOf(room)));
  return free.toSorted((a, b) => loadOf(a, want, usedOf(a)) - loadOf(b, want, usedOf(b)))[0];
}

function fits<R extends Room>(room: R, { kind, sandboxes }: Want<R>, used: Used): boolean {
  const all = used.agents + used.suites;
  const { together = Number.POSITIVE_INFINITY } = room;
  const own = used[kind] === 0 || used[kind] + sandboxes <= room[kind];
  return own && (all === 0 || all + sandboxes <= together);
}

/** How full it would be, 1 at its limit; what it has of the other kind decides between equals. */
function loadOf<R extends Room>(room: R, { kind, sandboxes }: Want<R>, used: Used): number {
  const share = (one: Kind, more: number) => (used[one] + more) / room[one];
  const other = kind === "agents" ? "suites" : "agents";
  return share(kind, sandboxes) + share(other, 0) / 1000;
}
