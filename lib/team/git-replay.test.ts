import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { describeWith } from "../core/testing.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import {
  commit,
  enginePlace,
  localPlace,
  openTeam,
  type Shell,
  type TeamInTest,
  type TeamMaking,
  type TeamPlaceInTest,
} from "./git.fixture.ts";
import { type FetchTaken, takenFetches } from "./git.ts";

setDefaultTimeout(120_000);

describe("replayed fetches, local without isolation", () => cases(() => localPlace(true)));
describeWith("bwrap", "replayed fetches, local", () => cases(() => localPlace(false)));
describeWith("docker", "replayed fetches, docker", () => cases(enginePlace));

const publish = (text: string) => `${commit("mine.txt", text)} && git push -q team`;
/** What a fetch sees of agent1's branch; `-` where it has not been pushed. */
const SEE = "git fetch -q team; git show team/agent1:mine.txt 2>/dev/null || printf -- -";

function shellOf({ shells }: TeamInTest, number: number): Shell {
  const shell = shells[number - 1];
  if (shell === undefined) throw new Error(`the team has no agent${number}`);
  return shell;
}

function takenIn({ sandboxes }: TeamInTest, number: number): Promise<FetchTaken[]> {
  const sandbox = sandboxes[number - 1];
  if (sandbox === undefined) throw new Error(`the team has no agent${number}`);
  return takenFetches(sandbox, new AbortController().signal);
}

