// Owns the site as a folder or as one file: every page of a report, written whole, that opens from the file system.
import { basename, dirname, join } from "node:path";
import { settlePaths } from "../core/disk.ts";
import { Fault } from "../core/fault.ts";
import { writeUnsettled, writeWhole } from "../core/files.ts";
import { chunks } from "../core/lists.ts";
import { redact } from "../core/redact.ts";
import { GRID, OVERVIEW, PAIRS } from "./links.ts";
import { packPage } from "./packed.ts";
import { type Pages, type PagesOptions, readPages } from "./pages.ts";
import { openKit } from "./plot.ts";
import { type SitePage, singleFile } from "./single.ts";

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
export type SiteResult = {
  readonly index: string;
  readonly pages: number;
  readonly bytes: number;
  /** Every file, relative to the folder. */
  readonly files: readonly string[];
};

/**
 * Writes the overview, the grid, the table of pairs, one page per attempt and one per pair of several attempts into `out_dir`. Throws Fault: of the ledger, of a folder
 * that cannot be written, and `interrupted` when the signal ended it; pages that are there are whole.
 */
export async function writeSite({ out_dir, ...options }: SiteOptions): Promise<SiteResult> {
  const paths = new Set<string>();
  const files: string[] = [];
  let bytes = 0;
  const pages = await eachPage(options, ({ path, text }) => {
    // Secrets are blotted out before compression, which would hide them.
    const file = Buffer.from(packPage(redact(text)));
    writeUnsettled(join(out_dir, path), file);
    paths.add(join(out_dir, path)).add(dirname(join(out_dir, path)));
    files.push(path);
    bytes += file.length;
  });
  await settlePaths([...paths]);
  return { index: join(out_dir, OVERVIEW), pages, bytes, files };
}

/** The same pages in one file, as large as its pages' compressed texts. Throws Fault like {@link writeSite}. */
export async function writeSingle(
  path: string,
  options: Omit<SiteOptions, "out_dir">,
): Promise<SiteResult> {
  const file = singleFile();
  const pages = await eachPage(options, ({ path: of, text }) =>
    file.add({ path: of, text: redact(text) }),
  );
  const bytes = Buffer.from(file.text());
  writeWhole(path, bytes);
  return { index: path, pages, bytes: bytes.length, files: [basename(path)] };
}

/** Makes every page, and gives their number. */
async function eachPage(
  options: Omit<SiteOptions, "out_dir">,
  take: (page: SitePage) => void,
): Promise<number> {
  const { signal, on_progress } = options;
  const pages = await readPages(options);
  const total = pages.attempts.size + pages.sides.size + 3;
  const sides = new Map(
    [...pages.sides].map(([path, rows]) => [rows.at(-1)?.attempt_key ?? "", path]),
  );
  let made = 0;
  const give = (path: string, text: string | undefined) => {
    if (text === undefined) return;
    take({ path, text });
    made++;
  };
  for (const some of chunks(byPair(pages), BATCH)) {
    stopIfAborted(signal);
    const conflicts = await pages.conflicts(
      some.map(([, key]) => key),
      signal,
    );
    for (const [path, key] of some) {
      give(path, pages.pair(key, conflicts.get(key)));
      // Right after its attempts, which have the same patches.
      const side = sides.get(key);
      if (side !== undefined) give(side, pages.side(side));
    }
    on_progress?.(made, total);
  }
  stopIfAborted(signal);
  give(PAIRS, pages.pairs());
  give(GRID, await pages.grid());
  // Written last, so that a reader who finds it also finds what it links to.
  give(OVERVIEW, await pages.overview(await openKit()));
  on_progress?.(made, total);
  return made;
}

/** Attempts at one pair beside each other, whatever their run: what their merges have in common is then made once. */
function byPair({ site, attempts }: Pages): (readonly [path: string, key: string])[] {
  const pairs = new Map(
    site.rows.map((row) => [row.attempt_key, `${row.repo} ${row.task_id} ${row.features}`]),
  );
  const pairOf = ([, key]: readonly [string, string]) => pairs.get(key) ?? "";
  return [...attempts].sort((a, b) => (pairOf(a) < pairOf(b) ? -1 : pairOf(a) > pairOf(b) ? 1 : 0));
}

function stopIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new Fault("interrupted", "writing the site was interrupted", {
    hint: "run the same command again: it writes every page anew",
    cause: signal.reason,
  });
}
