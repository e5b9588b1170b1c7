// Owns the tools above a transcript: filters with their counts, the search, the jump to a step. They work by assets/pair.js and find.js.
import { type Html, html } from "./html.ts";
import { STEP_KIND_NAMES, STEP_KINDS, type StepKind } from "./step-kinds.ts";

/** Hidden until the page's scripts are there. */
export function walkTools(kinds: readonly (readonly StepKind[])[]): Html {
  const count = (kind: StepKind) => kinds.filter((own) => own.includes(kind)).length;
  const filters = STEP_KIND_NAMES.filter((kind) => kind !== "broken" || count(kind) > 0).map(
    (kind) =>
      html`<button type="button" aria-pressed="false" data-kind="${kind}">${STEP_KINDS[kind]} <span class="count">${count(kind)}</span></button>`,
  );
  return html`<div class="walk tools" hidden><div class="kinds" role="group" aria-label="Show only steps with">${filters}</div><form class="find" role="search"><label>Search <input type="search" id="find" autocomplete="off" spellcheck="false"></label><button type="button" data-way="-1" aria-label="Previous hit">↑</button><button type="button" data-way="1" aria-label="Next hit">↓</button> <output for="find" id="hits"></output></form><form class="jump"><label>Step <input id="jump" autocomplete="off" size="8" placeholder="12, 2:12"></label></form><button type="button" id="unfold">Open all steps</button><output id="shown"></output></div>`;
}

/** What the keys do, for those who have scripts and a keyboard. */
export const KEYS = html`<p class="keys legend-note">Keys: <kbd>j</kbd> <kbd>k</kbd> walk, <kbd>/</kbd> search, <kbd>n</kbd> <kbd>N</kbd> hits, <kbd>g</kbd> go to a step, <kbd>e</kbd> open all.</p>`;
