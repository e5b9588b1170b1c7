import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fakeProgram } from "../agent/installed/fake.fixture.ts";
import { describeWith, temporaryFolder } from "../core/testing.ts";
import { carriedAsFault, carryFault } from "../errands/carry.ts";
import type { Json } from "../errands/errand.ts";
import { WIRE_KEY } from "../model/wire/script.fixture.ts";
import { ASKS, pricedModel, workersPlace } from "./agents.fixture.ts";
import type { FromChild, ToChild } from "./child.fixture.ts";
import type { Performs } from "./far.fixture.ts";

setDefaultTimeout(60_000);

/** A process with a key and a folder of its own, from which the sender's folder is hidden. */
function childOf(own: string, hidden: string): Performs {
  mkdirSync(own, { recursive: true });
  return async (errand, input, site) => {
    const made = Promise.withResolvers<Json>();
    const answers: Record<"ask" | "get" | "put", (about: Json) => Promise<Json>> = {
      ask: (about) => site.ask(...(about as [string, Json])),
      get: async (hash) => Buffer.from(await site.blobs.get(String(hash))).toString("base64"),
      put: (text) => site.blobs.put(Buffer.from(String(text), "base64")),
    };
    const hear = async (message: FromChild) => {
      if (message.kind === "made") return made.resolve(message.output);
      if (message.kind === "broken")
        return made.reject(carriedAsFault(message.fault as ReturnType<typeof carryFault>));
      if (message.kind === "say")
        return site.say(message.progress as unknown as Parameters<typeof site.say>[0]);
      const { id } = message;
      const tell = (told: ToChild) => child.send(told);
      await answers[message.kind](message.about)
        .then((value) => tell({ kind: "reply", id, value }))
        .catch((error: unknown) => tell({ kind: "refusal", id, fault: carryFault(error) }));
    };
    const script = join(import.meta.dir, "child.fixture.ts");
    const words = ["bwrap", "--dev-bind", "/", "/", "--tmpfs", hidden, "--chdir", own];
    await using child = Bun.spawn([...words, process.execPath, script, own], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        OPENAI_COMPATIBLE_API_KEY: WIRE_KEY,
      },
      ...{ stdout: "inherit", stderr: "inherit", cwd: own },
      ipc: (message: FromChild) => void hear(message),
      onExit: (_, status) => made.reject(new Error(`the process ended with ${status}`)),
    });
    child.send({ kind: "perform", errand, input } satisfies ToChild);
    return await made.promise;
  };
}

describeWith("bwrap", "18: a process that sees nothing of the sender's", () => {
  test("makes an attempt with a key of its own, which the sender does not have", async () => {
    using own = temporaryFolder("tandem-child");
    let hidden = "";
    const performs: Performs = (...errand) => childOf(join(own.path, "w"), hidden)(...errand);
    await using place = workersPlace({ performs });
    hidden = place.at(".");
    await using model = pricedModel(place);
    model.keys[Symbol.dispose]();
    const agent = place.file("asks.ts", ASKS(2));
    const { units } = await place.run({ ...model.options, agent, budget_usd: 100 });
    expect(units).toMatchObject([{ outcome: "empty patch" }]);
    expect(place.ledger.runs.spent("r").usd).toBe(2);
    expect(place.way.carries(WIRE_KEY)).toBe(false);
    expect(place.way.carries("asks 2")).toBe(true);
  });

  test("runs an agent program by its file, which asks the model from inside its sandbox", async () => {
    await using place = workersPlace();
    await using model = pricedModel(place, ({ n }) =>
      n % 2 === 1
        ? { text: "", tool_calls: [{ name: "bash", arguments: { command: "echo far > far.txt" } }] }
        : { text: "done" },
    );
    const agent = place.file("fake.toml", fakeProgram());
    const { units } = await place.run({
      ...{ ...model.options, agent, unsafe_local: false, setting: "solo" },
    });
    expect(units).toMatchObject([{ outcome: "submitted" }]);
    const rows = place.ledger.query("SELECT steps, cost_usd FROM agents");
    expect(rows).toEqual([{ steps: 2, cost_usd: 1 }]);
  });
});
