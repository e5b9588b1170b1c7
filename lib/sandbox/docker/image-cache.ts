// Owns what the cache remembers of images that were here: name → digest, tree, platform, one small JSON file a name.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { sha256, writeJson } from "../../core/files.ts";

const Known = z.object({
  reference: z.string(),
  /** The image's id, `sha256:…`: what runs, wherever it came from. */
  digest: z.string(),
  /** The registry's names for it, when it came from one. */
  repo_digests: z.array(z.string()),
  /** `linux/amd64`. */
  platform: z.string(),
  /** Whether it is a warm image; what was remembered before has no word of it. */
  is_warm: z.boolean().default(false),
  /** Tree of the repository's HEAD. */
  tree: z.string(),
});
export type KnownImage = z.infer<typeof Known>;

/** What is remembered of the image of that name; undefined when nothing is, or nothing readable. */
export function readKnown(cacheDir: string, reference: string): KnownImage | undefined {
  const path = pathOf(cacheDir, reference);
  if (!existsSync(path)) return undefined;
  const parsed = Known.safeParse(jsonOf(readFileSync(path, "utf8")));
  return parsed.success && parsed.data.reference === reference ? parsed.data : undefined;
}

export function writeKnown(cacheDir: string, image: KnownImage): void {
  writeJson(pathOf(cacheDir, image.reference), image);
}

/** The name stays readable; the hash tells apart what its replacement characters make equal. */
function pathOf(cacheDir: string, reference: string): string {
  const readable = reference.replace(/[^\w.-]+/g, "_").slice(-80);
  return join(cacheDir, "images", "known", `${readable}-${sha256(reference).slice(0, 8)}.json`);
}

/** A damaged file of a cache is the same as none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
