// Owns our own redis-server as a process on this machine: private, on loopback only, and never left behind.
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../core/fault.ts";
import { quickScratch, removeFolder } from "../core/files.ts";
import { killGroup } from "../sandbox/kill.ts";
import { atMost } from "./mailbox-wait.ts";
import { freePort, type OwnServer, randomPassword, settings, untilAnswers } from "./own-server.ts";

const START_MS = 10_000;
const END_MS = 5_000;
/** Another program may take the port between our look and the server's start. */
const PORT_TRIES = 5;
const MOST_RESTARTS = 5;
const RESTART_PAUSE_MS = 200;
const LOG_TAIL = 400;

/**
 * Runs the server and ends it, and its folder, as soon as standard input closes: that happens however the parent ends,
 * by SIGKILL too. A server that ends by itself leaves its folder, with the settings in it, to the next one.
 */
const WATCH = `exec 3<&0
"$1" "$2/redis.conf" </dev/null >"$2/log" 2>&1 3<&- &
server=$!
( read -r _ <&3; rm -f -- "$2/redis.conf"; kill -KILL "$server" ) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$server"
if [ -e "$2/redis.conf" ]; then kill -KILL "$watcher"; else rm -rf -- "$2"; fi`;

/** Throws Fault `mailbox_gone` with the server's last words when it does not start. */
export async function startProcess(program: string, signal?: AbortSignal): Promise<OwnServer> {
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted();
    const server = new Server(program, await freePort());
    const trouble = await server.started(signal).catch(async (error) => {
      await server[Symbol.asyncDispose]();
      throw error;
    });
    if (trouble === undefined) return server;
    await server[Symbol.asyncDispose]();
    if (tries === PORT_TRIES || !/address already in use/i.test(trouble)) throw notStarted(trouble);
  }
}

class Server implements OwnServer {
  readonly url: string;
  readonly description = "a redis-server started for this run";
  private readonly program: string;
  /** In memory where there is room: it must outlive the server, not this process, and a disk costs 3 ms per message. */
  private readonly folder = quickScratch("redis");
  private child: ReturnType<typeof this.spawn>;
  private closing = false;
  private restarts = 0;

  constructor(program: string, port: number) {
    const password = randomPassword();
    this.url = `redis://:${password}@127.0.0.1:${port}`;
    this.program = program;
    chmodSync(this.folder.path, 0o700);
    const config = settings({ port, password, bind: "127.0.0.1", folder: this.folder.path });
    writeFileSync(join(this.folder.path, "redis.conf"), config, { mode: 0o600 });
    this.child = this.spawn();
  }

  /** Undefined when it answers; otherwise why it does not. */
  async started(signal: AbortSignal | undefined): Promise<string | undefined> {
    const ended = this.child.exited.then(() => true);
    const answers = await untilAnswers(this.url, { timeout_ms: START_MS, ended, signal });
    if (!answers) return this.lastWords();
    this.keepUp();
    return undefined;
  }

  private spawn() {
    return Bun.spawn(["sh", "-c", WATCH, "sh", this.program, this.folder.path], {
      stdin: "pipe",
      stdout: "ignore",
      stderr: "ignore",
      // It lives as long as the run, and needs nothing of our environment, which holds keys.
      env: { PATH: process.env.PATH },
      // Its own session: Ctrl-C is for us, who still have messages to write down.
      detached: true,
    });
  }

  /** A server that is killed is started again on its port with what it wrote to disk. */
  private keepUp(): void {
    this.child.exited.then(async () => {
      await Bun.sleep(RESTART_PAUSE_MS);
      if (this.closing || this.restarts++ >= MOST_RESTARTS) return;
      this.child = this.spawn();
      this.keepUp();
    });
  }

  private lastWords(): string {
    const log = readFileSync(join(this.folder.path, "log"), "utf8").trim();
    return log === "" ? "it did not answer in time" : log.slice(-LOG_TAIL);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closing = true;
    const { child } = this;
    await child.stdin.end();
    await atMost(child.exited, END_MS);
    killGroup(child.pid);
    removeFolder(this.folder.path);
  }
}

function notStarted(words: string): Fault {
  return new Fault("mailbox_gone", `redis-server does not start: ${words}`, {
    hint: "try `redis-server --port 0` by hand, or name a running server: --redis redis://host:port",
  });
}
