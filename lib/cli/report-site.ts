// Owns writing the site of pages for `report --html`.
import { dirname, extname } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import { UsageError } from "../core/fault.ts";
import type { Policy } from "../core/vocabulary.ts";
import type { Output } from "./output.ts";
import { openProgress } from "./progress.ts";

/** A site shows whole runs: what would narrow them is refused. */
const NOT_WITH = [
  "subset",
  "repo",
  "task",
  "features",
  "limit",
  "gradeable",
  "edition",
  "parts",
  "against",
  "margin",
  "across-editions",
  "labels",
  "columns",
  "intervals",
];

type Call = {
  readonly args: Readonly<Record<string, unknown>>;
  readonly words: readonly string[];
  readonly out: Output;
  readonly signal: AbortSignal;
  readonly open: () => Promise<Ledger>;
  readonly policy: Policy;
  readonly runs: readonly string[] | undefined;
  /** A folder, or one file that ends in `.html`. */
  readonly path: string;
};

/** Writes the pages of the runs (all when none is named). The page to open is the result. */
export async function makeSite(call: Call): Promise<number> {
  const { out, signal, policy, path, args } = call;
  refuseOthers(call, "a site");
  const zip = args.bundle === undefined ? undefined : zipNamed(String(args.bundle));
  const { ledger, runs } = await wholeRuns(call);
  const { writeSingle, writeSite } = await import("../site/site.ts");
  using progress = openProgress("pages", out.quiet);
  const log_dir = String(args["log-dir"]);
  const asked = {
    ...{ ledger, policy, runs, signal, log_dir, slow_parts: true },
    on_progress: (done: number, total: number) => progress.show(done, total),
  };
  const single = extname(path) === ".html";
  const made = single
    ? await writeSingle(path, asked)
    : await writeSite({ ...asked, out_dir: path });
  out.emit({ page: made.index, pages: made.pages, bytes: made.bytes });
  if (zip === undefined) return 0;
  const { writeBundle } = await import("./report-bundle.ts");
  const site = { folder: single ? dirname(path) : path, files: made.files };
  const dataset_dir = String(args["dataset-dir"]);
  const files = await writeBundle({ ...asked, dataset_dir, site, path: zip });
  out.emit({ bundle: zip, files, bytes: Bun.file(zip).size });
  return 0;
}

/** Writes each chart of the runs as SVG and PDF. Each figure is a result. */
export async function makeFigures(call: Omit<Call, "signal">): Promise<number> {
  const { out, policy, path } = call;
  refuseOthers(call, "figures");
  const { ledger, runs } = await wholeRuns(call);
  const { writeFigures } = await import("../site/figures.ts");
  for (const written of await writeFigures({ ledger, policy, runs, out_dir: path }))
    out.emit(written);
  return 0;
}

function refuseOthers({ args, words }: Pick<Call, "args" | "words">, what: "a site" | "figures") {
  const useless = NOT_WITH.find((flag) => args[flag] !== undefined);
  if (useless === undefined && words.length === 0) return;
  throw new UsageError(
    `${what} ${what === "a site" ? "shows" : "show"} whole runs: omit ${useless ? `--${useless}` : "keys"}`,
  );
}

async function wholeRuns({ open, runs: names }: Pick<Call, "open" | "runs">) {
  const ledger = await open();
  const { runsNamed } = await import("../select/named-runs.ts");
  return { ledger, runs: names && [...new Set(names.flatMap((name) => runsNamed(ledger, name)))] };
}

function zipNamed(path: string): string {
  if (extname(path) === ".zip") return path;
  throw new UsageError(`--bundle writes a zip: name it FILE.zip, not ${path}`);
}
