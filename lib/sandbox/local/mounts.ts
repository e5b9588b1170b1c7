// Owns bubblewrap's words for laying folders and files into a room.
import { readdirSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import type { SharedMount } from "../share.ts";
import { isInAny, isOpen, isStrictlyIn } from "./tool-folders.ts";

export const readOnly = (path: string): string[] => ["--ro-bind", path, path];
export const emptied = (path: string): string[] => ["--tmpfs", path];

export function mount({ source, path, writable }: SharedMount): string[] {
  return [...foldersAbove([path]), writable ? "--bind" : "--ro-bind", source, path];
}

/**
 * What commands leave in a place of theirs stays for the next, links too, and what is mounted below would be laid in
 * through them: a folder that is a mount itself cannot be replaced.
 */
export function firstIn(path: string, places: readonly string[]): string[] {
  const place = places.findLast((one) => isStrictlyIn(path, one));
  if (place === undefined) return [];
  const [first = ""] = path.slice(place.length + 1).split(sep);
  return [join(place, first)];
}

/** Bubblewrap would make what is missing above a mount for root alone. */
export function foldersAbove(paths: readonly string[], within: readonly string[] = []): string[] {
  const above = new Set<string>();
  const add = (path: string) => {
    const folder = dirname(path);
    if (folder === "/" || above.has(folder)) return;
    if (within.length > 0 && !within.some((one) => isStrictlyIn(folder, one))) return;
    if (within.length === 0 && isInAny(folder, MADE)) return;
    add(folder);
    above.add(folder);
  };
  for (const path of paths) add(path);
  return [...above].flatMap((folder) => ["--dir", folder]);
}

/** Made by others of our arguments, some as links. */
const MADE = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/dev", "/proc", "/tmp", "/etc"];

/** A tool's folder that is closed to other users is made anew, with what it holds in it. */
export function mountTool(path: string, user: number | undefined): string[] {
  if (user === undefined || isOpen(path)) return readOnly(path);
  const inside = readdirSync(path).map((name) => join(path, name));
  return ["--tmpfs", path, ...inside.flatMap((each) => ["--ro-bind-try", each, each])];
}
