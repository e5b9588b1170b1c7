// Owns files that travel inside a shell script: bytes as words of bash's builtins, so that they need no separate request.
import { sumOf } from "../core/lists.ts";

export type InlineFile = { readonly path: string; readonly bytes: Uint8Array };

/** Longest text that is safe as one argument of a command (the kernel's limit is 128 KiB), less room for what follows. */
const LONGEST_SCRIPT = 90_000;

/**
 * Lines of bash that write the files byte for byte into folders that exist, without starting a process. Undefined when
 * they would be too long for a command: then the files have to be sent separately.
 */
export function inlineFiles(files: readonly InlineFile[]): string | undefined {
  const size = sumOf(files, ({ bytes }) => bytes.length);
  if (size > LONGEST_SCRIPT) return undefined;
  const script = files.map(lineOf).join("");
  return script.length > LONGEST_SCRIPT ? undefined : script;
}

function lineOf({ path, bytes }: InlineFile): string {
  return `printf -- '${escaped(bytes)}' >'${path.replaceAll("'", "'\\''")}'\n`;
}

/** Bytes as a format of printf in single quotes: plain ASCII as it is, everything else as three octal digits. */
function escaped(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("latin1")
    .replace(/[^\n\t -~]|[\\%']/g, (char) =>
      char === "%" ? "%%" : `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`,
    );
}
