// Owns what people said about an attempt, on its page: the list for all, and the form for whoever has the token.
import type { Ledger } from "../../db/ledger.ts";
import type { AnnotationRow } from "../../db/schema.ts";
import { CONVERSATION, labelsOf, MEASURES, NO_LABEL } from "../labels/taxonomy.ts";
import { type Html, html, type Slot } from "./html.ts";
import { moment } from "./numbers.ts";
import { SOURCES, sourceNote } from "./source.ts";

type Options = {
  readonly ledger: Ledger;
  readonly attempt_key: string;
  readonly steer: boolean;
};

/** The section; absent when there are no annotations and the page cannot take any. */
export function annotationsSection({ ledger, attempt_key, steer }: Options): Slot {
  const rows = ledger.annotations.of(attempt_key);
  const finished = ledger.attempts.has(attempt_key);
  if (rows.length === 0 && !(steer && finished)) return null;
  const list =
    rows.length === 0
      ? html`<p class="missing">Nobody has said anything about this attempt yet.</p>`
      : html`<ul class="annotations">${rows.map((row) => item(row, steer))}</ul>`;
  return html`<section class="block" id="annotations"><h2>Annotations</h2>${list}${steer && finished && form(attempt_key)}${sourceNote([SOURCES.annotations])}</section>`;
}

function item(row: AnnotationRow, steer: boolean): Html {
  const { id, subject, note, annotated_by, annotated_at, attempt_key } = row;
  const about =
    subject === CONVERSATION
      ? "the attempt"
      : html`<a href="#message-${subject}">message ${subject}</a>`;
  const label = labelOf(row);
  const remove = JSON.stringify({ attempt_key, remove: id, by: annotated_by });
  return html`<li id="annotation-${id}"><p class="said-head">${label !== undefined && html`<span class="tag">${label}</span> `}about ${about}, by <b>${annotated_by}</b>, ${moment(annotated_at)}${steer && html` <button type="button" data-annotate="${remove}" data-confirm="Remove this annotation of ${annotated_by}?" aria-label="Remove annotation ${id}">Remove</button>`}</p>${note !== null && html`<blockquote>${note}</blockquote>`}</li>\n`;
}

/** `speech act: question`, `failure symptom: no label`, or the person's own label; undefined for a note. */
function labelOf({ measure, label }: AnnotationRow): string | undefined {
  if (measure === null) return label ?? undefined;
  return `${measure}: ${label ?? NO_LABEL}`;
}

/** Labels of the measures that models are asked for, so that a model's can be compared with them; or an own one, or a note. */
function form(attempt_key: string): Html {
  const groups = MEASURES.map((measure) => {
    const options = [...labelsOf(measure), null].map(
      (label) =>
        html`<option value="${JSON.stringify([measure, label])}">${label ?? NO_LABEL}</option>`,
    );
    const of = measure === "speech act" ? "of a message" : "of the attempt";
    return html`<optgroup label="${measure}, ${of}">${options}</optgroup>`;
  });
  return html`<form class="annotate" id="annotate" data-key="${attempt_key}" aria-label="Annotate">
<label>message <input type="number" name="message" min="1" step="1" placeholder="none"></label>
<label>label <select name="label"><option value="">none, or my own</option>${groups}</select></label>
<label>my own label <input name="own" maxlength="80"></label>
<label>by <input name="by" maxlength="80" placeholder="you" autocomplete="off"></label>
<label class="wide-field">note <textarea name="note" rows="3" maxlength="10000"></textarea></label>
<button type="submit">Save annotation</button>
</form>`;
}
