// Owns turning a path of the site into its page, for both the folder on disk and the live view.
import { basename } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { Policy } from "../../db/schema.ts";
import { type FollowedLine, readSteps } from "../attempt/followed.ts";
import { TANDEM_VERSION } from "../core/versions.ts";
import { readFindings } from "../report/findings.ts";
import { pairOfRow } from "../report/report.ts";
import type { ActiveUnit } from "../status/status.ts";
import { annotationsSection } from "./annotations.ts";
import { byArm } from "./arms.ts";
import { attemptUnderWay, stepsSection, titleOfKey } from "./attempt-under-way.ts";
import { type ConflictText, conflictJobs, conflictTexts } from "./conflicts.ts";
import { readSite, type SiteData } from "./data.ts";
import { gridPage } from "./grid.ts";
import { type Html, html } from "./html.ts";
import { bundle, type PageContent, page } from "./layout.ts";
import { GRID, OVERVIEW, PAIRS, pagePath, sidePath } from "./links.ts";
import { neighboursOf } from "./neighbours.ts";
import { moment } from "./numbers.ts";
import { overview } from "./overview.ts";
import { pairPage, titleOf } from "./pair.ts";
import { pairsPage } from "./pairs.ts";
import type { Kit } from "./plot.ts";
import { madeParts, type PartsOptions, siteContext, whoIn } from "./report-parts.ts";
import { pairTitle, sidePage } from "./side.ts";
import { UNDER_WAY_PLACE } from "./under-way.ts";

export type PagesOptions = PartsOptions & {
  readonly ledger: Ledger;
  readonly log_dir: string;
  /** The policy of the verdicts that rates and tables count. */
  readonly policy: Policy;
  /** Names of runs; all of the ledger when absent. */
  readonly runs?: readonly string[] | undefined;
  /** Whether pages are served from a running ledger. */
  readonly live?: boolean;
  /** Whether whoever has the token may steer and annotate. */
  readonly steer?: boolean;
};

/** The pages of a ledger as it was when this was made. */
export type Pages = {
  readonly site: SiteData;
  /** Attempt keys by the path of their page; those of a pair follow each other. */
  readonly attempts: ReadonlyMap<string, string>;
  readonly overview: (kit: Kit) => Promise<string>;
  readonly grid: () => Promise<string>;
  readonly pairs: () => string;
  /** The texts of the conflicts among these attempts, made in one batch. */
  readonly conflicts: (
    keys: readonly string[],
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<string, ConflictText>>;
  readonly pair: (attempt_key: string, conflict: ConflictText | undefined) => string | undefined;
  /** The page of an attempt that is being made, with its steps so far. */
  readonly underWay: (unit: ActiveUnit, lines: readonly FollowedLine[]) => string;
  /** Pairs with two attempts or more, by the path of the page that shows them side by side. */
  readonly sides: ReadonlyMap<string, readonly OutcomeRow[]>;
  /** The page at a path of `sides`; undefined at any other. */
  readonly side: (path: string) => string | undefined;
};

/** Reads what all pages share. Throws Fault when the ledger cannot be read. */
export async function readPages(options: PagesOptions): Promise<Pages> {
  const { ledger, log_dir, policy, live = false, steer = false } = options;
  const site = await readSite(options);
  const neighbours = neighboursOf(site.rows);
  const runs = new Map(site.runs.map(({ name, run }) => [name, run]));
  const pairs = Map.groupBy(site.rows, pairOfRow);
  const sides = new Map(
    [...pairs].flatMap(([pair, own]) => (own.length > 1 ? [[sidePath(pair), own] as const] : [])),
  );
  const footer = footerOf(options);
  const whole = (path: string, content: Omit<PageContent, "path" | "live" | "steer" | "footer">) =>
    page({ path, live, steer, footer, ...content });
  return {
    site,
    attempts: new Map(
      [...pairs.values()]
        .flat()
        .map(({ attempt_key }) => [pagePath(attempt_key), attempt_key] as const),
    ),
    async overview(kit) {
      const armed = await byArm(site);
      const context = siteContext(ledger, armed);
      const made = await madeParts(context, { ...options, who: whoIn(armed) });
      const under_way = live ? UNDER_WAY_PLACE : undefined;
      const findings = await readFindings(context);
      const main = await overview(armed, kit, { made, findings, under_way });
      return whole(OVERVIEW, { title: "Overview", main, scripts: ["page.js", "tabs.js"] });
    },
    async grid() {
      await bundle("grid.js");
      return whole(GRID, {
        title: "Grid",
        main: gridPage(ledger, await byArm(site)),
        scripts: ["page.js", "grid.js"],
        broad: true,
        style: "grid",
      });
    },
    pairs: () =>
      whole(PAIRS, {
        title: "Attempts",
        main: pairsPage(site),
        scripts: ["page.js", "table.js"],
        broad: true,
      }),
    conflicts(keys, signal) {
      const rows = keys.flatMap((key) => neighbours.get(key)?.row ?? []);
      const conflicting = rows.filter(({ merge_status }) => merge_status === "conflicts");
      return conflictTexts(conflictJobs(ledger, conflicting), signal);
    },
    pair(attempt_key, conflict) {
      const found = neighbours.get(attempt_key);
      if (found === undefined) return undefined;
      const main = pairPage({
        ledger,
        log_dir,
        policy,
        neighbours: found,
        run: runs.get(found.row.run),
        conflict,
      });
      const said = annotationsSection({ ledger, attempt_key, steer });
      const { lines } = ledger.attempts.has(attempt_key)
        ? { lines: [] }
        : readSteps(log_dir, attempt_key);
      const broken = lines.length > 0 && stepsSection("Steps until it was broken off", lines);
      const title = `${titleOf(found.row)} in ${found.row.run}`;
      return whole(pagePath(attempt_key), {
        ...ATTEMPT,
        title,
        main: html`${main}${broken}${said}`,
      });
    },
    underWay(unit, lines) {
      const title = `${titleOfKey(unit.unit)} in ${unit.run}`;
      const main = attemptUnderWay({ unit, lines, steer });
      return whole(pagePath(unit.unit), { ...ATTEMPT, title, main });
    },
    sides,
    side(path) {
      const rows = sides.get(path);
      const [first] = rows ?? [];
      if (rows === undefined || first === undefined) return undefined;
      const main = sidePage({ ledger, path, rows });
      const title = `${pairTitle(first)}, side by side`;
      return whole(path, { title, main, scripts: ["page.js", "side.js"], broad: true });
    },
  };
}

/** The frame of an attempt's page, under way as finished: a reader stays on it. */
const ATTEMPT = {
  scripts: ["page.js", "pair.js", "find.js", "outline.js", "texts.js", "patch.js"],
  broad: true,
} as const;

function footerOf({ ledger, live }: PagesOptions): Html {
  // The same ledger makes the same pages: what is on disk says when the last thing happened, not when it was written.
  const when = live ? new Date().toISOString() : ledger.pages.latest();
  const said =
    when === null ? "Written" : `${live ? "Read" : "Results until"} ${moment(when)} UTC, written`;
  return html`<p>${said} by Tandem ${TANDEM_VERSION} from the ledger <code>${basename(ledger.path)}</code>. All times are UTC. Paths of files are relative to the logs. Nothing on this page is loaded from elsewhere.</p>`;
}
