// Owns the work of `docs`: writes the documents that are made from declarations.

import { join } from "node:path";
import type { DOCS_FLAGS } from "../flags/docs.ts";
import type { CommandContext } from "../step.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({ args, out }: CommandContext<typeof DOCS_FLAGS>): Promise<number> {
  const { writeWhole } = await import("../../core/files.ts");
  const folder = args.out ?? join(import.meta.dir, "../../../docs");
  for (const [name, text] of Object.entries(await documents())) {
    const path = join(folder, name);
    writeWhole(path, text);
    out.emit({ path });
  }
  return 0;
}

/** Every generated document, by its name in `docs/`. */
export async function documents(): Promise<Readonly<Record<string, string>>> {
  const { settingsDocument } = await import("../../config/document.ts");
  const { studyJsonSchema } = await import("../../study/json-schema.ts");
  const { columnsDocument } = await import("../../report/document.ts");
  const { ledgerDocument } = await import("../../../db/document.ts");
  const { endsDocument } = await import("../../core/ends-document.ts");
  const { policiesDocument } = await import("../../eval/policies/document.ts");
  const { registriesDocument } = await import("../registries-document.ts");
  return {
    "columns.md": await columnsDocument(),
    "ends.md": endsDocument(),
    "ledger.md": ledgerDocument(),
    "policies.md": policiesDocument(),
    "settings.md": `${settingsDocument()}\n${registriesDocument()}`,
    "study.schema.json": `${JSON.stringify(studyJsonSchema(), null, 2)}\n`,
  };
}
