import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { describeWith } from "../core/testing.ts";
import {
  commit,
  enginePlace,
  localPlace,
  openTeam,
  type Shell,
  type TeamInTest,
  type TeamPlaceInTest,
} from "./git.fixture.ts";

setDefaultTimeout(120_000);

describe("a partner who means harm, local", () => cases(() => localPlace(true)));
describeWith("docker", "a partner who means harm, docker", () => cases(enginePlace));

/** Writes a commit's id and the pack that standard input lists into the partner's folder, as a push would. */
const PUBLISH =
  'publish() { { echo "$1"; shift; git -c pack.compression=0 pack-objects -q --stdout "$@"; } > "$to/1"; }';
/** Leaves its mark where somebody runs it. */
const MARK = "touch /tmp/team-mark $HOME/team-mark";

function cases(open: () => TeamPlaceInTest): void {
  let place: TeamPlaceInTest;
  let team: TeamInTest;
  let victim: Shell;
  let hostile: Shell;
  beforeAll(async () => {
    place = open();
    team = await openTeam(place.backend, place.task, { size: 3 });
    const [one, two, three] = team.shells;
    if (!one || !two || !three) throw new Error("three members were asked for");
    [victim, hostile] = [one, two];
    await three(`${commit("fine.txt", "fine")} && git push -q team`);
  });
  afterAll(async () => {
    await team[Symbol.asyncDispose]();
    await place.end();
  });

  const PUBLISHED: [name: string, command: string, words: RegExp][] = [
    ["text", 'seq 1000 > "$to/1"', /does not begin with a commit's id/],
    ["nothing", ': > "$to/1"', /does not begin with a commit's id/],
    ["a link out", 'ln -s /etc/passwd "$to/1"', /it is not a file/],
    ["a link to nowhere", 'ln -s /nonexistent "$to/1"', /it is not a file/],
    ["a folder", 'mkdir "$to/1"', /it is not a file/],
    [
      "more versions than anybody counts",
      'cd "$to" && seq 10500 | xargs touch',
      /does not begin with a commit's id/,
    ],
    ["a pipe that nobody fills", 'mkfifo "$to/1"', /it is not a file/],
    ["a file of 7 GB", 'truncate -s 7G "$to/1"', /does not begin with a commit's id/],
    [
      "a commit's id before 7 GB of nothing",
      'seq -s "" 1 40 | head -c 40 > "$to/1"; truncate -s 7G "$to/1"',
      /pack signature mismatch/,
    ],
    [
      "a commit that the pack does not hold",
      'publish "$(echo x | git hash-object --stdin)" </dev/null',
      /not complete|could not get object info/,
    ],
    [
      "a tree where a commit should be",
      'tree=$(git rev-parse "HEAD^{tree}"); publish "$tree" </dev/null',
      /it is not complete/,
    ],
    [
      "a commit without its tree",
      `${commit("some.txt", "some")}; tip=$(git rev-parse HEAD); echo "$tip" | publish "$tip"`,
      /did not receive expected object/,
    ],
    [
      "a commit without its past",
      `${commit("one.txt", "1")}; ${commit("two.txt", "2")}; tip=$(git rev-parse HEAD)
printf '%s\\n^%s\\n' "$tip" "$tip~1" | publish "$tip" --revs`,
      /did not receive expected object/,
    ],
    [
      "half a pack",
      `${commit("half.txt", "half")}; tip=$(git rev-parse HEAD)
echo "$tip" | publish "$tip" --revs; truncate -s -30 "$to/1"`,
      /early EOF|premature end|pack is corrupted/,
    ],
    [
      "a tree with a git folder in it",
      `blob=$(echo '${MARK}' | git hash-object -w --stdin)
tree=$(printf '100755 blob %s\\tpost-checkout\\n' "$blob" | git mktree)
tree=$(printf '040000 tree %s\\t.git\\n' "$tree" | git mktree)
tip=$(git commit-tree -m x -p HEAD "$tree"); echo "$tip" | publish "$tip" --revs`,
      /hasDotgit|fsck error/,
    ],
    [
      "70 MB",
      `git config core.compression 0; head -c 70000000 /dev/urandom > big; git add big; git commit -qm big; tip=$(git rev-parse HEAD)
echo "$tip" | publish "$tip" --revs; git reset -q --hard HEAD~1`,
      /exceeds maximum allowed size/,
    ],
  ];
  test.each(PUBLISHED)(
    "costs a fetch no more than his own branch: %s",
    async (_, command, words) => {
      const to = team.folder("agent2");
      const prepared = await hostile(`set -e; to='${to}'; rm -rf "$to"/*; ${PUBLISH}; ${command}`);
      expect(prepared).toEqual({ exit_code: 0, text: "" });
      const fetched = await victim("git fetch team");
      expect(fetched.text).toContain("team: the branch of agent2 cannot be read and stays");
      expect(fetched.text).toMatch(words);
      expect(fetched.exit_code).toBe(0);
      expect(
        (await victim("git show team/agent3:fine.txt; git log --format=%s team/agent2")).text,
      ).toBe("finebase\n");
      const left =
        "ls /tmp/team-mark $HOME/team-mark .git/team/objects/incoming-* .git/team/objects/pack/tmp_* 2>/dev/null";
      expect((await victim(left)).text).toBe("");
    },
  );

  test("a repository with settings and hooks in his folder is not opened", async () => {
    const to = team.folder("agent2");
    const made = await hostile(`set -e; rm -rf ${to}/*
      git init -q --bare --template= ${to}; git push -q ${to} HEAD:agent2; cd ${to}; mkdir -p hooks
      for name in pre-receive update post-update fsmonitor pack; do printf '#!/bin/sh\\n${MARK}\\n' > hooks/$name; done
      chmod 755 hooks/*
      git config core.fsmonitor ${to}/hooks/fsmonitor
      git config core.alternateRefsCommand ${to}/hooks/pack
      git config uploadpack.packObjectsHook ${to}/hooks/pack
      git config core.sshCommand ${to}/hooks/pack`);
    expect(made).toEqual({ exit_code: 0, text: "" });
    expect(await victim("git fetch team")).toEqual({ exit_code: 0, text: "" });
    expect((await victim("ls /tmp/team-mark $HOME/team-mark 2>/dev/null")).text).toBe("");
  });

  test("his own push of what others would refuse is refused, and says why", async () => {
    const big =
      "git config core.compression 0; head -c 70000000 /dev/urandom > big; git add big; git commit -qm big; git push team";
    const result = await hostile(big);
    await hostile("git reset -q --hard HEAD~1");
    expect(result.exit_code).not.toBe(0);
    expect(result.text).toContain("exceeds maximum allowed size");
  });

  test("what he has spoilt is whole again after an honest push", async () => {
    const to = team.folder("agent2");
    await hostile(`rm -rf ${to}/*; git reset -q --hard team/agent1; ${commit("good.txt", "good")}`);
    expect((await hostile("git push -qf team")).exit_code).toBe(0);
    expect(await victim("git fetch -q team; git show team/agent2:good.txt")).toEqual({
      exit_code: 0,
      text: "good",
    });
  });

  test("fetches during pushes see whole branches only", async () => {
    const pushing = hostile(`for n in $(seq 12); do seq $n 30000 > many.txt; git add many.txt
      git commit -qm $n; git push -q team || exit 1; done`);
    const fetching = victim(`for n in $(seq 12); do git fetch -q team || exit 1
      git rev-list --objects --quiet team/agent2 || exit 2; done`);
    expect(await fetching).toEqual({ exit_code: 0, text: "" });
    expect(await pushing).toEqual({ exit_code: 0, text: "" });
    const last =
      "git fetch -q team; git log -1 --format=%s team/agent2; git fsck --connectivity-only";
    expect((await victim(last)).text).toBe("12\n");
  });
}
