// Owns a socket before the real engine that answers as Podman does where the two differ in networks, for tests.

type Disguise = {
  /** As the engine's `/version` has it; Docker's own components when absent. */
  readonly podman?: string;
};

/** Listens at `path`; networks are told without their options, as Podman tells them to Docker's clients. */
export function podmanBefore(path: string, { podman }: Disguise, engine = "/var/run/docker.sock") {
  return Bun.serve({
    unix: path,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const answer = await fetch(`http://engine${pathname}${search}`, {
        unix: engine,
        method: request.method,
        headers: { "content-type": "application/json" },
        ...(request.body ? { body: await request.text() } : {}),
      });
      const changed = CHANGES.find(([place]) => place.test(pathname))?.[1];
      if (changed === undefined || request.method !== "GET") return answer;
      return Response.json(changed((await answer.json()) as Json | Json[], podman));
    },
  });
}

type Json = Readonly<Record<string, unknown>>;

const CHANGES: readonly (readonly [RegExp, (answer: Json | Json[], podman?: string) => unknown])[] =
  [
    [
      /\/networks$/,
      (networks) =>
        Array.isArray(networks) ? networks.map((one) => ({ ...one, Options: {} })) : networks,
    ],
    [
      /\/version$/,
      (version, podman) =>
        podman === undefined
          ? version
          : { ...version, Components: [{ Name: "Podman Engine", Version: podman }] },
    ],
  ];
