import { expect, test } from "bun:test";
import { memoryLedger } from "../../db/ledger.fixture.ts";
import { runConfig } from "../stages/config.ts";
import { armRequest, parseStudy } from "./file.ts";

const EXAMPLE = `name = "first"                        # its runs are named first-<arm>

[pairs]
repo = "demo_task"

[defaults]                            # arms take of it what they can use: gold takes no model
model = "replay/demo"
max_steps = 50

[arms.gold]                           # the reference patches: the ceiling
agent = "gold"

[arms.coop]

[arms.solo]
setting = "solo"

[evaluation]
policies = ["naive", "union"]

[[reports]]
path = "first/report.md"              # paths are relative to this file
policy = "union"
`;

test("an example is read, and each of its arms is a configuration that can be run", async () => {
  using ledger = memoryLedger();
  const study = parseStudy(EXAMPLE, { path: "study.toml" });
  const around = { ledger, backend: study.sandbox.backend };
  const configs = study.arms.map((arm) => runConfig(armRequest(arm), around));
  expect(await Promise.all(configs)).toMatchObject([
    { agent: "gold", model: null, setting: "coop", max_steps: 100 },
    { agent: "mini", model: "replay/demo", setting: "coop", max_steps: 50, max_cost_usd: 3 },
    { agent: "mini", model: "replay/demo", setting: "solo", max_steps: 50, backend: "local" },
  ]);
  expect(study.arms.map(({ run }) => run)).toEqual(["first-gold", "first-coop", "first-solo"]);
});
