import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { hasPart } from "../core/testing.ts";
import { run, SMALL_SETUP, taskPlace } from "../sandbox/task.fixture.ts";
import { changesBy } from "./changes.fixture.ts";
import { MOST_PATCH_BYTES, takeWork, workOutcome } from "./submission.ts";

setDefaultTimeout(60_000);

const place = taskPlace();
const never = new AbortController().signal;
const task = place.task(SMALL_SETUP);
afterAll(() => place[Symbol.dispose]());

const BACKENDS = [
  ["that nothing isolates", place.backend()],
  ...(hasPart("bwrap") ? [["in bubblewrap", place.backend(false)] as const] : []),
] as const;

/** The processor time of this process and of those it waited for: what it takes on a busy machine too. */
function spentMs(): number {
  const { user, system } = process.cpuUsage();
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  // proc(5): cutime and cstime, in hundredths of a second; the first field here is its third.
  const [cutime, cstime] = [Number(fields[13]), Number(fields[14])];
  return (user + system) / 1000 + (cutime + cstime) * 10;
}

for (const [what, backend] of BACKENDS) {
  const workOf = async (script: string) => {
    await using sandbox = await backend.open({ task, label: "x", purpose: "agent" });
    const { exit_code, text } = await run(sandbox, script.replaceAll("@work", sandbox.work_path));
    expect({ exit_code, text }).toMatchObject({ exit_code: 0 });
    const work = await takeWork(sandbox, never);
    const files = await changesBy(work.patch, await backend.base(task));
    return { ...work, outcome: workOutcome(work), files };
  };
  const EDIT = "echo mine >> six.txt; echo new > src/new.ts";
  const EDITED = ["M six.txt", "A src/new.ts"];

  describe(`A12: work in a local sandbox ${what} whose git folder`, () => {
    const CASES: [name: string, script: string][] = [
      ["is removed", "rm -rf .git"],
      [
        "is made anew and committed to",
        "rm -rf .git && git init -q && git add -A && git -c user.name=a -c user.email=a@b commit -qm mine",
      ],
      ["has a broken configuration", "echo '[broken' >> .git/config"],
      ["lost its objects", "rm -rf .git/objects"],
      [
        "lost its refs and history",
        "git checkout -q --orphan other; rm -rf .git/refs .git/packed-refs .git/logs; git gc -q --prune=now; true",
      ],
      ["is a file", "rm -rf .git; echo 'gitdir: /nowhere' > .git"],
      ["is a link to itself", "rm -rf .git; ln -s .git .git"],
      [
        "ignores and hides everything",
        "printf '*\\n' > .git/info/exclude; printf '* -diff binary filter=none\\n' > .git/info/attributes; git config filter.none.clean false; git config filter.none.required true",
      ],
      ["has another work tree", "git config core.worktree /tmp; git config core.bare true"],
      [
        "holds replaced objects",
        "git add -A; git -c user.name=a -c user.email=a@b commit -qm mine; git replace HEAD~1 HEAD",
      ],
      [
        "is sparse, skips and assumes",
        "git update-index --skip-worktree six.txt; git update-index --assume-unchanged six.txt; git config core.sparseCheckout true; echo nothing > .git/info/sparse-checkout",
      ],
      ["moved away with all", `cp -r "$PWD" ~/moved; rm -rf "$PWD"; ln -s ~/moved "$PWD"`],
    ];
    test.each(CASES)("%s", async (_, script) => {
      expect(await workOf(`${EDIT}\n${script}`)).toMatchObject({
        patch_source: "work tree",
        files: EDITED,
        outcome: "submitted",
      });
    });
    test("is gone, and the hand-in as the prompt says was written before", async () => {
      const made =
        "git add -A && git diff --cached --binary HEAD -- . ':!patch.txt' > patch.txt; rm -rf .git";
      expect(await workOf(`${EDIT}\n${made}`)).toMatchObject({
        patch_source: "patch.txt",
        files: EDITED,
      });
    });
  });

  describe(`A13: an agent's own doing in a local sandbox ${what} is an outcome`, () => {
    const none = { outcome: "empty patch", files: [] };
    const CASES: [name: string, script: string, expected: object][] = [
      [
        // A command in bubblewrap that writes more than 8 GiB to one file ends.
        "a sparse patch.txt of 7 GB",
        `${EDIT}; truncate -s 7G patch.txt`,
        { outcome: "patch too large", taken: { size_bytes: 7 * 1024 ** 3 } },
      ],
      ["a repository replaced by a file", 'd=$PWD; cd ..; rm -rf "$d"; echo x > "$d"', none],
      [
        "a repository replaced by a link to nothing",
        'd=$PWD; cd ..; rm -rf "$d"; ln -s /nowhere "$d"',
        none,
      ],
      [
        "a repository replaced by a link to the system",
        'd=$PWD; cd ..; rm -rf "$d"; ln -s /etc/init.d "$d"; true',
        {},
      ],
      [
        "a work folder replaced by a file",
        `${EDIT}; rm -rf @work; echo x > @work; true`,
        { files: EDITED },
      ],
      [
        "a work folder replaced by a link",
        `${EDIT}; rm -rf @work; ln -s /etc @work; true`,
        { files: EDITED },
      ],
      ["a work folder that nobody may enter", `${EDIT}; chmod 0 @work`, { files: EDITED }],
      [
        "a patch.txt that is a device of endless length",
        `${EDIT}; ln -s /dev/zero patch.txt`,
        { files: EDITED },
      ],
      ["a patch.txt that nobody may read", `${EDIT}; echo x > patch.txt; chmod 0 patch.txt`, {}],
      ["a file that nobody may read", `${EDIT}; echo x > shut; chmod 0 shut`, {}],
      ["the whole repository removed", 'rm -rf "$PWD"', none],
      [
        "everything it may remove, removed",
        "cd /; rm -rf ~ @work/* /workspace/* /tmp/* 2>&-; true",
        none,
      ],
    ];
    // Without bubblewrap the last would be the tests' own folders.
    const safe = what === "in bubblewrap" ? CASES : CASES.slice(0, -1);
    test.each(safe)("%s", async (_, script, expected) => {
      if (_.includes("to the system")) {
        await using sandbox = await backend.open({ task, label: "x", purpose: "agent" });
        await run(sandbox, script);
        expect(["submitted", "empty patch", "patch too large"]).toContain(
          workOutcome(await takeWork(sandbox, never)),
        );
        return;
      }
      expect(await workOf(script)).toMatchObject(expected);
    });
  });

  describe(`P7: in a local sandbox ${what}`, () => {
    test("a patch.txt of 300 MB is too large, and its size is told", async () => {
      const work = await workOf(
        "yes '+a line of a forgotten build' | head -c 300000000 > patch.txt",
      );
      expect(work).toMatchObject({
        outcome: "patch too large",
        taken: { size_bytes: 300_000_000 },
        patch_source: "patch.txt",
      });
      expect(work.patch.length).toBe(0);
    });
    test("a work tree whose difference is too large is, too", async () => {
      const work = await workOf(
        "mkdir out; for n in 1 2 3; do head -c 25000000 /dev/urandom > out/$n; done",
      );
      expect(work).toMatchObject({ outcome: "patch too large", patch_source: "work tree" });
      expect(work.taken?.size_bytes).toBeGreaterThan(MOST_PATCH_BYTES);
    });
    test("new or grown files of gigabytes are not even read", async () => {
      for (const script of ["truncate -s 3G huge", "truncate -s 3G six.txt"]) {
        const before = spentMs();
        const { outcome, taken } = await workOf(script);
        expect({ outcome, taken }).toEqual({
          outcome: "patch too large",
          taken: { size_bytes: 3 * 1024 ** 3 },
        });
        expect(spentMs() - before).toBeLessThan(1_000);
      }
    });
    test("a small patch.txt counts, whatever lies about in the work tree", async () => {
      const script =
        "echo x > x; git add x; git diff --cached > patch.txt; for n in 1 2 3; do head -c 25000000 /dev/urandom > $n; done";
      expect(await workOf(script)).toMatchObject({
        outcome: "submitted",
        patch_source: "patch.txt",
        files: ["A x"],
      });
    });
  });
}
