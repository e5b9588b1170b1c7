// Owns the step `docs`: writes the documents that are made from declarations.
import { join } from "node:path";
import { COMMON_ARGS, defineStep, main } from "../lib/cli/step.ts";

export const docs = defineStep({
  name: "docs",
  summary:
    "Write the documents that are made from declarations: settings, ends, ledger, and the schema of studies",
  args: {
    out: {
      type: "string",
      alias: "o",
      description: "folder to write into (default: the project's docs)",
      valueHint: "folder",
    },
    ...COMMON_ARGS,
  },
  async run({ args, out }) {
    const { writeWhole } = await import("../lib/core/files.ts");
    const folder = args.out ?? join(import.meta.dir, "../docs");
    for (const [name, text] of Object.entries(await documents())) {
      const path = join(folder, name);
      writeWhole(path, text);
      out.emit({ path });
    }
    return 0;
  },
});

/** Every generated document, by its name in `docs/`. */
export async function documents(): Promise<Readonly<Record<string, string>>> {
  const { settingsDocument } = await import("../lib/config/document.ts");
  const { studyJsonSchema } = await import("../lib/study/json-schema.ts");
  const { ledgerDocument } = await import("../db/document.ts");
  const { endsDocument } = await import("../lib/core/ends-document.ts");
  return {
    "ends.md": endsDocument(),
    "ledger.md": ledgerDocument(),
    "settings.md": settingsDocument(),
    "study.schema.json": `${JSON.stringify(studyJsonSchema(), null, 2)}\n`,
  };
}

if (import.meta.main) await main(docs);
