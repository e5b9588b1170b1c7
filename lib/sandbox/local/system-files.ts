// Owns which folders of the host's system a sandbox is built of.
import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { foldersAbove } from "./mounts.ts";

/** Folders as they are, or as the links that they are on the host. */
const FOLDERS = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
/** Where whole systems keep what /usr holds elsewhere. */
const MORE = ["/nix/store", "/gnu/store", "/var/lib/gems", "/sys/devices/system/cpu"];

let folders: readonly string[] | undefined;

/** Bubblewrap's arguments for the system's folders. */
export function systemFolders(): readonly string[] {
  folders ??= [
    ...["--ro-bind", "/usr", "/usr"],
    ...FOLDERS.flatMap(folderOrLink),
    ...MORE.filter(existsSync).flatMap((path) => [
      ...foldersAbove([path]),
      "--ro-bind",
      path,
      path,
    ]),
  ];
  return folders;
}

function folderOrLink(path: string): string[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink()) return ["--symlink", readlinkSync(path), path];
  return found?.isDirectory() ? ["--ro-bind", path, path] : [];
}
