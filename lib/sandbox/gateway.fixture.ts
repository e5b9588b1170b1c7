// Owns a small server on a Unix socket in the gateway's place, and a client of it that runs inside sandboxes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../core/testing.ts";
import type { GatewaySocket } from "./sandbox.ts";

export const LARGE_BYTES = 64 * 1024 ** 2;

/** A client of it for sandboxes; its first line says how it is called. */
export const CLIENT = readFileSync(join(import.meta.dir, "gateway.fixture.pl"));
const PIECE_BYTES = 1024 ** 2;

/** Answers `/ping`, sends back what it gets at `/echo`, streams at `/events`, sends much at `/large`. */
export function gatewayServer(): GatewaySocket &
  AsyncDisposable & { readonly aborted: () => number } {
  const folder = temporaryFolder("tandem-port");
  const socket = join(folder.path, "socket");
  let aborted = 0;
  const server = Bun.serve({
    unix: socket,
    maxRequestBodySize: 2 * LARGE_BYTES,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      request.signal.addEventListener("abort", () => aborted++);
      if (pathname === "/ping") return new Response("pong");
      if (pathname === "/echo") return new Response(await request.bytes());
      if (pathname === "/large") return new Response(pieces());
      const count = Number(pathname.split("/")[2]);
      return new Response(events(count), { headers: { "content-type": "text/event-stream" } });
    },
  });
  return {
    socket,
    aborted: () => aborted,
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      folder[Symbol.dispose]();
    },
  };
}

function pieces(): ReadableStream<Uint8Array> {
  const piece = new Uint8Array(PIECE_BYTES).fill(7);
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(piece);
      sent += piece.length;
      if (sent === LARGE_BYTES) controller.close();
    },
  });
}

const EVERY_MS = 20;

function events(count: number): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      if (sent > 0) await Bun.sleep(EVERY_MS);
      controller.enqueue(Buffer.from(`data: ${sent++}\n\n`));
      if (sent === count) controller.close();
    },
  });
}
