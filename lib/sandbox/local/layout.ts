// Owns where the parts of a local sandbox lie: on the host, and for its commands.
import { join, resolve } from "node:path";
import type { SharedMount } from "../share.ts";

/** Paths of an isolated sandbox for its commands, as in the images; what nothing isolates lies where it is. */
export const ROOM_PATHS = {
  place: "/workspace",
  repo: "/workspace/repo",
  home: "/workspace/home",
  work: "/patches",
  tmp: "/tmp",
  base_git: "/.tandem/base.git",
  scripts: "/.tandem/scripts",
  programs: "/.tandem/programs",
  program: "/.tandem/program",
} as const;

export type Layout = {
  /** On the host: everything commands may write, the folder around the repository, and ours next to them. */
  readonly host: Readonly<
    Record<
      "root" | "place" | "repo" | "home" | "work" | "tmp" | "scripts" | "programs" | "etc",
      string
    >
  >;
  /** The same as commands have it. */
  readonly inside: Readonly<
    Record<"repo" | "home" | "work" | "tmp" | "scripts" | "programs", string>
  >;
  /** What an isolated sandbox is made of. */
  readonly mounts: readonly SharedMount[];
};

/** Of the sandbox that has the folder `own` on the host. */
export function layoutOf(own: string, isolated: boolean): Layout {
  const root = join(own, "w");
  const place = isolated ? join(root, "workspace") : root;
  const host = {
    ...{ root, place, repo: join(place, "repo"), home: join(place, "home") },
    ...{ work: join(root, "work"), tmp: join(root, "tmp"), etc: join(own, "etc") },
    ...{ scripts: isolated ? join(own, "scripts") : root, programs: join(own, "programs") },
  };
  if (!isolated) return { host, inside: host, mounts: [] };
  const writable = (["place", "work", "tmp"] as const).map((part) => {
    return { source: host[part], path: ROOM_PATHS[part], writable: true };
  });
  const scripts = { source: host.scripts, path: ROOM_PATHS.scripts, writable: false };
  return { host, inside: ROOM_PATHS, mounts: [...writable, scripts] };
}

/** The names that lead from the host's root to a path of commands. Throws RangeError when none do. */
export function partsInside({ host, mounts }: Layout, wanted: string): string[] {
  const absolute = resolve(wanted);
  const own = { source: host.root, path: host.root, writable: true };
  const places = mounts.length === 0 ? [own] : mounts.filter(({ writable }) => writable);
  const place = places.find(({ path }) => absolute.startsWith(`${path}/`));
  if (place === undefined) throw new RangeError(`${wanted} is outside the sandbox`);
  const path = join(place.source, absolute.slice(place.path.length));
  return path.slice(host.root.length + 1).split("/");
}
