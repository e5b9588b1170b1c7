// Owns that a task's image is one and the same on all engines: pulled where it is missing, or copied from an engine that has it.
import type { Readable } from "node:stream";
import { Fault } from "../../../core/fault.ts";
import type { TaskFiles } from "../../sandbox.ts";
import { SharedWork } from "../../shared.ts";
import type { ImageInfo } from "../images.ts";
import { jsonLines } from "../progress.ts";
import type { Member } from "./member.ts";

const COPY_MS = 60 * 60_000;
const LOOK_AGAIN_MS = 60_000;

export type SameImages = {
  /** Looks which engines have the task's image; the first that is found is the one that counts from then on. */
  look(task: TaskFiles): Promise<void>;
  /** Whether the engine has it, as far as was looked. */
  has(member: Member, task: TaskFiles): boolean;
  /** An engine that has it. */
  holder(task: TaskFiles): Member | undefined;
  /**
   * Makes the engine have it, as long as it is held. Throws Fault `no_image` when this engine cannot have it, or has another
   * one under its name.
   */
  bring(member: Member, task: TaskFiles, signal: AbortSignal | undefined): Promise<Disposable>;
};
type Known = { readonly image: ImageInfo | undefined; readonly at: number };

/** `fetched`: absent images come from a registry, where every engine finds the same. */
export function openSameImages(
  members: readonly Member[],
  nameOf: (task: TaskFiles) => string,
  say: (message: string) => void,
): SameImages {
  const counts = new Map<string, ImageInfo>();
  const seen = new Map<Member, Map<string, Known>>(members.map((member) => [member, new Map()]));
  const first = new SharedWork<void>();
  const copies = new SharedWork<void>();
  const see = (member: Member, name: string, image: ImageInfo | undefined) => {
    seen.get(member)?.set(name, { image, at: performance.now() });
    if (image !== undefined && !counts.has(name)) counts.set(name, image);
  };
  const isFresh = (known: Known | undefined) =>
    known?.image !== undefined ||
    (known !== undefined && performance.now() - known.at < LOOK_AGAIN_MS);
  const has = (member: Member, task: TaskFiles) => {
    const name = nameOf(task);
    const { image } = seen.get(member)?.get(name) ?? {};
    return image !== undefined && image.digest === counts.get(name)?.digest;
  };
  const holder = (task: TaskFiles) =>
    members.find((member) => member.gone === undefined && has(member, task));
  const look = async (task: TaskFiles) => {
    const name = nameOf(task);
    const found = await Promise.all(
      members.map(async (member) => {
        if (member.gone !== undefined || isFresh(seen.get(member)?.get(name))) return;
        const image = await member.use(() => member.backend.image.local(task)).catch(whileGone);
        return member.gone === undefined ? { member, image } : undefined;
      }),
    );
    // In their order, however fast each was: all calls agree on the first.
    for (const one of found) if (one !== undefined) see(one.member, name, one.image);
  };
  const bring = async (member: Member, task: TaskFiles, signal: AbortSignal | undefined) => {
    const name = nameOf(task);
    if (!counts.has(name)) {
      // One engine fetches it first: two that build it would have two.
      await first.get(
        name,
        async (stop) => {
          if (counts.has(name)) return;
          using lease = await member.use(() => member.backend.image.lease(task, stop));
          see(member, name, lease.image);
        },
        signal,
      );
    }
    const wanted = counts.get(name);
    if (wanted !== undefined && !has(member, task) && !isPulled(wanted))
      await copies.get(
        `${member.name} ${name}`,
        (stop) => copyTo(member, { task, image: wanted, from: holder(task), say }, stop),
        signal,
      );
    const lease = await member.use(() => member.backend.image.lease(task, signal));
    see(member, name, lease.image);
    if (lease.image.digest === wanted?.digest) return lease;
    lease[Symbol.dispose]();
    throw new Fault(
      "no_image",
      `the engine ${member.name} has another image under the name ${name} than the other engines`,
      { hint: `remove it there, or pull the same version on all engines (docker pull ${name})` },
    );
  };
  return { look, has, holder, bring };
}

/** What came from a registry is found there again. */
const isPulled = ({ repo_digests }: ImageInfo) => repo_digests.length > 0;

function whileGone(error: unknown): undefined {
  if (error instanceof Fault && error.code === "engine_gone") return undefined;
  throw error;
}

type Copy = {
  readonly task: TaskFiles;
  readonly image: ImageInfo;
  readonly from: Member | undefined;
  readonly say: (message: string) => void;
};

/** Through this machine: what was built or made warm on one engine is in no registry. */
async function copyTo(to: Member, { task, image, from, say }: Copy, signal: AbortSignal) {
  if (from === undefined || from === to) return;
  if ((await to.use(() => to.backend.image.local(task))) !== undefined) return;
  const { reference } = image;
  say(`copying ${reference} from ${from.name} to ${to.name}`);
  const limits = { timeout_ms: COPY_MS, signal };
  const archive = await from.use(() =>
    from.engine.call(`reading ${reference}`, (docker) => docker.getImage(reference).get(), limits),
  );
  await to.use(() =>
    to.engine.call(
      `writing ${reference}`,
      async (docker) => {
        const answer = await docker.loadImage(archive);
        for await (const _ of jsonLines(answer as Readable));
      },
      limits,
    ),
  );
}
