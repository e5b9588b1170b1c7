// Owns the program beside a sandbox that passes a port of its loopback on to the gateway; it imports nothing but its neighbours.
import { connect, createServer } from "node:net";
import type { Duplex } from "node:stream";
import { openChannels } from "./channels.ts";
import { join } from "./join.ts";

/** How much longer it lives for each SIGUSR2. */
const PROLONGED_MS = 60_000;
/** Streams of one sandbox that wait to be taken. */
const BACKLOG = 1024;

/**
 * `forward.ts PORT SOCKET LIFETIME_S`: serves 127.0.0.1:PORT until its input ends or its lifetime is over. SOCKET is a path,
 * or `-` for channels over its own input and output. The first line that it prints is `ready`, or why it is not.
 */
const [port, socket, lifetime_s] = process.argv.slice(2);

let ends_at_ms = Date.now() + Number(lifetime_s) * 1000;
process.on("SIGUSR2", () => {
  ends_at_ms += PROLONGED_MS;
});
setInterval(() => {
  if (Date.now() > ends_at_ms) process.exit(0);
}, 1000);

function overPipes(): () => Duplex {
  const channels = openChannels({
    write: (bytes) => process.stdout.write(bytes),
    accept: (channel) => channel.destroy(),
  });
  process.stdin.on("data", (bytes) => channels.feed(Buffer.from(bytes)));
  return () => channels.open();
}

function overSocket(path: string): () => Duplex {
  return () => connect({ path, allowHalfOpen: true });
}

/** Whether somebody listens there: an engine on another machine lays in nothing, or a file that only looks like it. */
function reaches(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const attempt = connect({ path });
    attempt.once("error", (error) => resolve(error.message));
    attempt.once("connect", () => {
      attempt.destroy();
      resolve(undefined);
    });
  });
}

function listen(open: () => Duplex): void {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
    join(client, open()),
  );
  server.listen(Number(port), "127.0.0.1", BACKLOG, () => process.stdout.write("ready\n"));
}

process.stdin.on("end", () => process.exit(0)).resume();
const obstacle = socket === "-" ? undefined : await reaches(`${socket}`);
if (obstacle === undefined) listen(socket === "-" ? overPipes() : overSocket(`${socket}`));
else {
  process.stdout.write(`${obstacle}\n`, () => process.exit(1));
}
