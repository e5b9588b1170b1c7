#!/usr/bin/env node
// Owns the way to the program from Node or Bun: it finds the Bun that was installed beside it, and hands over to it.
import { spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const PROGRAM = new URL("../scripts/tandem.ts", import.meta.url);
// Bun's own package carries the program; where its install script did not run, the package of this platform does.
const CPU = process.arch === "arm64" ? "aarch64" : process.arch;
const PLACES = [
  "bun/bin/bun.exe",
  `@oven/bun-${process.platform}-${CPU}/bin/bun`,
  `@oven/bun-${process.platform}-${CPU}-musl/bin/bun`,
];

if (process.versions.bun) {
  const { tandem } = await import(PROGRAM.href);
  await tandem(process.argv.slice(2));
} else handOver(foundBun());

/** The Bun of the package's own dependencies; else the one on PATH. */
function foundBun() {
  const { resolve } = createRequire(import.meta.url);
  return PLACES.flatMap((place) => resolved(resolve, place)).find(runs) ?? "bun";
}

function resolved(resolve, place) {
  try {
    return [resolve(place)];
  } catch (error) {
    if (error.code === "MODULE_NOT_FOUND" || error.code === "ERR_PACKAGE_PATH_NOT_EXPORTED")
      return [];
    throw error;
  }
}

function runs(path) {
  return spawnSync(path, ["--version"], { stdio: "ignore" }).status === 0;
}

/** Its end is ours; signals to this process go on to it. A terminal's Ctrl-C reaches both, so that one is not sent twice. */
function handOver(bun) {
  const child = spawn(bun, [fileURLToPath(PROGRAM), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  process.on("SIGINT", () => undefined);
  for (const signal of ["SIGTERM", "SIGHUP", "SIGQUIT"])
    process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(
      `Bun cannot be started (${error.message}): install it (npm install bun), then call tandem again\n`,
    );
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
  });
}
