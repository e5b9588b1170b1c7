// Owns the work of `docs`: lists and prints the pages, and writes those that are made from declarations.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../core/fault.ts";
import { unknownName } from "../../core/nearest.ts";
import { FOLDER, pages } from "../docs-pages.ts";
import type { DOCS_FLAGS } from "../flags/docs.ts";
import type { CommandContext } from "../step.ts";
import type { LoadCommand } from "../tandem.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run(
  { args, words, out }: CommandContext<typeof DOCS_FLAGS>,
  load: LoadCommand,
): Promise<number> {
  if (args.write === true || args.out !== undefined) {
    if (words.length > 0) throw new UsageError(`--write and -o write all pages, not "${words[0]}"`);
    const { writeWhole } = await import("../../core/files.ts");
    for (const [name, text] of Object.entries(await documents(load))) {
      const path = join(args.out ?? FOLDER, name);
      writeWhole(path, text);
      out.emit({ path });
    }
    return 0;
  }
  for (const page of words) out.text(pageText(page));
  if (words.length === 0) for (const page of pages()) out.emit({ page, about: titleOf(page) });
  return 0;
}

function pageText(page: string): string {
  const name = page.toLowerCase().replace(/\.md$/, "");
  if (!pages().includes(name)) throw new UsageError(unknownName("page", page, pages()));
  const path = name === "readme" ? join(FOLDER, "../README.md") : join(FOLDER, `${name}.md`);
  if (!existsSync(path)) throw new UsageError(`${path} is missing from this installation`);
  return readFileSync(path, "utf8");
}

function titleOf(page: string): string {
  return /^# (.*)$/m.exec(pageText(page))?.[1] ?? "";
}

/** Every generated document, by its name in `docs/`. */
export async function documents(load: LoadCommand): Promise<Readonly<Record<string, string>>> {
  const { settingsDocument } = await import("../../config/document.ts");
  const { schemaText } = await import("../../study/json-schema.ts");
  const { columnsDocument } = await import("../../report/document.ts");
  const { ledgerDocument } = await import("../../../db/document.ts");
  const { endsDocument } = await import("../../core/ends-document.ts");
  const { policiesDocument } = await import("../../eval/policies/document.ts");
  const { registriesDocument } = await import("../registries-document.ts");
  const { flagsDocument } = await import("../flags-document.ts");
  return {
    "columns.md": await columnsDocument(),
    "ends.md": endsDocument(),
    "flags.md": await flagsDocument(load),
    "ledger.md": ledgerDocument(),
    "policies.md": policiesDocument(),
    "settings.md": `${settingsDocument()}\n${registriesDocument()}`,
    "study.schema.json": schemaText(),
  };
}
