// Owns drawing: the charting library over our own document, giving SVG text for pages.
import type * as PlotModule from "@observablehq/plot";
import { shownByCode } from "../core/visible.ts";
import { openDocument } from "./dom.ts";
import { type Html, trusted } from "./html.ts";

export type Plot = typeof PlotModule;
export type PlotOptions = PlotModule.PlotOptions;
/** The library, and its plots as SVG. Text in them is escaped by the document's serializer. */
export type Kit = {
  readonly plot: Plot;
  readonly draw: (label: string, options: PlotOptions) => Html;
};

/** The drawing kit; importing what it needs takes about 0.2 s, once. */
export async function openKit(): Promise<Kit> {
  const [plot, document] = await Promise.all([import("@observablehq/plot"), openDocument()]);
  return {
    plot,
    draw(label, options) {
      const figure = plot.plot({ ...options, document, className: "plot" });
      // The pages' own style sheet has these rules: a policy against inline styles would refuse the library's.
      figure.querySelector("style")?.remove();
      // It names its groups for readers, who pass over what lies within an image.
      for (const group of figure.querySelectorAll("g")) {
        if (group.getAttribute("aria-label")?.endsWith("-grid")) group.classList.add("grid");
        group.removeAttribute("aria-label");
      }
      figure.setAttribute("role", "img");
      figure.setAttribute("aria-label", label);
      return trusted(shownByCode(figure.outerHTML));
    },
  };
}
