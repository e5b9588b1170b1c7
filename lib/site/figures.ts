// Owns the charts of a report as files: each as SVG and as PDF, for papers.
import { join } from "node:path";
import { writeWhole } from "../core/files.ts";
import { byArm } from "./arms.ts";
import { readSite } from "./data.ts";
import { figurePdf } from "./figure-pdf.ts";
import { timelineFigure } from "./overview-timeline.ts";
import { messagesFigure, sectionsFigure } from "./overview-within.ts";
import type { PagesOptions } from "./pages.ts";
import { paperSvg } from "./paper-figure.ts";
import type { Figure } from "./parts.ts";
import { openKit } from "./plot.ts";
import { madeParts, partFigures, siteContext, whoIn } from "./report-parts.ts";

/** Pixels: a column of 5.8 inches, in which the words are as large as a caption's. */
const WIDTH = 560;

export type FiguresOptions = Omit<PagesOptions, "live" | "log_dir"> & {
  /** Made when absent; files of the same names in it are replaced. */
  readonly out_dir: string;
};
/** One chart: its title, and its two files. */
export type FigureFiles = { readonly figure: string; readonly svg: string; readonly pdf: string };

/** Writes every chart that has something to show. Throws Fault: of the ledger, and of a folder that cannot be written. */
export async function writeFigures(options: FiguresOptions): Promise<FigureFiles[]> {
  const { ledger, out_dir } = options;
  const site = await byArm(await readSite(options));
  const made = await madeParts(siteContext(ledger, site), {
    ...options,
    slow_parts: true,
    who: whoIn(site),
  });
  const own = [sectionsFigure, messagesFigure, timelineFigure].map((of) => of(site));
  const kit = await openKit();
  const written: FigureFiles[] = [];
  for (const figure of [...partFigures(made), ...own]) {
    if (figure.missing !== undefined) continue;
    for (const [name, drawing] of named(figure, figure.draw(kit, WIDTH))) {
      const text = paperSvg(drawing, figure.legend);
      const [svg, pdf] = [join(out_dir, `${name}.svg`), join(out_dir, `${name}.pdf`)];
      writeWhole(svg, text);
      writeWhole(pdf, await figurePdf(text, figure.title));
      written.push({ figure: figure.title, svg, pdf });
    }
  }
  return written;
}

/** `runs`, or `tasks-1`, `tasks-2`, … where a chart is several drawings. */
function named<Drawing>({ id }: Figure, drawings: readonly Drawing[]): [string, Drawing][] {
  const name = id.replace(/^part-/, "");
  return drawings.map((drawing, at) => [
    drawings.length === 1 ? name : `${name}-${at + 1}`,
    drawing,
  ]);
}
