import { afterAll, expect, test } from "bun:test";
import { withoutTests } from "../patch/left-out.ts";
import { SMALL_SETUP, taskPlace } from "../sandbox/task.fixture.ts";
import { baseText } from "./base-text.ts";

const place = taskPlace();
afterAll(() => place[Symbol.dispose]());

test("V7: of a prepared repository, byte for byte; what is not there is unknown; a deep change is marked", async () => {
  const rules = Array.from({ length: 30 }, (_, n) => `  "rule ${n}",`).join("\\n");
  const task = place.task(
    `${SMALL_SETUP}mkdir sub; printf '[tool.pytest.ini_options]\\nmarkers = [\\n${rules}\\n]\\n' > sub/pyproject.toml; printf 'caf\\351' > odd; git add -A; git commit -qm more`,
  );
  const read = baseText(await place.backend().base(task));
  expect(read("odd")).toBe("caf\u00e9");
  expect(read("none")).toBeUndefined();
  expect(read("sub")).toBeUndefined();
  const patch =
    '--- a/sub/pyproject.toml\n+++ b/sub/pyproject.toml\n@@ -20 +20 @@\n-  "rule 17",\n+  "mine",\n';
  const marked = [{ path: "sub/pyproject.toml", part: "pytest" }];
  const facts = { tests: [], gold: [] };
  expect(withoutTests(Buffer.from(patch), { ...facts, base: read }).marked).toEqual(marked);
  expect(withoutTests(Buffer.from(patch), facts).marked).toEqual([]);
});
