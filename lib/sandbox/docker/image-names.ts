// Owns the names of the images that this machine's engine has.
import { openEngine } from "./engine.ts";

const NAMELESS = "<none>:<none>";

/** None where no engine answers. */
export async function imageNames(): Promise<readonly string[]> {
  const engine = openEngine();
  try {
    const images = await engine.call("listing images", (docker) => docker.listImages());
    return images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => name !== NAMELESS);
  } catch {
    return [];
  }
}
