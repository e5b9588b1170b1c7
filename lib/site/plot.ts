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

/** Attributes that say where a mark is: a tenth of a pixel is enough. */
const PLACES = new Set("x y x1 x2 y1 y2 cx cy dx dy width height d transform".split(" "));

function rounded(place: string): string {
  return place.replace(/-?\d+\.\d{2,}/g, (number) => String(Number(Number(number).toFixed(1))));
}

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
      for (const mark of figure.querySelectorAll("*"))
        for (const { name, value } of [...mark.attributes])
          if (PLACES.has(name)) mark.setAttribute(name, rounded(value));
      figure.setAttribute("role", "img");
      figure.setAttribute("aria-label", label);
      return trusted(shownByCode(figure.outerHTML));
    },
  };
}
