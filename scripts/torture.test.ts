// Owns the proof that kills at random moments cost nothing: a demo study in Docker, killed fifty times.
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { describeWith } from "../lib/testing.ts";
import { jsonLines } from "./cli.fixture.ts";

// Fifty restarts of a study of thirty attempts.
setDefaultTimeout(20 * 60_000);

describeWith("docker", "fifty kills of a demo study in Docker", () => {
  test("lose nothing, decide nothing twice, leave nothing, and change no report", async () => {
    const call = ["bun", join(import.meta.dir, "torture.ts"), "--kills", "50", "--json"];
    const child = Bun.spawn(call, { stderr: "pipe" });
    const words = new Response(child.stderr).text();
    const rounds = jsonLines(await new Response(child.stdout).text());
    const kills = rounds.reduce((sum, round) => sum + Number(round.kills), 0);
    const damage = rounds.flatMap((round) => round.damage);
    expect({ code: await child.exited, kills, damage, words: await words }).toMatchObject({
      code: 0,
      kills: 50,
      damage: [],
    });
    expect(rounds.every(({ attempts }) => attempts === 30)).toBe(true);
    // Kills that hit nothing would prove nothing.
    expect(rounds.reduce((sum, round) => sum + Number(round.lost_units), 0)).toBeGreaterThan(20);
  });
});
