// Owns how a worker is begun where it runs: which Tandem, in which folder, with which file of keys.
import { join } from "node:path";
import { GRACE } from "./options.ts";
import { quoted } from "./shell.ts";

export const GRACE_S = GRACE.grace_ms.default;

/** This program, for machines that see the same files. */
export function ownTandem(): readonly string[] {
  return [process.execPath, join(import.meta.dir, "../../scripts/tandem.ts")];
}

/** Lines of a shell script that go to the folder, which is written as the shell reads it, and take up the file of keys. */
export function inFolder(folder: string, keys_file: string | undefined): string[] {
  const enter = `mkdir -p ${folder} && cd ${folder} || exit 2`;
  if (keys_file === undefined) return [enter];
  const file = quoted(/^\.{0,2}\//.test(keys_file) ? keys_file : `./${keys_file}`);
  const absent = quoted(`there is no file ${keys_file} of keys on`);
  return [
    enter,
    `[ -r ${file} ] || { echo ${absent} "$(hostname)" >&2; exit 2; }`,
    `set -a; . ${file}; set +a`,
  ];
}
