import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { describeWith } from "../lib/core/testing.ts";
import { killQuietly } from "../lib/sandbox/kill.ts";
import { runningWith } from "../lib/sandbox/task.fixture.ts";
import { foreignClient, testServer } from "../lib/team/redis.fixture.ts";
import { build, type Scene, submit } from "./agents.fixture.ts";
import {
  doneTwice,
  ended,
  heldModel,
  type Runner,
  studyPlace,
  until,
  verdicts,
} from "./faults.fixture.ts";

setDefaultTimeout(180_000);

const study = (redis: string, defaults = 'model = "replay/demo"\n') => `[pairs]
repo = "demo_task"
limit = 6
[defaults]
${defaults}[arms.coop]
[sandbox]
unsafe_local = true
[concurrency]
pairs = 2
${redis === "" ? "" : `[messages]\nredis = "${redis}"\n`}`;

/** What there is to disturb: a server of ours, or the one that the runner started for itself. */
type Restarts = {
  readonly redis: string;
  restart(runner: Runner): Promise<void>;
} & AsyncDisposable;

async function foreign(persistent: boolean): Promise<Restarts> {
  const server = await testServer({ persistent });
  return {
    redis: server.url,
    async restart() {
      await server.kill();
      await Bun.sleep(200);
      await server.start();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The runner's own server is started again by its keeper. */
async function own(): Promise<Restarts> {
  return {
    redis: "auto",
    async restart({ pid }) {
      const servers = () => runningWith(`/.tmp/${pid}.`).flatMap(childrenOf).filter(isServer);
      await until(() => servers().length > 0);
      for (const server of servers()) killQuietly(server);
    },
    async [Symbol.asyncDispose]() {},
  };
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "latin1")
        .split(" ")
        .filter(Boolean)
        .map(Number),
    );
  } catch (error) {
    // Gone between two looks.
    if (error instanceof Error && "code" in error) return [];
    throw error;
  }
}
const isServer = (pid: number) =>
  readFileSync(`/proc/${pid}/comm`, "latin1").trim() === "redis-server";

const SERVERS: [what: string, open: () => Promise<Restarts>][] = [
  ["somebody's, which keeps everything", () => foreign(true)],
  ["somebody's, which forgets everything", () => foreign(false)],
  ["the runner's own", own],
];

describeWith("redis", "a study whose Redis server is killed", () => {
  const calm = studyPlace(study(""));
  beforeAll(async () => {
    expect((await calm.run()).code).toBe(0);
  });
  afterAll(async () => await calm[Symbol.asyncDispose]());
  const messages =
    "SELECT attempt_key, sender, recipient, content FROM messages ORDER BY 1, sent_step, 2, 4";

  test.each(SERVERS)("%s: completes by itself, as if nothing had been", async (_, open) => {
    await using server = await open();
    await using here = studyPlace(study(server.redis));
    const child = here.start();
    const end = ended(child);
    const ran = () => here.events("done").filter((line) => line.startsWith("run")).length;
    const busy = () => here.leases().some(({ step }) => step === "run");
    for (const attempts of [1, 3]) {
      await until(() => ran() >= attempts && busy());
      await server.restart(child);
    }
    const { code, stderr } = await end;
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(verdicts(here)).toEqual(verdicts(calm));
    expect([doneTwice(here), here.leases()]).toEqual([[], []]);
    expect(here.rows(messages)).toEqual(calm.rows(messages));
    expect(here.rows(messages).length).toBeGreaterThan(0);
  });
});

/** Agent 1 tells something and hands in; agent 2 hears it when it may take a step. */
const talking = ({ agent_id, features }: Scene) => [
  agent_id === "agent1"
    ? "send_message agent2 <<'MSG'\nI am the one before you.\nMSG"
    : features.map((feature_id) => build(feature_id)).join("\n"),
  "true",
  submit,
];

describeWith("redis", "a runner that is killed while Redis holds a message", () => {
  test("leaves keys that expire, and the next try starts with an empty inbox", async () => {
    await using server = await testServer({ persistent: true });
    await using model = heldModel({
      holds: ({ agent_id, step }) => agent_id === "agent2" && step === 1,
      moves: talking,
    });
    await using here = studyPlace(
      `${study(server.url, model.defaults).replace("limit = 6", "limit = 1")}`,
    );
    using client = await foreignClient(server.url);
    const child = here.start();
    const inboxes = async () => await client.keys("run:*:agent2:inbox");
    await until(async () => (await inboxes()).length === 1 && model.waiting().length === 1);
    child.kill("SIGKILL");
    await child.exited;
    const [left = ""] = await inboxes();
    expect(await client.llen(left)).toBe(1);
    expect(await client.ttl(left)).toBeGreaterThan(0);
    model.letGo();
    const { code } = await here.run();
    expect(code).toBe(0);
    expect(here.events("lost")).toEqual(["run coop 1_2"]);
    expect(here.rows("SELECT sender, recipient, content FROM messages")).toEqual([
      { sender: "agent1", recipient: "agent2", content: "I am the one before you." },
    ]);
    expect(doneTwice(here)).toEqual([]);
    // Only the dead one's keys are there: the living one took its own away.
    const runs = (await client.keys("run:*")).map((key) => key.split(":")[1]);
    expect(new Set(runs)).toEqual(new Set([left.split(":")[1]]));
  });
});
