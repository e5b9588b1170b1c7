// Owns what a unit sees of the engine that it is on: a backend like any other, whose faults say that another engine is left.
import { Fault } from "../../../core/fault.ts";
import type { Backend, ProgramFolder, Sandbox, Share, TaskFiles } from "../../sandbox.ts";
import { removeContainer } from "../container.ts";
import type { DockerSandbox } from "../sandbox.ts";
import { removeVolume } from "../volumes.ts";
import type { Member } from "./member.ts";
import type { SameImages } from "./same-image.ts";

type Around = {
  readonly images: SameImages;
  readonly nameOf: (task: TaskFiles) => string;
  /** Folders of programs by where sandboxes find them: every engine has its own copy. */
  readonly programs: ReadonlyMap<string, ProgramFolder>;
  /** Whether another engine could take work of the task. */
  readonly moves: (task: TaskFiles) => boolean;
};

export function onMember(member: Member, { images, nameOf, programs, moves }: Around): Backend {
  const { backend, name } = member;
  const using =
    (task: TaskFiles): Use =>
    async (work) => {
      try {
        return await member.use(work);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        if (error.code === "no_image") member.unfit.set(nameOf(task), error);
        else if (error.code !== "engine_gone") throw error;
        throw moved(error, name, moves(task));
      }
    };
  const withImage = async <T>(
    task: TaskFiles,
    signal: AbortSignal | undefined,
    work: (use: Use) => Promise<T>,
  ): Promise<T> => {
    const use = using(task);
    using _held = await use(() => images.bring(member, task, signal));
    return await work(use);
  };
  return {
    ...backend,
    base: (task, signal) => withImage(task, signal, (use) => use(() => backend.base(task, signal))),
    platform: (task, signal) =>
      withImage(task, signal, (use) => use(() => backend.platform(task, signal))),
    keepProgram: (task, folder, signal) =>
      withImage(task, signal, (use) => use(() => backend.keepProgram(task, folder, signal))),
    open: ({ task, program, signal, ...rest }) =>
      withImage(task, signal, async (use) => {
        const folder = program && programs.get(program.source);
        if (folder) await use(() => backend.keepProgram(task, folder, signal));
        const request = { task, ...rest, ...(program && { program }), ...(signal && { signal }) };
        return guarded(await use(() => backend.open(request)), { member, use });
      }),
    openShare: async (request) =>
      guardedShare(await member.use(() => backend.openShare(request)), member),
  };
}

type Use = <T>(work: () => Promise<T>) => Promise<T>;

/** The same fault, with the engine's name, and whether the unit may go to another one at once. */
function moved(fault: Fault, name: string, elsewhere: boolean): Fault {
  if (fault.elsewhere !== undefined) return fault;
  const { message, hint, cause } = fault;
  const words = message.includes(`the engine ${name}`) ? message : `the engine ${name}: ${message}`;
  return new Fault(fault.code, words, { hint, cause, elsewhere });
}

type Guard = { readonly member: Member; readonly use: Use };

/** Ends with its engine, whatever it waits for. */
function guarded(sandbox: DockerSandbox, { member, use }: Guard): Sandbox {
  const { prolong } = sandbox;
  return {
    ...sandbox,
    exec: (...args) => use(() => sandbox.exec(...args)),
    put: (...args) => use(() => sandbox.put(...args)),
    putAll: (...args) => use(() => sandbox.putAll(...args)),
    get: (...args) => use(() => sandbox.get(...args)),
    addProgram: (...args) => use(() => sandbox.addProgram(...args)),
    ...(prolong ? { prolong: (ms: number) => use(() => prolong(ms)) } : {}),
    async [Symbol.asyncDispose]() {
      const ending = Promise.resolve(sandbox[Symbol.asyncDispose]());
      await endOn(member, ending, () => removeContainer(member.engine, sandbox.container_id));
    },
  };
}

/** Waits for an end unless its engine goes first: then what is left over there is removed when it is back. */
async function endOn(member: Member, ending: Promise<void>, removal: () => Promise<void>) {
  // Of a lost engine it is known that it cannot be asked.
  ending.catch(() => undefined);
  try {
    await member.use(() => ending);
  } catch (error) {
    if (member.gone === undefined) throw error;
  }
  if (member.gone !== undefined) member.owe(removal);
}

function guardedShare(share: Share, member: Member): Share {
  return {
    ...share,
    async [Symbol.asyncDispose]() {
      await endOn(member, Promise.resolve(share[Symbol.asyncDispose]()), async () => {
        for (const { source } of share.folders) await removeVolume(member.engine, source);
      });
    },
  };
}
