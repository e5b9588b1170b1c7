// Owns what programs find on this machine: its C library, and its Python.
import { PLATFORM_SCRIPT, platformFrom } from "../platform.ts";
import type { Platform } from "../sandbox.ts";

/** The same for every sandbox of a process. */
export function hostPlatform(): Platform {
  known ??= platformFrom(Bun.spawnSync(["sh", "-c", PLATFORM_SCRIPT]).stdout.toString());
  return known;
}
let known: Platform | undefined;
