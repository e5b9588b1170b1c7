// Owns warm images in the engine: their names and labels, the commit that makes one, and half-made ones of dead processes.
import { Fault } from "../../core/fault.ts";
import { OWNER_TAG, ownerTag, tagGone } from "../../core/owner.ts";
import { type Engine, refusedWith } from "./engine.ts";

/** Raised when warm images would be made differently: older ones are then made again. */
export const WARM_RULES = 1;
const LABEL = "tandem.warm";
const COMMIT_TIMEOUT_MS = 30 * 60_000;

/** With the value "offline", given by whoever builds an image: its suites download nothing. */
const SUITES_LABEL = "tandem.suites";

/** Whether suites need no network on an image with these labels: it was made warm, or its maker says that it holds all. */
export function isWarm(labels: Readonly<Record<string, string>> | null | undefined): boolean {
  return Boolean(labels?.[`${LABEL}.source`]) || labels?.[SUITES_LABEL] === "offline";
}

/** What a warm image was made of. */
export type WarmOrigin = {
  /** Digest of the task's image. */
  readonly source: string;
  readonly task_hash: string;
};
export type LocalImage = {
  readonly digest: string;
  readonly size_bytes: number;
  readonly origin: (WarmOrigin & { readonly rules: string }) | undefined;
};
export type CommitPlan = {
  readonly container_id: string;
  readonly name: string;
  readonly origin: WarmOrigin;
  /** `NAME=value`, in addition to the source's own and before them. */
  readonly env: readonly string[];
};

/** The template of names for an image that is not finished: it tells whose it is, and never names a finished one. */
export function unfinished(template: string): string {
  const part = `part.${ownerTag()}`;
  const tagged = template.slice(template.lastIndexOf("/") + 1).includes(":");
  return `${template}${tagged ? "-" : ":"}${part}`;
}

const PART = new RegExp(`[:-]part\\.(${OWNER_TAG})$`);

/** Whether the name is of an unfinished image whose process, one that we would see, is gone. */
export function isAbandoned(name: string): boolean {
  const [, owner = ""] = PART.exec(name) ?? [];
  return tagGone(owner);
}

/** Names of images that killed processes left half made. */
export async function findUnfinished(engine: Engine): Promise<string[]> {
  const filters = JSON.stringify({ label: [`${LABEL}.source`] });
  const images = await engine.call("listing warm images", (docker) =>
    docker.listImages({ filters }),
  );
  return images.flatMap(({ RepoTags }) => RepoTags ?? []).filter(isAbandoned);
}

/** Removes what {@link findUnfinished} finds, and tells the names. */
export async function sweepUnfinished(engine: Engine): Promise<string[]> {
  const left = await findUnfinished(engine);
  for (const name of left) await removeName(engine, name);
  return left;
}

/** The image of that name or digest, when the engine has it. */
export async function localImage(engine: Engine, name: string): Promise<LocalImage | undefined> {
  const found = await inspect(engine, name);
  if (!found) return undefined;
  const labels = found.Config.Labels ?? {};
  const [source, rules] = [labels[`${LABEL}.source`], labels[`${LABEL}.rules`]];
  const task_hash = labels[`${LABEL}.task`] ?? "";
  const { Id: digest, Size: size_bytes } = found;
  const origin = source === undefined ? undefined : { source, task_hash, rules: rules ?? "" };
  return { digest, size_bytes, origin };
}

/**
 * Makes an image of a container as it stands, with the program, folder and variables of the image it came from. The
 * container's labels would be handed on to containers of the new image, which would then pass for Tandem's: blanked.
 */
export async function commitImage(engine: Engine, plan: CommitPlan): Promise<void> {
  const { container_id, name, origin } = plan;
  const source = (await inspect(engine, origin.source))?.Config;
  const own = await engine.call("looking at a container", (docker) =>
    docker.getContainer(container_id).inspect(),
  );
  if (!source)
    throw new Fault("no_image", `the engine lost the image ${origin.source} while it was warmed`, {
      hint: "it was removed while it was in use: run again",
    });
  const blanked = Object.keys(own.Config.Labels).map((label) => [label, ""]);
  const { repo, tag } = splitName(name);
  const options = {
    _query: { container: container_id, repo, tag, pause: true },
    _body: {
      Env: [...without(source.Env ?? [], plan.env), ...plan.env],
      // Absent, the engine would take over the one that only keeps the container up; so it would the command.
      Entrypoint: source.Entrypoint ?? [],
      Cmd: source.Cmd ?? (source.Entrypoint ? null : ["bash"]),
      Labels: {
        ...Object.fromEntries(blanked),
        ...source.Labels,
        [`${LABEL}.source`]: origin.source,
        [`${LABEL}.task`]: origin.task_hash,
        [`${LABEL}.rules`]: String(WARM_RULES),
      },
    },
  };
  await engine.call(
    "committing a container",
    (docker) => docker.getContainer(container_id).commit(options),
    { timeout_ms: COMMIT_TIMEOUT_MS },
  );
}

/** Gives an image one more name. An image that had the name, has no other and is not in use is removed. */
export async function nameImage(engine: Engine, digest: string, name: string): Promise<void> {
  const before = await localImage(engine, name);
  await engine.call("naming an image", (docker) => docker.getImage(digest).tag(splitName(name)));
  if (before === undefined || before.digest === digest) return;
  const nameless = (await inspect(engine, before.digest))?.RepoTags?.length === 0;
  if (nameless) await removeName(engine, before.digest);
}

/** Takes a name away, and with its last name the image. One that is gone, used or has other names is nothing to report. */
export async function removeName(engine: Engine, name: string): Promise<void> {
  try {
    await engine.call("removing an image", (docker) => docker.getImage(name).remove());
  } catch (error) {
    if (!refusedWith(error, 404, 409)) throw error;
  }
}

async function inspect(engine: Engine, name: string) {
  try {
    return await engine.call("looking at an image", (docker) => docker.getImage(name).inspect());
  } catch (error) {
    if (refusedWith(error, 404)) return undefined;
    throw error;
  }
}

function splitName(name: string): { repo: string; tag: string } {
  const at = name.lastIndexOf(":");
  return at > name.lastIndexOf("/")
    ? { repo: name.slice(0, at), tag: name.slice(at + 1) }
    : { repo: name, tag: "latest" };
}

/** Variables whose names the others do not set. */
function without(variables: readonly string[], others: readonly string[]): string[] {
  const nameOf = (variable: string) => variable.slice(0, variable.indexOf("="));
  const taken = new Set(others.map(nameOf));
  return variables.filter((variable) => !taken.has(nameOf(variable)));
}
