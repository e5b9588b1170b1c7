// Owns the overview's sections on measures that a report has by the part: talking, planning, coupling, labels.
import type { Ledger } from "../../db/ledger.ts";
import { judgedPart } from "../labels/part.ts";
import { kindOf } from "../report/columns.ts";
import {
  conversationParts,
  couplingPart,
  type Measured,
  talkPart,
} from "../report/measures/index.ts";
import { type PartName, tableOf } from "../report/parts.ts";
import { forPeople } from "../report/people.ts";
import { type ArmedSite, armedLedger } from "./arms.ts";
import type { ExtraSection } from "./overview.ts";

/** The sections of whole runs; those without rows are left out. They read every message: not for a page that follows a run. */
export function measureSections(whole: Ledger): (site: ArmedSite) => ExtraSection[] {
  return (site) => {
    const { ledger, scope } = armedLedger(whole, site);
    const { conversations, acts, planning } = conversationParts(ledger, scope);
    const judged: Measured = {
      rows: judgedPart(ledger, scope).map(({ source: _source, ...row }) => row),
      notes: [],
      source: [{ file: "lib/labels/part.ts", names: ["judgedPart"] }],
    };
    return [
      ...section("talk", talkPart(ledger, scope)),
      ...section("conversations", conversations),
      ...section("acts", acts),
      ...section("planning", planning),
      ...section("coupling", couplingPart(ledger, scope)),
      ...section("judged", judged),
    ];
  };
}

/** A part as its table is printed: rounded, with what is unknown explained. */
function section(name: PartName, { rows, notes, source }: Measured): ExtraSection[] {
  if (rows.length === 0) return [];
  const sheet = forPeople(tableOf(name, rows, notes));
  const columns = sheet.columns.map((column) => ({
    title: column.name.replaceAll("_", " "),
    number: column.align === "right",
    ...(kindOf(column.name) === undefined ? {} : { hint: `report column ${column.name}` }),
  }));
  const lead = sheet.notes.join(" ");
  return [
    { id: name, title: sheet.title, lead, sources: source, table: { columns, rows: sheet.rows } },
  ];
}
