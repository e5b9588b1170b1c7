// Owns the names of the images that this machine's engine has.
import { openEngine } from "./engine.ts";

/** None where no engine answers. */
export async function imageNames(): Promise<readonly string[]> {
  const engine = openEngine();
  try {
    const images = await engine.call("listing images", (docker) => docker.listImages());
    return images.flatMap(({ RepoTags }) => RepoTags ?? []);
  } catch {
    return [];
  }
}
