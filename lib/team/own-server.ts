// Owns the settings of every Redis server started for a run, and the check that it is up.
import { createServer } from "node:net";
import { atMost } from "./mailbox-wait.ts";
import { redisVersion } from "./redis.ts";

/** A server that only this process knows; it ends with the scope, and with this process. */
export type OwnServer = AsyncDisposable & {
  /** With its password. */
  readonly url: string;
  readonly description: string;
};

const AGAIN_MS = 50;

/** Written before it is acknowledged, whatever happens next; its settings do not change while it runs. */
export function settings(server: {
  readonly port: number;
  readonly password: string;
  readonly bind: string;
  readonly folder: string;
}): string {
  return `bind ${server.bind}
port ${server.port}
protected-mode yes
requirepass ${server.password}
dir ${JSON.stringify(server.folder)}
appendonly yes
appendfsync always
save ""
rename-command CONFIG ""
`;
}

export function randomPassword(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString("hex");
}

/** A port of the loopback interface that is free at this moment. */
export async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.once("error", reject);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    server.close(() => resolve(port));
  });
  return await promise;
}

/** Whether the server answers to its password within the time; it does not when it has ended before. */
export async function untilAnswers(
  url: string,
  options: {
    readonly timeout_ms: number;
    readonly ended: Promise<boolean>;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<boolean> {
  const deadline = performance.now() + options.timeout_ms;
  let over = false;
  options.ended.then(() => {
    over = true;
  });
  while (!over && performance.now() < deadline) {
    options.signal?.throwIfAborted();
    const answers = await redisVersion(url).then(
      () => true,
      () => false,
    );
    if (answers) return !over;
    await atMost(options.ended, AGAIN_MS, options.signal);
  }
  return false;
}
