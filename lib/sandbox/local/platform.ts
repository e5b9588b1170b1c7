// Owns what programs find on this machine: its C library, and its Python.
import { readdirSync } from "node:fs";
import type { Platform } from "../sandbox.ts";

/** The same for every sandbox of a process. */
export function hostPlatform(): Platform {
  known ??= { libc: hasMusl() ? "musl" : "glibc", python: pythonVersion() };
  return known;
}
let known: Platform | undefined;

function hasMusl(): boolean {
  return readdirSync("/lib").some((name) => name.startsWith("ld-musl-"));
}

function pythonVersion(): string | undefined {
  const python = Bun.which("python3");
  if (python === null) return undefined;
  const said = Bun.spawnSync([python, "--version"], { stderr: "ignore" }).stdout.toString();
  return /^Python (3\.\d+)/.exec(said)?.[1];
}
