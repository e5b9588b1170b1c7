// Owns handing an answer to a program piece by piece, and noticing whether it was there to the end.

/** A piece of an answer. `is_last` marks the end of one that is whole. */
export type Piece = { readonly text: string; readonly is_last: boolean };

type Delivery = {
  readonly type: string;
  /** Aborts when the reader goes away. */
  readonly signal: AbortSignal;
  /** Hears that the last piece was taken. */
  readonly read: () => void;
};

/** A reader that goes away in the middle is noticed within this time. */
const LINGER_MS = 1;

/**
 * A response of these pieces. The last of several is held back for a moment: a reader that went away in the middle is not
 * taken for one that has read all.
 */
export function deliver(
  pieces: Iterable<Piece> | AsyncIterable<Piece>,
  { type, signal, read }: Delivery,
): Response {
  const source =
    Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  const encoder = new TextEncoder();
  let count = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await source.next();
      if (done === true) return controller.close();
      if (value.is_last && count > 0) await Bun.sleep(LINGER_MS);
      if (signal.aborted) return controller.close();
      count++;
      controller.enqueue(encoder.encode(value.text));
      if (value.is_last) read();
    },
    async cancel() {
      await source.return?.();
    },
  });
  return new Response(body, { headers: { "content-type": type, "cache-control": "no-store" } });
}

/** One whole answer: all of it at once but its end, by which readers know that they have all. */
export function wholeOf(texts: Iterable<string>): Piece[] {
  const all = [...texts];
  const end = all.pop() ?? "";
  const begin = all.length === 0 ? [] : [{ text: all.join(""), is_last: false }];
  return [...begin, { text: end, is_last: true }];
}
