// Owns showing conflicts: both sides of each region under their agents' names, with the steps that wrote them.
import type { ConflictFileText, ConflictPart } from "./conflicts.ts";
import { coloursOf, languageOf } from "./diff-colour.ts";
import { pieces, short } from "./diff-lines.ts";
import { type Html, html, type Slot } from "./html.ts";
import { plural } from "./numbers.ts";

const MOST_LINES = 500;

/** The two sides of a conflict: agents as people name them, with the place (from 1) that gives their colour. */
export type Sides = Readonly<
  Record<"ours" | "theirs", { readonly name: string; readonly place: number }>
>;
/** What is said of where the lines of a side came from. */
export type OriginOf = (side: "ours" | "theirs", lines: readonly string[], path: string) => Slot;

/** The conflicting regions of a file, both sides under their agents' names. */
export function conflictFile(
  { path, kind, parts }: ConflictFileText,
  sides: Sides,
  originOf: OriginOf = () => null,
): Html {
  const shown = parts.map((part, at) => {
    const origins = html`${origin("theirs", part)}${origin("ours", part)}`;
    return html`<li>${region(part, { sides, path, label: `${path}, region ${at + 1}` })}${origins.text !== "" && html`<ul class="origins">${origins}</ul>`}</li>`;
  });
  function origin(side: "ours" | "theirs", part: ConflictPart): Slot {
    const said = originOf(side, part[side], path);
    return (
      said !== null &&
      html`<li class="a${sides[side].place}"><b>${sides[side].name}</b>: ${said}</li>`
    );
  }
  const regions =
    parts.length === 0
      ? html`<p class="missing">A conflict without markers: git cannot put both sides into one text.</p>`
      : html`<ol class="regions">${shown}</ol>`;
  return html`<section class="conflict"><h3><code>${path}</code> <span class="tag">${kind}</span> ${plural(parts.length, "region")}</h3>${regions}</section>`;
}

function region(
  part: ConflictPart,
  { sides: { theirs, ours }, path, label }: { sides: Sides; path: string; label: string },
): Html {
  const language = languageOf(path);
  const around = (lines: readonly string[]) =>
    lines.length > 0 && html`<span class="same">${cut(lines)}</span>`;
  const side = ({ name, place }: Sides["ours"], lines: readonly string[]) =>
    html`<span class="side a${place}"><span class="side-name">${name}</span><span class="side-text">${lines.length === 0 ? "(no line)\n" : cut(lines, language)}</span></span>`;
  return html`<pre class="diff region" tabindex="0" role="group" aria-label="${label}">${around(part.before)}<span class="sides">${side(theirs, part.theirs)}${side(ours, part.ours)}</span>${around(part.after)}</pre>`;
}

function cut(lines: readonly string[], language?: string): Slot {
  const kept = lines.slice(0, MOST_LINES);
  const colours = coloursOf(kept, language);
  const rest = lines.length - kept.length;
  const shown = kept.map((line, at) => [pieces(short(line), colours?.[at]), "\n"]);
  return [shown, rest > 0 && `⋯ ${plural(rest, "more line")} ⋯\n`];
}
