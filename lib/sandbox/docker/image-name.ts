// Owns the names of task images: which one a task has, in which registry.
import { UsageError } from "../../core/fault.ts";
import { near } from "../../core/nearest.ts";
import { IMAGES } from "../options.ts";

const PLACEHOLDERS = ["registry", "repo", "task"] as const;
/** The grammar of image references: github.com/distribution/reference. */
const PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
/** A first part is a host when it has a dot or a port, or is localhost. */
const HOST = `(?:${LABEL}(?:\\.${LABEL})+(?::\\d+)?|${LABEL}:\\d+|localhost)`;
const REGISTRY = new RegExp(`^(?:${HOST}|${PART})(?:/${PART})*$`);
const REFERENCE = new RegExp(`^((?:${HOST}/)?${PART}(?:/${PART})*)(?::\\w[\\w.-]{0,127})?$`);
const LONGEST_NAME = 255;
/** Such a name would be taken for an image's id. */
const ID = /^[0-9a-f]{64}$/;

export type ImageNaming = {
  /** What stands before `/cooperbench-…`, such as `ghcr.io/me`. */
  readonly registry?: string;
  /** Such as `{registry}/cooperbench-{repo}:task{task}`. */
  readonly image_template?: string;
};
type TaskName = { readonly repo: string; readonly task_id: number };

/**
 * A function from tasks to image references: `akhatua/cooperbench-go-chi:task26` by default.
 * Throws UsageError for a template or registry that cannot name images.
 */
export function imageNames(naming: ImageNaming): (task: TaskName) => string {
  const template = checkedTemplate(naming);
  const registry = checkedRegistry(naming.registry);
  return (task) => {
    const values = { registry, repo: imageRepo(task.repo), task: String(task.task_id) };
    const name = PLACEHOLDERS.reduce(
      (text, key) => text.replaceAll(`{${key}}`, values[key]),
      template,
    );
    const [, untagged = ""] = REFERENCE.exec(name) ?? [];
    if (untagged !== "" && untagged.length <= LONGEST_NAME && !ID.test(untagged)) return name;
    throw new UsageError(
      `"${name}" is not an image name (lower case, one tag): see --image-template`,
    );
  };
}

/** `pallets_click_task` is `pallets-click` in the names of images. */
function imageRepo(repo: string): string {
  return repo.replace(/_task$/, "").replaceAll("_", "-");
}

function checkedRegistry(registry: string = IMAGES.registry.default): string {
  const name = registry.replace(/(?<!\/)\/+$/, "");
  if (REGISTRY.test(name)) return name;
  throw new UsageError(`--registry takes a name such as ghcr.io/me, not "${registry}"`);
}

function meant(name: string): string {
  const best = near(name, PLACEHOLDERS);
  return best === undefined ? "" : `: did you mean {${best}}?`;
}

function checkedTemplate({
  image_template = IMAGES.image_template.default,
  registry,
}: ImageNaming): string {
  for (const [, name = ""] of image_template.matchAll(/\{([^{}]*)\}/g))
    if (!PLACEHOLDERS.some((known) => known === name))
      throw new UsageError(
        `--image-template has no {${name}}${meant(name)} (it takes {${PLACEHOLDERS.join("}, {")}})`,
      );
  const needed = registry === undefined ? ["repo", "task"] : PLACEHOLDERS;
  const missing = needed.find((name) => !image_template.includes(`{${name}}`));
  if (missing === undefined) return image_template;
  throw new UsageError(
    `--image-template needs {${missing}}, such as ${IMAGES.image_template.default}, not "${image_template}"`,
  );
}
