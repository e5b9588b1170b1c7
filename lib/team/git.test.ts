import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { takeWork } from "../agent/submission.ts";
import { describeWith } from "../core/testing.ts";
import {
  commit,
  enginePlace,
  localPlace,
  openTeam,
  type TeamInTest,
  type TeamPlaceInTest,
} from "./git.fixture.ts";
import { setUpTeam } from "./git.ts";

setDefaultTimeout(120_000);

describe("git sharing, local without isolation", () => cases(() => localPlace(true), false));
describeWith("bwrap", "git sharing, local", () => cases(() => localPlace(false), true));
describeWith("docker", "git sharing, docker", () => cases(enginePlace, true));

/** `law`: the partners' folders are read-only. */
function cases(open: () => TeamPlaceInTest, law: boolean): void {
  let place: TeamPlaceInTest;
  let team: TeamInTest;
  beforeAll(async () => {
    place = open();
    team = await openTeam(place.backend, place.task, { size: 2 });
  });
  afterAll(async () => {
    await team[Symbol.asyncDispose]();
    await place.end();
  });
  const fresh = (size = 2) => openTeam(place.backend, place.task, { size });
  const shellsOf = ({ shells: [one, two, three] }: TeamInTest) => {
    if (one === undefined || two === undefined) throw new Error("a team has two members or more");
    return { one, two, three };
  };

  const FIRST_STEPS: [command: string, text: string | RegExp][] = [
    [
      "git branch -a --format='%(refname)'",
      "refs/heads/agent1\nrefs/remotes/team/agent1\nrefs/remotes/team/agent2\n",
    ],
    ["git log --format=%s team/agent2", "base\n"],
    ["git diff team/agent2", ""],
    ["git fetch team", ""],
    ["git ls-remote team | cut -f2", "HEAD\nrefs/heads/agent1\nrefs/heads/agent2\n"],
    ["git log --all --format=%s", "base\n"],
    ["git --git-dir=.git/team cat-file --batch-all-objects --batch-check | grep -c commit", "1\n"],
    ["git status --porcelain", ""],
    ["git merge-tree --write-tree HEAD team/agent2 | wc -w", /^\s*1\n$/],
    ["git push team HEAD", /up-to-date|agent1/],
  ];
  test.each(FIRST_STEPS)("before anybody has pushed: %s", async (command, text) => {
    const result = await shellsOf(team).one(command);
    expect(result.exit_code).toBe(0);
    if (text instanceof RegExp) expect(result.text).toMatch(text);
    else expect(result.text).toBe(text);
  });

  test("each fetches the other's branch after a push, again after the next, and after a forced one", async () => {
    await using own = await fresh();
    const { one, two } = shellsOf(own);
    await one(commit("mine.txt", "first"));
    expect((await one("git push team HEAD")).exit_code).toBe(0);
    await two(commit("yours.txt", "second"));
    expect((await two("git push team HEAD:agent2")).exit_code).toBe(0);
    await two("git fetch -q team");
    expect((await two("git show team/agent1:mine.txt")).text).toBe("first");
    expect((await one("git fetch -q team && git show team/agent2:yours.txt")).text).toBe("second");
    await one(`${commit("mine.txt", "more")} && git push -q`);
    expect((await two("git fetch -q team; git log --format=%s team/agent1")).text).toBe(
      "mine.txt\nmine.txt\nbase\n",
    );
    await one(`git reset -q --hard HEAD~2; ${commit("other.txt", "anew")}`);
    expect((await one("git push team")).text).toContain("rejected");
    expect((await one("git push -q --force team")).exit_code).toBe(0);
    expect((await two("git fetch -q team; git ls-tree --name-only team/agent1")).text).toContain(
      "other.txt\n",
    );
    // A partner's commits travel on: agent1 merges agent2's and publishes both.
    await one("git merge -q --no-edit team/agent2 && git push -q team");
    expect((await two("git pull -q --no-rebase team agent1 && cat other.txt yours.txt")).text).toBe(
      "anewsecond",
    );
  });

  test("three agents see each other, and a branch of any name can be pushed as one's own", async () => {
    await using own = await fresh(3);
    const { one, two, three } = shellsOf(own);
    await one(`${commit("a", "1")} && git push -q team`);
    await two(`git checkout -qb idea && ${commit("b", "2")} && git push -q team HEAD:agent2`);
    await three?.(`git checkout -q --detach && ${commit("c", "3")} && git push -q team`);
    for (const shell of own.shells) {
      await shell("git fetch -q team");
      const seen = await shell(
        "git show team/agent1:a team/agent2:b team/agent3:c; git status --porcelain",
      );
      expect(seen).toEqual({ exit_code: 0, text: "123" });
    }
  });

  test("a dry-run merge shows the conflict, and leaves nothing", async () => {
    await using own = await fresh();
    const { one, two } = shellsOf(own);
    await one(`${commit("same.txt", "one")} && git push -q team`);
    await two(`${commit("same.txt", "two")} && git fetch -q team`);
    const dry = await two("git merge-tree --write-tree --name-only HEAD team/agent1");
    expect(dry.exit_code).toBe(1);
    expect(dry.text).toContain("CONFLICT (add/add): Merge conflict in same.txt");
    expect((await two("git merge --no-commit --no-ff team/agent1")).text).toContain("CONFLICT");
    expect((await two("git merge --abort && git status --porcelain")).text).toBe("");
  });

  test("what is handed in is the same with and without a team", async () => {
    const change = "printf changed > src/index.ts; printf new > new.bin; git add new.bin";
    const handedIn = async (team: boolean) => {
      await using resources = new AsyncDisposableStack();
      const request = { task: place.task, label: "run/x", purpose: "agent" } as const;
      const own = team ? resources.use(await fresh()) : undefined;
      const sandbox = own?.sandboxes[0] ?? resources.use(await place.backend.open(request));
      const shell = async (command: string) => {
        await sandbox.exec(command, { timeout_ms: 60_000 });
      };
      await shell(team ? `git fetch -q team; ${change}; git commit -qam x; git push -q` : change);
      const { patch, patch_source } = await takeWork(sandbox, new AbortController().signal);
      return {
        patch: Buffer.from(patch).toString("latin1"),
        patch_source,
        at: sandbox.base_commit,
      };
    };
    const alone = await handedIn(false);
    expect(alone).toMatchObject({ patch_source: "work tree", patch: expect.stringMatching("new") });
    expect(await handedIn(true)).toEqual(alone);
  });

  describe("another's branch", () => {
    const REFUSED: [command: string, words: RegExp][] = [
      ["git push team HEAD:agent2", /agent2 is not yours to change: push to agent1/],
      ["git push --force team HEAD:refs/heads/agent2", /not yours to change/],
      ["git push team :agent2", /not yours to change/],
      ["git push team :agent1", /cannot be deleted/],
      ["git push team HEAD:refs/tags/v1", /not yours to change/],
      ["git push team HEAD:main", /main is not yours to change/],
    ];
    test.each(REFUSED)("is not changed by a push, which says why: %s", async (command, words) => {
      const { one, two } = shellsOf(team);
      await one(commit("push.txt", `${Math.random()}`));
      const result = await one(command);
      expect(result.exit_code).not.toBe(0);
      expect(result.text).toMatch(words);
      expect((await two("git fetch -q team; git log --format=%s team/agent2")).text).toBe("base\n");
    });

    const ATTACKS: [name: string, command: (folder: string) => string][] = [
      ["a file", (to) => `echo x > ${to}/branch`],
      ["a removal", (to) => `rm ${to}/kept`],
      ["a renaming", (to) => `mv ${to}/kept ${to}/branch`],
      ["another mode", (to) => `chmod 777 ${to}/kept`],
      ["an address of its own", (to) => `git push ${to} HEAD:agent2`],
      [
        "a changed remote",
        (to) => `cp .git/config .git/kept; trap 'mv .git/kept .git/config' EXIT
          git remote set-url team ${to}; git push team HEAD:agent2`,
      ],
      ["a repository there", (to) => `git init -q --bare ${to}/team.git`],
      [
        "the hook's own way",
        (to) => `sed 's#${to.replace("agent2", "agent1")}#${to}#' .git/team/hooks/update > .git/hook
          tip=$(git rev-parse HEAD); cd .git/team; sh ../hook refs/heads/agent1 0 "$tip"`,
      ],
      ["another mount", (to) => `mount -o remount,rw ${to}`],
      [
        "another mount in namespaces of its own",
        (to) => `unshare -Urm sh -c 'mount -o remount,bind,rw ${to}; echo x > ${to}/branch'`,
      ],
      ["an end of the mount", (to) => `umount ${to}`],
    ];
    if (law)
      test.each(ATTACKS)("is not changed by %s, whatever he tries", async (_, command) => {
        const { one, two } = shellsOf(team);
        const to = team.folder("agent2");
        await two(`echo kept > ${to}/kept`);
        expect((await one(command(to))).exit_code).not.toBe(0);
        const after = `ls -A ${to}; stat -c %a ${to}/kept; git fetch -q team; git log --format=%s team/agent2`;
        expect((await two(after)).text).toBe("kept\n644\nbase\n");
        expect((await one(after)).text).toBe("kept\n644\nbase\n");
      });
  });

  test("a stranger and a second opening are told apart", async () => {
    await using own = await fresh();
    const [sandbox] = own.sandboxes;
    if (sandbox === undefined) throw new Error("a team has two members or more");
    await expect(setUpTeam(sandbox, { share: own.share, agent_id: "agent9" })).rejects.toThrow(
      RangeError,
    );
    const stranger = { share: own.share, agent_id: "agent9" };
    const request = { task: place.task, label: "run/x", purpose: "agent" } as const;
    await expect(place.backend.open({ ...request, share: stranger })).rejects.toThrow(RangeError);
    const member = { share: own.share, agent_id: "agent1" };
    await using again = await place.backend.open({ ...request, share: member });
    await setUpTeam(again, member);
    const pushed = await again.exec(`${commit("x", "again")} && git push -q team`, {
      timeout_ms: 60_000,
    });
    expect(pushed.exit_code).toBe(0);
    expect((await shellsOf(own).two("git fetch -q team; git show team/agent1:x")).text).toBe(
      "again",
    );
  });

  test.each([["a b"], ["../x"], [""], ["-x"], ["agent1"]])(
    "%p is no second agent's name",
    async (id) => {
      const opening = place.backend.openShare({ label: "x", agent_ids: ["agent1", id] });
      await expect(opening).rejects.toThrow(RangeError);
    },
  );
}
