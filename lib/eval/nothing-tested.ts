// Owns the patch a runner gets in place of a feature when the tree under test is already committed.
import { sha256 } from "../core/files.ts";

const NAME = ".tandem";

/**
 * Lines of bash that write, at `path`, a patch that only adds an empty file, `.tandem`; to be run in the repository
 * with the tree under test. Runners run some tests only when they get a feature patch, and `git apply` refuses an empty
 * one. The file's name is one that neither the tree nor the tests patch uses, since its patch could not be applied then.
 */
export function nothingTested(wanted: {
  readonly path: string;
  readonly tests_patch: Uint8Array;
}): string {
  const taken = Buffer.from(wanted.tests_patch).includes(NAME);
  const name = taken ? `${NAME}-${sha256(wanted.tests_patch).slice(0, 12)}` : NAME;
  return `unused=${name}
while [ -e "$unused" ] || [ -L "$unused" ]; do unused=$unused-; done
printf 'diff --git a/%s b/%s\\nnew file mode 100644\\nindex 0000000..e69de29\\n' "$unused" "$unused" >'${wanted.path}'`;
}
