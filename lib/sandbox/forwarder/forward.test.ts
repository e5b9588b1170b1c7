import { expect, setDefaultTimeout, test } from "bun:test";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join as path } from "node:path";
import { temporaryFolder } from "../../core/testing.ts";
import { openChannels } from "./channels.ts";
import { join } from "./join.ts";
import { FORWARDER } from "./place.ts";

setDefaultTimeout(20_000);

const WAYS = ["socket", "pipes"] as const;
const MUCH = Buffer.alloc(8 * 1024 ** 2, "0123456789abcde");

/** A free port of this machine's: sandboxes have a fixed one, of a loopback of theirs. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

/** A forwarder before a server that does with each connection what `serve` says. */
async function forwarded(way: (typeof WAYS)[number], serve: (socket: Socket) => void) {
  const folder = temporaryFolder();
  const socket = path(folder.path, "socket");
  let ready = false;
  const server = createServer({ allowHalfOpen: true }, (one) => {
    one.on("error", () => undefined);
    // The forwarder looks whether somebody listens.
    if (ready) serve(one);
    else one.resume();
  });
  server.listen(socket);
  await once(server, "listening");
  const port = await freePort();
  const main = path(FORWARDER.folder, FORWARDER.main);
  const args = [`${port}`, way === "socket" ? socket : "-", "60"];
  const child = Bun.spawn([process.execPath, main, ...args], { stdin: "pipe", stdout: "pipe" });
  const reader = child.stdout.getReader();
  expect(Buffer.from((await reader.read()).value ?? "").toString()).toBe("ready\n");
  ready = true;
  const channels = openChannels({
    write(bytes) {
      if (child.killed) return;
      child.stdin.write(bytes);
      void child.stdin.flush();
    },
    accept: (channel) => join(channel, connect({ path: socket, allowHalfOpen: true })),
  });
  const read = async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read())
      channels.feed(part.value);
  };
  void read();
  return {
    child,
    client: () => connect({ port, host: "127.0.0.1", allowHalfOpen: true }),
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
      server.close();
      folder[Symbol.dispose]();
    },
  };
}

/** All that the other side sends, until it ends its side. */
async function all(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  socket.on("data", (part) => parts.push(Buffer.from(part)));
  await once(socket, "end");
  return Buffer.concat(parts);
}

test.each(WAYS)(
  "over its %s: who has ended its own side still gets all of the other's",
  async (way) => {
    await using forwarder = await forwarded(way, async (socket) => {
      const asked = await all(socket);
      socket.end(Buffer.concat([asked, MUCH]));
    });
    const client = forwarder.client();
    client.end("asked");
    expect((await all(client)).equals(Buffer.concat([Buffer.from("asked"), MUCH]))).toBe(true);
  },
);

test.each(WAYS)("over its %s: who ends its side first still hears the client out", async (way) => {
  const heard = Promise.withResolvers<Buffer>();
  await using forwarder = await forwarded(way, async (socket) => {
    socket.end("bye");
    heard.resolve(await all(socket));
  });
  const client = forwarder.client();
  expect((await all(client)).toString()).toBe("bye");
  client.end(MUCH);
  expect((await heard.promise).equals(MUCH)).toBe(true);
});

test.each(WAYS)("over its %s: an abort on either side reaches the other", async (way) => {
  const heard = Promise.withResolvers<void>();
  await using forwarder = await forwarded(way, (socket) => {
    socket.on("data", (bytes) => {
      if (bytes.toString() === "break off") socket.destroy();
      else socket.on("end", () => heard.resolve()).write("go on");
    });
  });
  const broken = forwarder.client().on("error", () => undefined);
  broken.resume().write("break off");
  await once(broken, "end");
  const closed = new Promise((resolve) => broken.on("close", resolve));
  broken.write("is anybody there?");
  await closed;
  const client = forwarder.client();
  client.write("hello");
  await once(client, "data");
  client.destroy();
  await heard.promise;
});

test.each(WAYS)(
  "over its %s: a slow reader slows its own stream alone, and nothing is lost",
  async (way) => {
    let sent = 0;
    await using forwarder = await forwarded(way, async (socket) => {
      const [asked] = await once(socket, "data");
      if (asked.toString() === "quick") return socket.end("at once");
      for (let n = 0; n < 4; n++) {
        sent = n;
        if (!socket.write(MUCH)) await once(socket, "drain");
      }
      socket.end();
    });
    const slow = forwarder.client();
    slow.write("much");
    await once(slow, "connect");
    await Bun.sleep(300);
    expect(sent).toBe(0);
    const quick = forwarder.client();
    quick.write("quick");
    expect((await all(quick)).toString()).toBe("at once");
    expect((await all(slow)).length).toBe(4 * MUCH.length);
  },
);

test("it ends with its input", async () => {
  await using forwarder = await forwarded("socket", (socket) => socket.end());
  forwarder.child.stdin.end();
  expect(await forwarder.child.exited).toBe(0);
});

test("where nobody listens it says so, and ends", async () => {
  const main = path(FORWARDER.folder, FORWARDER.main);
  const args = ["1", "/no/such/socket", "60"];
  const child = Bun.spawn([process.execPath, main, ...args], { stdin: "pipe", stdout: "pipe" });
  expect(await new Response(child.stdout).text()).toContain("ENOENT");
  expect(await child.exited).toBe(1);
});

test("what is no frame is refused, whatever its pieces", () => {
  const channels = openChannels({ write: () => undefined, accept: () => undefined });
  channels.feed(Buffer.from([0, 0, 0, 0]));
  expect(() => channels.feed(Buffer.from([9, 0, 0, 0, 0]))).toThrow(RangeError);
});
