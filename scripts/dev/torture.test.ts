import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { describeWith } from "../../lib/core/testing.ts";
import { jsonLines } from "../cli.fixture.ts";

// Fifty restarts of a study of thirty attempts.
setDefaultTimeout(20 * 60_000);

const sum = (rounds: readonly Record<string, unknown>[], field: string) =>
  rounds.reduce((total, round) => total + Number(round[field]), 0);

/** The rounds of as many kills of a study of so many attempts, which all ended well. */
async function tortured(kills: number, wanted: number, ...flags: readonly string[]) {
  const call = ["bun", join(import.meta.dir, "torture.ts"), "--kills", `${kills}`, "--json"];
  const child = Bun.spawn([...call, ...flags], { stderr: "pipe" });
  const words = new Response(child.stderr).text();
  const rounds = jsonLines(await new Response(child.stdout).text());
  const damage = rounds.flatMap((round) => round.damage);
  const code = await child.exited;
  const found = { code, kills: sum(rounds, "kills"), damage, words: await words };
  expect(found).toMatchObject({ code: 0, kills, damage: [] });
  expect(rounds.every(({ attempts }) => attempts === wanted)).toBe(true);
  // A study without cost, or without talks that were judged, would prove nothing about them.
  for (const { billed_usd, labels } of rounds)
    expect([Number(billed_usd) > 0, Number(labels) > 0]).toEqual([true, true]);
  return rounds;
}

describeWith("docker", "fifty kills of a demo study in Docker", () => {
  test("lose nothing, decide nothing twice, leave nothing, change no report, and hide no cost", async () => {
    const rounds = await tortured(50, 30);
    // Kills that hit nothing would prove nothing.
    expect(sum(rounds, "lost_units")).toBeGreaterThan(20);
  });
});

describeWith("unshare", "S2: two process tables, one study, one place for temporary files", () => {
  test("S2: killed and called again in its own table, each leaves the study as it is undisturbed", async () => {
    await tortured(4, 3, "-f", "1,4", "--backend", "local", "--tables", "2");
  });
});
