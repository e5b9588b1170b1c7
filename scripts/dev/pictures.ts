// Owns README's pictures: the demo's pages, looked at by a headless browser, cut to what README speaks of.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Call, COMMON_ARGS, defineCommand, invoke, main } from "../../lib/cli/step.ts";
import { Fault } from "../../lib/core/fault.ts";
import { demo } from "../demo.ts";

type Picture = {
  readonly name: string;
  /** Of the demo's site. */
  readonly page: string;
  /** The elements to show, from the first's top to the last's bottom. */
  readonly from: string;
  readonly to: string;
};
const WIDTH = 1100;
const PICTURES: readonly Picture[] = [
  { name: "overview", page: "index.html", from: ".scope", to: "#part-causes" },
  {
    name: "attempt",
    page: "pairs/demo-coop/demo_task/task1/features_3_4.html",
    from: "#trajectories",
    to: "#trajectories",
  },
];

export const pictures = defineCommand({
  name: "pictures",
  summary: "Make README's pictures from the demo, with a headless Chromium",
  args: {
    out: {
      type: "string",
      alias: "o",
      description: "folder of the pictures",
      valueHint: "folder",
      default: ".github/pictures",
    },
    json: COMMON_ARGS.json,
    quiet: COMMON_ARGS.quiet,
    debug: COMMON_ARGS.debug,
  },
  async run(context) {
    const folder = mkdtempSync(join(tmpdir(), "tandem-pictures-"));
    try {
      await makeSite(context, folder);
      for (const path of await takeAll(join(folder, "site"), context.args.out))
        context.out.emit({ picture: path });
      return 0;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

async function makeSite(context: Omit<Call, "args">, folder: string): Promise<void> {
  const { openLedger } = await import("../../db/ledger.ts");
  const { writeSite } = await import("../../lib/site/site.ts");
  using ledger = openLedger(join(folder, "ledger.sqlite"));
  const log_dir = join(folder, "logs");
  const silent = () => undefined;
  const out = { ...context.out, quiet: true, say: silent, emit: silent, text: silent };
  const flags = { ledger: ledger.path, "log-dir": log_dir, quiet: true, json: true };
  const shared = { ...context, out, words: [], ledger: async () => ledger };
  if ((await invoke(demo, flags, shared)) > 0)
    throw new Fault("internal", "the demo met a fault", {
      hint: "run bun scripts/demo.ts by itself",
    });
  const { signal } = context;
  await writeSite({ ledger, log_dir, policy: "union", out_dir: join(folder, "site"), signal });
}

/** Every picture, light and dark. Throws Fault `internal` where a page has nothing to show. */
async function takeAll(site: string, into: string): Promise<string[]> {
  const { launch } = await import("puppeteer-core");
  const executablePath = Bun.which("chromium") ?? Bun.which("google-chrome") ?? "chromium";
  mkdirSync(into, { recursive: true });
  await using browser = await launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"],
  });
  const made: string[] = [];
  for (const scheme of ["light", "dark"] as const)
    for (const { name, page: file, from, to } of PICTURES) {
      await using page = await browser.newPage();
      await page.setViewport({ width: WIDTH, height: 800 });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.goto(pathToFileURL(join(site, file)).href, { waitUntil: "load" });
      const [top, bottom] = await Promise.all([page.$(from), page.$(to)]);
      const [first, last] = [await top?.boundingBox(), await bottom?.boundingBox()];
      if (!first || !last)
        throw new Fault("internal", `${file} has no ${first ? to : from}`, {
          hint: "the page has changed: name what is there in scripts/dev/pictures.ts",
        });
      const y = Math.max(0, first.y - 12);
      const clip = { x: 0, y, width: WIDTH, height: last.y + last.height + 16 - y };
      const path = join(into, `${name}-${scheme}.png`);
      await page.screenshot({ path, clip, captureBeyondViewport: true });
      made.push(path);
    }
  return made;
}

if (import.meta.main) await main(pictures);