function cases(open: () => TeamPlaceInTest): void {
  let place: TeamPlaceInTest;
  beforeAll(() => {
    place = open();
  });
  afterAll(() => place.end());
  const teamWith = (making: Partial<TeamMaking> = {}) =>
    openTeam(place.backend, place.task, { size: 2, ...making });
  const replaying = (recorded: readonly FetchTaken[], patience_s = 60) =>
    teamWith({ recorded: { agent2: recorded }, patience_s });

  test("an agent that looks until it sees a push looks as often in three replays, and sees the same", async () => {
    const looking = `for n in 1 2 3 4 5 6 7 8 9; do ${SEE}; printf ' '
      [ "$(git show team/agent1:mine.txt 2>/dev/null)" != three ] || break; sleep 0.1; done`;
    const pushing = (pause: number) =>
      ["one", "two", "three"].map((text) => `sleep ${pause}; ${publish(text)}`).join(" && ");
    await using original = await teamWith();
    const [seen] = await Promise.all([
      shellOf(original, 2)(looking),
      shellOf(original, 1)(pushing(0.2)),
    ]);
    const recorded = await takenIn(original, 2);
    expect(recorded).toHaveLength(seen.text.trim().split(" ").length);
    expect(await takenIn(original, 1)).toEqual([]);
    for (const pause of [0, 0.5, 1]) {
      await using again = await replaying(recorded);
      const [now] = await Promise.all([
        shellOf(again, 2)(looking),
        shellOf(again, 1)(pushing(pause)),
      ]);
      expect(now).toEqual(seen);
      expect(await takenIn(again, 2)).toEqual(recorded);
    }
  });

  test("an earlier version is taken though there are later ones, and then what is there", async () => {
    const recorded = [{ agent1: 0 }, { agent1: 2 }, { agent1: 2 }, { agent1: 3 }];
    await using team = await replaying(recorded);
    const [one, two] = [shellOf(team, 1), shellOf(team, 2)];
    for (const text of ["one", "two", "three"]) await one(publish(text));
    // A forced push leaves the past of the earlier ones out.
    await one("git reset -q --hard HEAD~3");
    expect(await one(`${commit("mine.txt", "four")} && git push -qf team`)).toMatchObject({
      exit_code: 0,
    });
    const seen: string[] = [];
    for (let n = 1; n <= 6; n++) seen.push((await two(SEE)).text);
    expect(seen).toEqual(["-", "two", "two", "three", "four", "four"]);
    expect(await takenIn(team, 2)).toEqual([...recorded, { agent1: 4 }, { agent1: 4 }]);
  });

  test("what never comes is waited for once; from then on a fetch takes what is there", async () => {
    await using team = await replaying([{ agent1: 1 }, { agent1: 9 }, { agent1: 0 }], 1);
    const [one, two] = [shellOf(team, 1), shellOf(team, 2)];
    expect(await two(SEE)).toEqual({ exit_code: 0, text: "-" });
    await one(publish("one"));
    expect(await two(SEE)).toEqual({ exit_code: 0, text: "one" });
    expect(await two(SEE)).toEqual({ exit_code: 0, text: "one" });
    expect(await takenIn(team, 2)).toEqual([{ agent1: 0 }, { agent1: 1 }, { agent1: 1 }]);
  });

  test("three agents: each partner's version is a fetch's own, in a pull and a listing too", async () => {
    const recorded = {
      agent1: [
        { agent2: 1, agent3: 0 },
        { agent2: 1, agent3: 2 },
      ],
      agent3: [
        { agent1: 1, agent2: 1 },
        { agent2: 1, agent1: 1 },
      ],
    };
    await using team = await teamWith({ size: 3, recorded });
    const [one, two, three] = [1, 2, 3].map((number) => shellOf(team, number));
    if (!one || !two || !three) throw new Error("three members were asked for");
    const first = one(
      "git fetch -q team; ls -A; git ls-tree --name-only -r team/agent2 team/agent3",
    );
    await three(
      `${commit("c", "1")} && git push -q team && ${commit("c", "2")} && git push -q team`,
    );
    await two(`${commit("b", "1")} && git push -q team`);
    expect((await first).exit_code).toBe(0);
    expect((await one("git show team/agent2:b; git show -s --format=%s team/agent3")).text).toBe(
      "1base\n",
    );
    const joining = three("git pull -q --no-rebase --no-edit team agent1 && cat a");
    await one(publish("x"));
    await one(`${commit("a", "late")} && git push -q team`);
    expect((await joining).text).toContain("No such file");
    expect((await three("git ls-remote team | wc -l")).text.trim()).toBe("4");
    expect((await one("git fetch -q team; git show team/agent3:c")).text).toBe("2");
    expect(await takenIn(team, 1)).toEqual(recorded.agent1);
    expect(await takenIn(team, 3)).toEqual(recorded.agent3);
  });

  test("pushes that overlap are different versions, and no output of git tells one", async () => {
    await using team = await teamWith();
    const [one, two] = [shellOf(team, 1), shellOf(team, 2)];
    await one(`for n in 1 2 3 4 5; do git commit -q --allow-empty -m $n; done`);
    const pushed = await one(
      "for n in 0 1 2 3 4; do git push -f team HEAD~$n:agent1 2>&1 & done; wait",
    );
    const fetched = await two("git fetch team");
    expect((await one(`ls ${team.folder("agent1")}`)).text).toBe("1\n2\n3\n4\n5\n");
    expect(await takenIn(team, 2)).toEqual([{ agent1: 5 }]);
    for (const { text } of [pushed, fetched]) expect(text).not.toContain(team.folder("agent1"));
    expect((await two("git status --porcelain")).text).toBe("");
  });

  test("old versions are dropped, and a fetch of one takes the latest at once", async () => {
    await using team = await replaying([{ agent1: 1 }, { agent1: 3 }, { agent1: 40 }]);
    const [one, two] = [shellOf(team, 1), shellOf(team, 2)];
    const many = `for n in $(seq 34); do echo $n > mine.txt; git add mine.txt; git commit -qm $n; git push -q team || exit; done`;
    expect(await one(many)).toEqual({ exit_code: 0, text: "" });
    expect((await one(`find ${team.folder("agent1")} -type f -size +0 | wc -l`)).text.trim()).toBe(
      "32",
    );
    expect(await two(SEE)).toEqual({ exit_code: 0, text: "34\n" });
    expect(await two(SEE)).toEqual({ exit_code: 0, text: "3\n" });
    expect(await takenIn(team, 2)).toEqual([{ agent1: 34 }, { agent1: 3 }]);
  });

  describe("a list that its agent has spoilt", () => {
    let sandbox: Sandbox;
    let opened: TeamInTest;
    beforeAll(async () => {
      opened = await teamWith();
      const [, second] = opened.sandboxes;
      if (second === undefined) throw new Error("two members were asked for");
      sandbox = second;
    });
    afterAll(() => opened[Symbol.asyncDispose]());

    const SPOILT: [name: string, command: string, kept: FetchTaken[]][] = [
      ["is whole", 'echo agent1=3 > "$f"', [{ agent1: 3 }]],
      ["has no end", 'printf "agent1=3\\nagent1" > "$f"', [{ agent1: 3 }]],
      ["is gone", "true", []],
      ["is empty", ': > "$f"', []],
      ["is a folder", 'mkdir "$f"', []],
      ["is a pipe", 'mkfifo "$f"', []],
      ["is a link", 'echo agent1=3 > elsewhere; ln -s "$PWD/elsewhere" "$f"', []],
      ["is noise", 'head -c 5000 /dev/urandom > "$f"', []],
      ["is huge", 'truncate -s 7G "$f"', []],
      ["is one line", 'yes agent1=3 | tr "\\n" " " | head -c 9000000 > "$f"', []],
      ["has too high a number", 'echo agent1=10000 > "$f"', []],
      ["has a number below 0", 'echo agent1=-1 > "$f"', []],
      ["has a name of no agent", 'echo __proto__=1 > "$f"', []],
      ["has a command", "echo 'agent1=$(reboot)' > \"$f\"", []],
      [
        "is long",
        'yes agent1=3 | head -n 9000 > "$f"',
        Array.from({ length: 2000 }, () => ({ agent1: 3 })),
      ],
    ];
    test.each(SPOILT)("gives what can be had when it %s", async (_, command, kept) => {
      const prepared = `f=.git/team/fetches; rm -rf "$f"; ${command}`;
      await sandbox.exec(prepared, { timeout_ms: 60_000 });
      expect(await takenFetches(sandbox, new AbortController().signal)).toEqual(kept);
    });
  });
}
