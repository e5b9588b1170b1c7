// Owns the backend over several engines: each sandbox stands on one of them, those of an attempt together, and work moves on when one dies.
import { Fault } from "../../../core/fault.ts";
import { sumOf } from "../../../core/lists.ts";
import type {
  Backend,
  OpenOptions,
  ProgramFolder,
  Reservation,
  ReserveOptions,
  Sandbox,
  TaskFiles,
} from "../../sandbox.ts";
import type { DockerBackend } from "../docker.ts";
import type { Member } from "./member.ts";
import { onMember } from "./on-member.ts";
import { openSameImages } from "./same-image.ts";
import { type Kind, openSeats, type Seat } from "./seats.ts";

export type PoolOptions = {
  readonly members: readonly [Member, ...Member[]];
  readonly nameOf: (task: TaskFiles) => string;
  readonly say: (message: string) => void;
};

const WATCH_MS = 30_000;

/** `changed` is to be called when an engine has come or gone. */
export function openPool({ members, nameOf, say }: PoolOptions): {
  readonly backend: Backend;
  readonly changed: () => void;
} {
  const seats = openSeats<Member>();
  const images = openSameImages(members, nameOf, say);
  const programs = new Map<string, ProgramFolder>();
  watch(members, (member) => seats.used(member) > 0);

  const candidates = (task: TaskFiles) => (): readonly Member[] | Fault => {
    const here = members.filter(({ gone }) => gone === undefined);
    if (here.length === 0) return noneAnswers(members);
    const fit = fitting(here, nameOf(task));
    if (fit.length > 0) return fit;
    const [why = noneAnswers(members)] = here.map(({ unfit }) => unfit.get(nameOf(task)));
    // What was in the way may be over at the next try.
    for (const { unfit } of here) unfit.delete(nameOf(task));
    return why;
  };
  const sit = async ({ task, sandboxes, signal }: ReserveOptions, kind: Kind) => {
    if (members.every(({ gone }) => gone !== undefined))
      await Promise.all(members.map((member) => member.ask()));
    await images.look(task);
    const suits = (member: Member) => images.has(member, task);
    return await seats.take({ kind, sandboxes, among: candidates(task), suits, signal });
  };
  const moves = (task: TaskFiles) => {
    const here = members.filter(({ gone }) => gone === undefined);
    return fitting(here, nameOf(task)).length > 0;
  };
  const on = (member: Member) => onMember(member, { images, nameOf, programs, moves });

  /** Work that has left nothing behind when its engine goes, or cannot have the image, is begun again on another one. */
  const anywhere = async <T>(
    want: ReserveOptions,
    kind: Kind,
    work: (backend: Backend, seat: Seat<Member>) => Promise<T>,
  ): Promise<T> => {
    for (;;) {
      const seat = await sit(want, kind);
      try {
        return await work(on(seat.room), seat);
      } catch (error) {
        seat[Symbol.dispose]();
        const isMoving = error instanceof Fault && error.elsewhere === true;
        if (!isMoving || want.signal?.aborted) throw error;
      }
    }
  };
  /** Small questions, which need no room. */
  const asking = async <T>(
    task: TaskFiles,
    signal: AbortSignal | undefined,
    work: (backend: Backend) => Promise<T>,
  ): Promise<T> =>
    await anywhere({ task, sandboxes: 0, signal }, "suites", async (backend, seat) => {
      using _seat = seat;
      return await work(backend);
    });
  const known = async (task: TaskFiles): Promise<DockerBackend> => {
    await images.look(task);
    return (images.holder(task) ?? members.find(({ gone }) => !gone) ?? members[0]).backend;
  };
  const [{ backend: any }] = members;
  const backend: Backend = {
    name: any.name,
    runner: any.runner,
    ...(any.assertNetwork ? { assertNetwork: any.assertNetwork } : {}),
    ...(any.limits ? { limits: any.limits } : {}),
    suites: async () => sumOf(members, ({ suites }) => suites),
    environment: async (task) => await (await known(task)).environment(task),
    baseAtHand: async (task) => await (await known(task)).baseAtHand(task),
    base: (task, signal) => asking(task, signal, (one) => one.base(task, signal)),
    platform: (task, signal) => asking(task, signal, (one) => one.platform(task, signal)),
    async keepProgram(task, folder, signal) {
      const kept = await asking(task, signal, (one) => one.keepProgram(task, folder, signal));
      programs.set(kept.source, folder);
      return kept;
    },
    open: (request) =>
      anywhere(oneOf(request), kindOf(request), (one, seat) => openOn(one, seat, request)),
    openShare: (request) => {
      throw new RangeError(`${request.label}: a share is opened on one engine: reserve it first`);
    },
    async reserve(request): Promise<Reservation> {
      const seat = await sit(request, "agents");
      return {
        backend: on(seat.room),
        where: seat.room.name,
        [Symbol.asyncDispose]: async () => seat[Symbol.dispose](),
      };
    },
  };
  return { backend, changed: seats.changed };
}

const oneOf = ({ task, signal }: OpenOptions): ReserveOptions => ({ task, sandboxes: 1, signal });
const kindOf = ({ purpose }: OpenOptions): Kind => (purpose === "agent" ? "agents" : "suites");

/** A sandbox that leaves its place at its end. */
async function openOn(
  backend: Backend,
  seat: Seat<Member>,
  request: OpenOptions,
): Promise<Sandbox> {
  const sandbox = await backend.open(request);
  return {
    ...sandbox,
    async [Symbol.asyncDispose]() {
      using _seat = seat;
      await sandbox[Symbol.asyncDispose]();
    },
  };
}

const fitting = (members: readonly Member[], name: string) =>
  members.filter(({ unfit }) => !unfit.has(name));

function noneAnswers(members: readonly Member[]): Fault {
  const each = members.map(({ name, gone }) => `${name}: ${gone?.message ?? "it answers"}`);
  const cause = members.find(({ gone }) => gone)?.gone;
  return new Fault("engine_gone", `none of ${members.length} engines answers: ${each.join("; ")}`, {
    hint: cause?.hint ?? "see what tandem doctor --engines says",
    cause,
  });
}

/** An engine that has work and falls silent would be noticed only at the end of a command. */
function watch(members: readonly Member[], isUsed: (member: Member) => boolean): void {
  const look = () => {
    for (const member of members)
      if (member.gone === undefined && isUsed(member)) void member.ask();
  };
  setInterval(look, WATCH_MS).unref();
}
