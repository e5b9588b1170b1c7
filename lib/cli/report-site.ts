// Owns writing the site of pages for `report --html`.
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
];

type Call = {
  readonly args: Readonly<Record<string, unknown>>;
  readonly words: readonly string[];
  readonly out: Output;
  readonly signal: AbortSignal;
  readonly open: () => Promise<Ledger>;
  readonly policy: Policy;
  readonly runs: readonly string[] | undefined;
  readonly folder: string;
};

/** Writes the pages of the runs (all when none is named). The page to open is the result. */
export async function makeSite(call: Call): Promise<number> {
  const { args, words, out, signal, policy, runs: names, folder } = call;
  const useless = NOT_WITH.find((flag) => args[flag] !== undefined);
  if (useless !== undefined || words.length > 0)
    throw new UsageError(
      `a site shows whole runs: it takes no ${useless ? `--${useless}` : "keys"}`,
    );
  const ledger = await call.open();
  const { runsNamed } = await import("../select/named-runs.ts");
  const runs = names && [...new Set(names.flatMap((name) => runsNamed(ledger, name)))];
  const { writeSite } = await import("../site/site.ts");
  using progress = openProgress("pages", out.quiet);
  const { index, pages, bytes } = await writeSite({
    ...{ ledger, policy, runs, signal, out_dir: folder, log_dir: String(args["log-dir"]) },
    slow_parts: true,
    on_progress: (done, total) => progress.show(done, total),
  });
  out.emit({ page: index, pages, bytes });
  return 0;
}
