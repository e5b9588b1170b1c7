// Owns handing an answer to a program piece by piece, and noticing whether it was there to the end.

/** In place of a piece: the connection is closed, since nothing that could be said would be understood. */
export const BREAK_OFF = Symbol("break off");

type Delivery = {
  readonly type: string;
  /** Aborts when the reader goes away. */
  readonly signal: AbortSignal;
  /** Hears that all of it is on its way to a reader who is still there. */
  readonly read: () => void;
};

/**
 * A response of these pieces. The server asks for what follows a piece once the connection has taken it: so when there is nothing more,
 * and the reader has not gone away, all is read.
 */
export function deliver(
  pieces: Iterable<string> | AsyncIterable<string | typeof BREAK_OFF>,
  { type, signal, read }: Delivery,
): Response {
  const source =
    Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await source.next();
      // With an error of its own, which the server would print.
      if (value === BREAK_OFF) return controller.error(undefined);
      if (done !== true) {
        await turnOfTheLoop();
        if (!signal.aborted) return controller.enqueue(encoder.encode(value));
      } else if (!signal.aborted) read();
      controller.close();
    },
    async cancel() {
      await source.return?.();
    },
  });
  return new Response(body, { headers: { "content-type": type, "cache-control": "no-store" } });
}

/** Whoever has gone away by now is known to be gone after it. */
function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** One whole answer: all of it at once but its end, by which readers know that they have all. */
export function wholeOf(texts: Iterable<string>): string[] {
  const all = [...texts];
  const end = all.pop() ?? "";
  return all.length === 0 ? [end] : [all.join(""), end];
}
