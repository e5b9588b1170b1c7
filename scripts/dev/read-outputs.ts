// Owns the development program `read-outputs`: a folder of test outputs in, one JSON line per file out.
import { parseArgs } from "node:util";
import { UsageError } from "../../lib/core/fault.ts";
import { readFolder } from "../../lib/eval/read-folder.ts";

const USAGE = `usage: bun scripts/dev/read-outputs.ts <folder> [--go-verbose]

Reads every file below the folder as the output of a test runner that exited 0, and prints one JSON line for each: what it
announced, concluded and counted, and whether it passes. --go-verbose: Go's outputs were made with -v, so that a package
that names no test ran none.`;

function options() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { "go-verbose": { type: "boolean", default: false } },
    });
    const [folder, ...rest] = positionals;
    if (folder === undefined || rest.length > 0) throw new UsageError("name one folder");
    return { folder, go_verbose: values["go-verbose"] };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

try {
  const { folder, go_verbose } = options();
  for await (const reading of readFolder(folder, { go_verbose }))
    process.stdout.write(`${JSON.stringify(reading)}\n`);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
