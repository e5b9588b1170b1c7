import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { describeWith } from "../lib/core/testing.ts";
import type { WireServer } from "../lib/model/wire/serve.fixture.ts";
import { chatServer } from "../lib/model/wire/servers.fixture.ts";
import {
  build,
  KEYS,
  type Move,
  outcomesOf,
  playing,
  rows,
  type Scene,
  shownTo,
  submit,
} from "./agents.fixture.ts";
import { place } from "./cli.fixture.ts";

setDefaultTimeout(180_000);

const MODEL = "local/strict";
const PAIR = "demo_task/task1/features_1_2";
const PLACES = [
  { part: "bwrap", more: [] },
  { part: "docker", more: ["--backend", "docker", "--network", "none"] },
] as const;

type Place = ReturnType<typeof place>;

/** The chat server refuses every conversation whose roles do not alternate. */
async function run(here: Place, server: WireServer, more: readonly string[]) {
  const model = ["-m", MODEL, "--base-url", server.base_url, "--max-cost", "none"];
  const args = ["-n", "a", ...model, "-r", "demo_task", "-f", "1,2", ...more];
  return outcomesOf(await here.call("run-pair", args, { env: KEYS }));
}

const PYTHON = `python3 - <<'PY' || echo from python | send_message agent1
import subprocess
subprocess.run(["send_message", "agent1"], input=b"from python", check=True)
PY`;
const FIFTY = 'for n in $(seq 50); do send_message agent1 "number $n"; done';
const OTHERS = `sh -c 'send_message agent1 from sh'; echo from xargs | xargs send_message agent1
printf '#!/bin/sh\\nsend_message agent1 from a script\\n' >/tmp/tell; sh /tmp/tell
env -i PATH="$PATH" send_message agent1 from nowhere; bash -lc 'send_message agent1 from a login shell'
head -c 1000000 /dev/zero | tr '\\0' x | send_message agent1`;

const NOW = 'send_message --wait agent1 "And now?"';
const ASK = 'send_message --wait agent2 "Is that all?"';
/** The first asks, and ends when it has heard; the second answers in many ways, and waits for the first's end. */
const speaking = ({ agent_id, features, asked }: Scene): Move[] => {
  const said = JSON.stringify(asked.turns);
  const asks = said.split("Is that all?").length - 1;
  const waits = said.split("And now?").length - 1;
  const alone = said.includes("[agent1 has ended");
  const heard = said.includes("[Message from agent2]: That was all.");
  const built = features.map((feature_id) => build(feature_id)).join("\n");
  if (agent_id === "agent1")
    return [
      'send_message --wait agent2 "Which line is yours?"',
      "sleep 600 & sleep 601 & echo started",
      ...Array.from({ length: asks + (heard ? 0 : 1) }, () => ASK),
      built,
      submit,
    ];
  return [
    'send_message --wait agent1 "I am here."',
    `${OTHERS}\n${PYTHON}\n${FIFTY}`,
    'send_message --wait agent1 "That was all."',
    ...Array.from({ length: waits + (alone ? 0 : 1) }, () => NOW),
    built,
    submit,
  ];
};

describe.each(PLACES)("with $part", ({ part, more }) => {
  describeWith(part, `in ${part}`, () => {
    test("A2, A23, A24, A27: what partners send, wait for and hand in is told, once, where every server takes it", async () => {
      await using server = chatServer(playing(speaking));
      using here = place();
      expect(await run(here, server, more)).toEqual({ code: 0, units: { "1_2": "submitted" } });
      expect(server.refused).toEqual([]);
      const [one, two] = [shownTo(server, "agent1"), shownTo(server, "agent2")];

      expect(two).toContain(
        "[Message from agent1]: Which line is yours?\n[agent1 waits for your answer, up to 60 s]",
      );
      for (const words of ["sh", "xargs", "a script", "nowhere", "a login shell", "python"])
        expect(one).toContain(`[Message from agent2]: from ${words}`);
      for (let n = 1; n <= 50; n++)
        expect(one).toMatch(new RegExp(`from agent2\\]: number ${n}\\b`));
      const kept = "the first 100000 of its 1000000 bytes";
      expect(two).toContain(`[message sent to agent1, but cut: only ${kept}]`);
      expect(one).toContain(`x\n[the message was cut here: these are ${kept}]`);

      expect(one).toContain("started\n\n[2 processes left running were ended]");
      expect(two).not.toContain("left running were ended]");
      const patch = readFileSync(here.at("logs/a", PAIR, "agent1/patch.diff"));
      const ended = `[agent1 has ended; it handed in a patch of ${patch.length} bytes to `;
      expect(two.split(ended)).toHaveLength(2);
      expect(two.split(ended)[1]).toMatch(
        /^\d+ files? \([^)]*src\/[^)]*\)\. It reads no more messages\.\]/,
      );
      for (const agent of ["agent1", "agent2"])
        expect(readFileSync(here.at("logs/a", PAIR, agent, "patch.diff"), "utf8")).not.toContain(
          "send_message",
        );
      const sql =
        "SELECT count(*) AS sent FROM messages WHERE sender = 'agent2' AND content <> 'And now?'";
      expect(rows(here.at("ledger.sqlite"), sql)).toEqual([{ sent: 2 + 7 + 50 }]);
    });

    test("A27: an agent that was ended at its limit is told of, with what it left; off is off", async () => {
      const moves = ({ agent_id }: Scene): Move[] =>
        agent_id === "agent1"
          ? Array.from({ length: 4 }, (_, at) => `echo ${at} >>left.txt`)
          : ['send_message --wait agent1 "?"', 'send_message --wait agent1 "?"', "true", submit];
      await using server = chatServer(playing(moves));
      using here = place();
      const limited = [...more, "--max-steps", "4"];
      expect(await run(here, server, limited)).toMatchObject({ code: 0 });
      const told = shownTo(server, "agent2").split(
        "[agent1 was ended at its limit of steps; it handed in a patch of ",
      );
      expect(told).toHaveLength(2);
      expect(told[1]).toContain("1 file (left.txt)");

      await using silent = chatServer(playing(moves));
      using alone = place();
      const off = [...limited, "--no-messaging"];
      expect(await run(alone, silent, off)).toMatchObject({ code: 0 });
      const shown = shownTo(silent, "agent2");
      expect(shown).not.toContain("agent1 was ended");
      expect(shown).toMatch(/send_message: (command )?not found/);
    });
  });
});
