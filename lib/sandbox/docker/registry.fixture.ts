// Owns a small image registry on this machine, for tests: one-layer images that the real engine pulls, and its troubles.
import { pack } from "tar-stream";
import { sha256 } from "../../core/files.ts";

export type Registry = Disposable & {
  /** `127.0.0.1:port/team`: engines talk to registries on this address without TLS. */
  readonly name: string;
  /** Requests for manifests so far. */
  manifests: number;
  /** So many requests fail with `status` before the others are answered. */
  failing: number;
  status: number;
  /** Wait before a layer is sent. */
  slow_ms: number;
  architecture: string;
};

const MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

/** Answers for every image name under it; the name makes each image another one. `absent` in a name is not found. */
export async function openRegistry(architecture = "amd64"): Promise<Registry> {
  const blobs = new Map<string, Uint8Array>();
  const keep = (bytes: Uint8Array) => {
    const digest = `sha256:${sha256(bytes)}`;
    blobs.set(digest, bytes);
    return { digest, size: bytes.length };
  };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      const [, , name = "", kind, reference = ""] =
        /^(\/v2\/)(.*)\/(manifests|blobs)\/(.*)$/.exec(pathname) ?? [];
      if (kind === "blobs") {
        const bytes = blobs.get(reference);
        if (bytes && registry.slow_ms > 0) await Bun.sleep(registry.slow_ms);
        return bytes ? new Response(Buffer.from(bytes)) : new Response("", { status: 404 });
      }
      if (kind !== "manifests") return new Response("{}");
      registry.manifests++;
      if (registry.failing-- > 0) return new Response("busy", { status: registry.status });
      if (name.includes("absent"))
        return Response.json(
          { errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] },
          { status: 404 },
        );
      const manifest = await manifestOf(
        `${name}-${registry.architecture}`,
        registry.architecture,
        keep,
      );
      return new Response(manifest, {
        headers: {
          "content-type": MANIFEST,
          "docker-content-digest": `sha256:${sha256(manifest)}`,
        },
      });
    },
  });
  const registry: Registry = {
    name: `127.0.0.1:${server.port}/team`,
    ...{ manifests: 0, failing: 0, status: 503, slow_ms: 0, architecture },
    [Symbol.dispose]: () => void server.stop(true),
  };
  return registry;
}

async function manifestOf(
  content: string,
  architecture: string,
  keep: (bytes: Uint8Array) => { digest: string; size: number },
): Promise<string> {
  const archive = pack();
  archive.entry({ name: "content", mtime: new Date(0) }, content);
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk);
  const layer = Buffer.concat(chunks);
  const config = {
    ...{ architecture, os: "linux", config: {} },
    rootfs: { type: "layers", diff_ids: [`sha256:${sha256(layer)}`] },
  };
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: {
      mediaType: "application/vnd.docker.container.image.v1+json",
      ...keep(Buffer.from(JSON.stringify(config))),
    },
    layers: [
      {
        mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
        ...keep(Bun.gzipSync(layer)),
      },
    ],
  });
}
