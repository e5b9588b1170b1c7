// Owns the task images of one backend: here or fetched, for this engine's platform, and removed again when asked to.
import { SharedWork } from "../shared.ts";
import { type Engine, refusedWith } from "./engine.ts";
import { buildImage, type ImageProgress, noImage, pullImage } from "./fetch-image.ts";
import { isWarm } from "./warm-image.ts";

export type ImageInfo = {
  readonly reference: string;
  /** The image's id, `sha256:…`. */
  readonly digest: string;
  readonly repo_digests: readonly string[];
  /** `linux/amd64`. */
  readonly platform: string;
  /** All that its suites download is in it. */
  readonly is_warm: boolean;
};
/** An image that stays while it is held. */
export type ImageLease = Disposable & { readonly image: ImageInfo };
export type ImageOptions = {
  /** Build an absent image from the task's Dockerfile instead of pulling it. */
  readonly build: boolean;
  /** How many images that this process pulled stay while unused; the least recently used go first. */
  readonly keep_images: number;
  readonly pull_timeout_ms: number;
  readonly back_off_ms: number;
  readonly on_progress: (progress: ImageProgress) => void;
};
type Wanted = {
  readonly reference: string;
  /** Folder with the Dockerfile. */
  readonly dir: string;
  readonly signal: AbortSignal | undefined;
};

/** Images as a backend uses them. A name means one image from its first use on, also when it is tagged anew. */
export class Images {
  private readonly engine: Engine;
  private readonly options: ImageOptions;
  private readonly first = new Map<string, ImageInfo>();
  private readonly fetching = new Map<string, SharedWork<ImageInfo>>();
  private readonly users = new Map<string, number>();
  /** Names pulled by this process, least recently used first. */
  private readonly pulled = new Set<string>();

  constructor(engine: Engine, options: ImageOptions) {
    this.engine = engine;
    this.options = options;
  }

  /**
   * The image, fetched once however many wait for it. Throws Fault `no_image` when it cannot be had or is for another
   * platform than the engine's.
   */
  async lease(wanted: Wanted): Promise<ImageLease> {
    const { reference } = wanted;
    this.users.set(reference, (this.users.get(reference) ?? 0) + 1);
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      this.release(reference);
    };
    try {
      const image = (await this.local(reference)) ?? (await this.fetch(wanted));
      await this.assertPlatform(image);
      this.first.set(reference, image);
      if (this.pulled.delete(reference)) this.pulled.add(reference);
      return { image, [Symbol.dispose]: release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** The image when the engine has it. */
  async local(reference: string): Promise<ImageInfo | undefined> {
    const first = this.first.get(reference);
    const same = first && (await this.inspect(first.digest, reference));
    return same ?? (await this.inspect(reference, reference));
  }

  /** Ends when all removals that releases have begun are over. */
  async settled(): Promise<void> {
    await this.removal;
  }

  private async inspect(name: string, reference: string): Promise<ImageInfo | undefined> {
    try {
      const found = await this.engine.call("looking at an image", (docker) =>
        docker.getImage(name).inspect(),
      );
      return {
        reference,
        digest: found.Id,
        repo_digests: found.RepoDigests ?? [],
        platform: `${found.Os}/${found.Architecture}`,
        is_warm: isWarm(found.Config?.Labels),
      };
    } catch (error) {
      if (refusedWith(error, 404)) return undefined;
      throw error;
    }
  }

  private async fetch(wanted: Wanted): Promise<ImageInfo> {
    const { reference, signal } = wanted;
    const work = this.fetching.get(reference) ?? new SharedWork<ImageInfo>();
    this.fetching.set(reference, work);
    try {
      return await work.get(reference, (stop) => this.fetchNow(wanted, stop), signal);
    } finally {
      // The next one to miss the image must look again: it may have been removed meanwhile.
      this.fetching.delete(reference);
    }
  }

  private async fetchNow({ reference, dir }: Wanted, signal: AbortSignal): Promise<ImageInfo> {
    const { build, pull_timeout_ms, back_off_ms, on_progress } = this.options;
    const how = { reference, timeout_ms: pull_timeout_ms, back_off_ms, on_progress, signal };
    if (build) await buildImage(this.engine, dir, how);
    else await pullImage(this.engine, how);
    const image = await this.inspect(reference, reference);
    if (!image) throw noImage(reference, "was fetched and is not there");
    if (!build) this.pulled.add(reference);
    return image;
  }

  private async assertPlatform(image: ImageInfo): Promise<void> {
    const platform = await this.engine.platform();
    if (image.platform === platform) return;
    const [, wanted] = image.platform.split("/");
    const [, own] = platform.split("/");
    throw noImage(image.reference, `is for ${wanted}, this engine is ${own}`);
  }

  private release(reference: string): void {
    this.users.set(reference, (this.users.get(reference) ?? 1) - 1);
    const idle = [...this.pulled].filter((name) => (this.users.get(name) ?? 0) === 0);
    const excess = idle.slice(0, Math.max(0, this.pulled.size - this.options.keep_images));
    for (const name of excess) {
      this.pulled.delete(name);
      this.first.delete(name);
      this.removal = this.removal.then(() => this.remove(name));
    }
  }

  private removal: Promise<void> = Promise.resolve();

  /** An image that is in use elsewhere stays (409); nothing here depends on its removal. */
  private async remove(reference: string): Promise<void> {
    if ((this.users.get(reference) ?? 0) > 0) return;
    try {
      await this.engine.call("removing an image", (docker) => docker.getImage(reference).remove());
    } catch {
      this.options.on_progress({
        reference,
        status: "could not be removed",
        bytes_done: 0,
        bytes_total: 0,
      });
    }
  }
}
