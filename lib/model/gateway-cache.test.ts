import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../core/files.ts";
import { temporaryFolder } from "../core/testing.ts";
import { openBudget } from "./budget.ts";
import { cacheKey } from "./cache.ts";
import { ask, callerOf, failure, never, type Script, scriptedGateway } from "./gateway.fixture.ts";
import type { GatewayOptions } from "./gateway-options.ts";
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
      budget: openBudget({ budget_usd: 0, spent: { usd: 0 } }),
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

  const QWEN = "local/qwen";
  const [OLD, NEW] = ["http://127.0.0.1:8000/v1", "http://localhost:8001/openai/v1"];
  const SAME: [what: string, before: Partial<GatewayOptions>, now: Partial<GatewayOptions>][] = [
    ["the server on another port", { base_url: OLD }, { base_url: NEW }],
    [
      "the server by another scheme and path",
      { base_url: "http://gpu1.lab/v1" },
      { base_url: "https://GPU1.lab:444/x/v1" },
    ],
    [
      "another host that is said to be the server",
      { base_url: OLD },
      { base_url: "http://gpu2.lab/v1", kept_as: { base_url: OLD, earlier: [] } },
    ],
  ];
  test.each(SAME)("A15: answers for %s", async (_, before, now) => {
    using folder = temporaryFolder();
    const shared = { cache_dir: folder.path, model: QWEN };
    const first = await scriptedGateway(script, { ...shared, ...before });
    await (await first.gateway.open(callerOf())).complete(ask("x"), never);
    const { gateway, asked } = await scriptedGateway(script, { ...shared, ...now });
    await (await gateway.open(callerOf())).complete(ask("x"), never);
    expect(asked).toEqual([]);
  });

  test("A15: has the answers that were kept under an address, at that one and at others of its server", async () => {
    using folder = temporaryFolder();
    const shared = { cache_dir: folder.path, model: QWEN, base_url: OLD };
    const first = await scriptedGateway(script, shared);
    const model = await first.gateway.open(callerOf());
    await model.complete(ask("x"), never);
    // As the program before kept it.
    const parts = { model: QWEN, request_sha256: model.calls[0]?.request_sha256 ?? "", try: 1 };
    const [now, then] = ["localhost", OLD].map((base_url) => cacheKey({ ...parts, base_url }));
    const place = (key = "") => join(folder.path, key.slice(0, 2), `${key}.json.zst`);
    const entry = JSON.parse(Bun.zstdDecompressSync(readFileSync(place(now))).toString());
    writeWhole(place(then), Bun.zstdCompressSync(JSON.stringify({ ...entry, key: then })));
    rmSync(place(now));
    const others: Partial<GatewayOptions>[] = [
      {},
      { base_url: NEW, kept_as: { base_url: NEW, earlier: [OLD] } },
    ];
    for (const other of others) {
      const { gateway, asked } = await scriptedGateway(script, { ...shared, ...other });
      await (await gateway.open(callerOf())).complete(ask("x"), never);
      expect(asked).toEqual([]);
    }
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
