// Owns runs of agents of one's own for tests of workers: a ledger on the demo's pairs, modules, and a model with a price.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openLedger } from "../../db/ledger.ts";
import { temporaryFolder } from "../core/testing.ts";
import type { UnitResult } from "../engine/attempt.ts";
import { withKeys } from "../model/provider/provider.fixture.ts";
import type { Script } from "../model/wire/script.fixture.ts";
import { chatServer } from "../model/wire/servers.fixture.ts";
import { indexDemo } from "../select/select.ts";
import { run } from "../stages/run.ts";
import type { RunOptions } from "../stages/run-options.ts";
import { farPlace } from "./far.fixture.ts";

export const pairs = (...names: string[]) =>
  names.map((name) => `demo_task/task1/features_${name}`);

/** A folder with a ledger, and a way to workers. */
export function workersPlace(options: Parameters<typeof farPlace>[0] = {}) {
  const folder = temporaryFolder("tandem-workers");
  const at = (name: string) => join(folder.path, name);
  const ledger = openLedger(at("ledger.sqlite"));
  indexDemo(ledger);
  const way = farPlace(options);
  return {
    ...{ ledger, at, way },
    file(name: string, text: string): string {
      mkdirSync(dirname(at(name)), { recursive: true });
      writeFileSync(at(name), text);
      return at(name);
    },
    /** Runs what is missing of the run `r`; what became of each attempt, by its pair. */
    async run(fields: Partial<RunOptions> = {}) {
      const units: UnitResult[] = [];
      const report = await run({
        ...{ ledger, log_dir: at("logs"), dataset_dir: at("dataset"), name: "r" },
        ...{ unsafe_local: true, place: way.place, select: { keys: pairs("1_2") } },
        on_unit: (unit) => units.push(unit),
        ...fields,
      });
      return { ...report, units };
    },
    async [Symbol.asyncDispose]() {
      await way[Symbol.asyncDispose]();
      ledger.close();
      folder[Symbol.dispose]();
    },
  };
}
export type WorkersPlace = ReturnType<typeof workersPlace>;

/** Asks its model so often, and hands in nothing. */
export const ASKS = (times: number) => `export default async ({ agent_id, model }) => {
  for (let n = 1; n <= ${times}; n++)
    await model.complete({ turns: [{ role: "user", content: agent_id + " asks " + n }] });
  return { patch: "" };
};\n`;

/** A server whose every answer costs half a dollar by the price file that goes with it. */
export function pricedModel(place: WorkersPlace, script: Script = () => ({ text: "yes" })) {
  const keys = withKeys();
  const server = chatServer(async (asked) => {
    const answer = await script(asked);
    return typeof answer === "object" && "text" in answer
      ? { ...answer, usage: { input_tokens: 1, output_tokens: 500_000 } }
      : answer;
  });
  const prices = { models: { "local/m": { input: 0, output: 1 } } };
  const prices_file = place.file("prices.json", JSON.stringify(prices));
  return {
    ...{ server, keys },
    options: { model: "local/m", base_url: server.base_url, prices_file },
    async [Symbol.asyncDispose]() {
      keys[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Sets a variable of the environment for the scope. */
export function withVariable(name: string, value: string): Disposable {
  process.env[name] = value;
  return { [Symbol.dispose]: () => void delete process.env[name] };
}
