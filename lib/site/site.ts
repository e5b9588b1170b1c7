// Owns the site as a folder: every page of a report, written whole, that opens from the file system.
import { dirname, join } from "node:path";
import { settlePaths } from "../core/disk.ts";
import { Fault } from "../core/fault.ts";
import { writeUnsettled } from "../core/files.ts";
import { chunks } from "../core/lists.ts";
import { OVERVIEW, PAIRS } from "./links.ts";
import { packPage } from "./packed.ts";
import { type PagesOptions, readPages } from "./pages.ts";
import { openKit } from "./plot.ts";

/** Attempts whose conflicts are merged again in one batch. */
const BATCH = 200;

export type SiteOptions = Omit<PagesOptions, "live"> & {
  /** Made when absent; pages of the same names in it are replaced, other files are left alone. */
  readonly out_dir: string;
  readonly signal: AbortSignal;
  /** Called after every batch of pages. */
  readonly on_progress?: (pages: number, total: number) => void;
};
/** `index` is the page to open. */
export type SiteResult = { readonly index: string; readonly pages: number; readonly bytes: number };

/**
 * Writes the overview, the table of pairs, one page per attempt and one per pair of several attempts into `out_dir`. Throws Fault: of the ledger, of a folder
 * that cannot be written, and `interrupted` when the signal ended it; pages that are there are whole.
 */
export async function writeSite(options: SiteOptions): Promise<SiteResult> {
  const { out_dir, signal, on_progress } = options;
  const pages = await readPages(options);
  const total = pages.attempts.size + pages.sides.size + 2;
  const sides = new Map(
    [...pages.sides].map(([path, rows]) => [rows.at(-1)?.attempt_key ?? "", path]),
  );
  const written = { pages: 0, bytes: 0 };
  const paths = new Set<string>();
  const write = (path: string, text: string | undefined) => {
    if (text === undefined) return;
    const bytes = Buffer.from(packPage(text));
    writeUnsettled(join(out_dir, path), bytes);
    paths.add(join(out_dir, path)).add(dirname(join(out_dir, path)));
    written.pages++;
    written.bytes += bytes.length;
  };
  for (const some of chunks([...pages.attempts], BATCH)) {
    stopIfAborted(signal);
    const conflicts = await pages.conflicts(
      some.map(([, key]) => key),
      signal,
    );
    for (const [path, key] of some) {
      write(path, pages.pair(key, conflicts.get(key)));
      // Right after its attempts, which have the same patches.
      const side = sides.get(key);
      if (side !== undefined) write(side, pages.side(side));
    }
    on_progress?.(written.pages, total);
  }
  stopIfAborted(signal);
  write(PAIRS, pages.pairs());
  // Written last, so that a reader who finds it also finds what it links to.
  write(OVERVIEW, await pages.overview(await openKit()));
  await settlePaths([...paths]);
  on_progress?.(written.pages, total);
  return { index: join(out_dir, OVERVIEW), ...written };
}

function stopIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new Fault("interrupted", "writing the site was interrupted", {
    hint: "run the same command again: it writes every page anew",
    cause: signal.reason,
  });
}
