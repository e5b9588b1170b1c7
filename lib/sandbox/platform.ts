// Owns what programs find on a system, as a script of any POSIX shell asks it: the C library, and Python.
import type { Platform } from "./sandbox.ts";

/**
 * For `sh -c`; its first argument stands before the system's paths. A loader says what starts: one of glibc wins, as musl is
 * a package of systems with glibc too; where musl is the system's own, glibc's may be a link to a stand-in.
 */
export const PLATFORM_SCRIPT = `libc=none
for loader in "\${1-}"/lib/ld-musl-*.so.*; do [ ! -e "$loader" ] || libc=musl; done
for loader in "\${1-}"/lib64/ld-linux-*.so.* "\${1-}"/lib/ld-linux-*.so.*; do
  [ -e "$loader" ] || continue
  case $(readlink -f "$loader") in *musl* | *gcompat*) ;; *) libc=glibc ;; esac
done
echo "$libc"
python3 --version 2>/dev/null || :`;

/** What the script has printed. */
export function platformFrom(said: string): Platform {
  const libc = (["glibc", "musl"] as const).find((one) => said.startsWith(`${one}\n`)) ?? "none";
  return { libc, python: /^Python (3\.\d+)/m.exec(said)?.[1] };
}
