// Owns telling which modules a process has loaded: preloaded, it appends their paths to the file of TANDEM_LOADED when the process ends.
import { appendFileSync } from "node:fs";

process.on("exit", () => {
  const file = process.env.TANDEM_LOADED;
  if (file === undefined) throw new Error("TANDEM_LOADED names no file");
  appendFileSync(file, `${Object.keys(require.cache).join("\n")}\n`);
});
