// Owns the cases of a gateway with a cache: what costs nothing the second time, and what is asked again.

import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { temporaryFolder } from "../testing.ts";
import { openBudget } from "./budget.ts";
import { ask, callerOf, failure, never, type Script, scriptedGateway } from "./gateway.fixture.ts";
import type { GatewayOptions } from "./gateway.ts";
import { NO_USAGE } from "./model.ts";

const usage = (output_tokens: number) => ({ ...NO_USAGE, output_tokens });

describe("the cache", () => {
  const FIRST = callerOf().attempt_key;
  const script: Script = (_, n) => ({ text: `answer ${n}`, usage: usage(100) });

  test("answers what was asked before, for nothing, and says so", async () => {
    using folder = temporaryFolder();
    const cache_dir = folder.path;
    const before = await scriptedGateway(script, { cache_dir });
    await (await before.gateway.open(callerOf())).complete(ask("x"), never);
    const { gateway, asked } = await scriptedGateway(script, {
      cache_dir,
      budget: openBudget({ budget_usd: 0, spent_usd: 0 }),
    });
    const model = await gateway.open(
      callerOf({ attempt_key: "second/demo_task/task1/features_1_2", agent_id: "agent2" }),
    );
    expect(await model.complete(ask("x"), never)).toMatchObject({
      text: "answer 1",
      usage: usage(100),
      cost_usd: 0,
    });
    expect(model.calls).toMatchObject([{ source: "cache", cost_usd: 0, output_tokens: 100 }]);
    expect([asked.length, gateway.state().spent_usd]).toEqual([0, 0]);
  });

  const OTHERS: [name: string, options: Partial<GatewayOptions>, attempt_key: string][] = [
    ["another try", {}, "first/demo_task/task1/features_1_2~2"],
    ["another model", { model: "anthropic/other" }, FIRST],
    ["other options", { options: { temperature: 1 } }, FIRST],
    ["another server", { base_url: "http://127.0.0.1:1" }, FIRST],
  ];
  test.each(OTHERS)("does not answer for %s", async (_, options, attempt_key) => {
    using folder = temporaryFolder();
    const cache_dir = folder.path;
    const before = await scriptedGateway(script, { cache_dir });
    await (await before.gateway.open(callerOf())).complete(ask("x"), never);
    const { gateway, asked } = await scriptedGateway(script, { cache_dir, ...options });
    const model = await gateway.open(callerOf({ attempt_key }));
    await model.complete(ask("x"), never);
    expect(asked).toHaveLength(1);
    expect(model.calls).toMatchObject([{ source: "provider" }]);
  });

  test("keeps no failure", async () => {
    using folder = temporaryFolder();
    const failing: Script = (_, n) => {
      if (n === 1) throw failure("bad request");
      return { text: "now" };
    };
    const { gateway } = await scriptedGateway(failing, { cache_dir: folder.path });
    const model = await gateway.open(callerOf());
    await expect(model.complete(ask("x"), never)).rejects.toMatchObject({ code: "model_request" });
    expect(readdirSync(folder.path)).toEqual([]);
    expect((await model.complete(ask("x"), never)).text).toBe("now");
  });
});
