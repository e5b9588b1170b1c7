// Owns Redis servers for tests: on a port of their own, killed and started again, and clients that know nothing of us.
import { join } from "node:path";
import Redis from "ioredis";
import { temporaryFolder } from "../core/testing.ts";
import { freePort, untilAnswers } from "./own-server.ts";

export type TestServer = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** SIGKILL, and nothing else. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  hang(): void;
  resume(): void;
  start(): Promise<void>;
};
type ServerOptions = {
  /** Every write is on disk before it is answered; otherwise a restart forgets everything. */
  readonly persistent?: boolean;
  readonly password?: string;
  /** Further lines of its configuration. */
  readonly lines?: readonly string[];
};

export async function testServer(options: ServerOptions = {}): Promise<TestServer> {
  const { persistent = false, password, lines = [] } = options;
  const folder = temporaryFolder("tandem-redis");
  const port = await freePort();
  const url = `redis://${password === undefined ? "" : `:${password}@`}127.0.0.1:${port}`;
  const config = [
    ...["bind 127.0.0.1", `port ${port}`, `dir "${folder.path}"`, 'save ""'],
    ...(persistent ? ["appendonly yes", "appendfsync always"] : []),
    ...(password === undefined ? [] : [`requirepass ${password}`]),
    ...lines,
  ].join("\n");
  await Bun.write(join(folder.path, "redis.conf"), `${config}\n`);
  const spawn = () =>
    Bun.spawn(["redis-server", join(folder.path, "redis.conf")], {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
  let child = spawn();
  const up = async () => {
    const ended = child.exited.then(() => true);
    if (!(await untilAnswers(url, { timeout_ms: 20_000, ended })))
      throw new Error("the test's Redis server does not start");
  };
  const kill = async () => {
    child.kill("SIGKILL");
    await child.exited;
  };
  try {
    await up();
  } catch (error) {
    await kill();
    folder[Symbol.dispose]();
    throw error;
  }
  return {
    url,
    port,
    get pid() {
      return child.pid;
    },
    kill,
    hang: () => child.kill("SIGSTOP"),
    resume: () => child.kill("SIGCONT"),
    async start() {
      child = spawn();
      await up();
    },
    async [Symbol.asyncDispose]() {
      await kill();
      folder[Symbol.dispose]();
    },
  };
}

/** A client of another program: plain commands, answers as text, no second tries. */
export async function foreignClient(url: string): Promise<Redis & Disposable> {
  const client = new Redis(url, {
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
  });
  // A server that a test kills is not this client's trouble.
  client.on("error", () => undefined);
  await client.connect();
  return Object.assign(client, { [Symbol.dispose]: () => client.disconnect() });
}

/** Asks again until the answer is as wanted; the test's own deadline ends it. */
export async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean) {
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    await Bun.sleep(10);
  }
}
