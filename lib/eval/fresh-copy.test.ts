import { afterAll, expect, test } from "bun:test";
import { run, SMALL_SETUP, taskPlace } from "../sandbox/task.fixture.ts";
import { FRESH_COPY_ENV } from "./fresh-copy.ts";
import { verdictOn } from "./suite.fixture.ts";

const place = taskPlace();
const backend = place.backend();
afterAll(() => place[Symbol.dispose]());

const PASSES = "echo '== 1 passed in 0.01s =='";

test("a file of the size and second of the one committed is reset, where the setup changed it", async () => {
  // The index is of that very second, too: git then cannot tell by time, and reads the file.
  const changed = place.task(`${SMALL_SETUP}
printf 'new\\n' > same.txt && touch -d '2024-05-05 05:05:05.25' same.txt && git add same.txt && git commit -qm same
printf 'NEW\\n' > same.txt && touch -d '2024-05-05 05:05:05.75' same.txt .git/index
`);
  const runner = `cd "$1"; git diff --stat HEAD; cat same.txt; ${PASSES}`;
  const { text, outcome } = await verdictOn(backend, changed, { runner });
  expect({ text, outcome }).toEqual({ text: "new\n== 1 passed in 0.01s ==\n", outcome: "passed" });
});

test("a file that tests change within the second in which it was made is reset by a runner's own reset", async () => {
  const small = place.task(SMALL_SETUP);
  const body = Array.from({ length: 20 }, (_, n) => n);
  const diff = body
    .map(
      (n) =>
        `diff --git a/f${n} b/f${n}\nnew file mode 100644\n--- /dev/null\n+++ b/f${n}\n@@ -0,0 +1 @@\n+good\n`,
    )
    .join("");
  const runner = `cd "$1"
for n in ${body.join(" ")}; do echo evil > f$n; done
git status --porcelain | grep -c '^ M'
git reset -q --hard HEAD; cat f* | sort | uniq -c | tr -s ' '; ${PASSES}`;
  const { text } = await verdictOn(backend, small, { runner, diff });
  expect(text).toBe("20\n 20 good\n== 1 passed in 0.01s ==\n");
});

test("a runner's git knows it by the environment alone, behind what the environment tells already", async () => {
  const runner = `cd "$1"; git config core.checkStat; git config core.trustctime; git config --local --get-regexp 'core.(checkstat|trustctime)'; ${PASSES}`;
  const { text } = await verdictOn(backend, place.task(SMALL_SETUP), { runner });
  expect(text).toBe("minimal\nfalse\n== 1 passed in 0.01s ==\n");
  await using sandbox = await backend.open({
    task: place.task(SMALL_SETUP),
    label: "x",
    purpose: "suite",
  });
  const told = await run(
    sandbox,
    `export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=user.name GIT_CONFIG_VALUE_0=theirs\n${FRESH_COPY_ENV}\ngit config user.name; git config core.checkStat; env | grep -c asked_n`,
  );
  expect(told.text).toBe("theirs\nminimal\n0\n");
});
