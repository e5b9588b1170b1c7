// Owns joining two streams to one way: bytes, half-closes and aborts of each reach the other, and the slower sets the pace.
import type { Duplex } from "node:stream";

/** What a stream may have: an end that the other side sees as an error, not as the end of what was sent. */
type Resettable = Duplex & { resetAndDestroy?: () => unknown };

/** Both streams are to allow half-open ends; both are destroyed at the end. */
export function join(one: Duplex, other: Duplex): void {
  link(one, other);
  link(other, one);
}

function link(from: Duplex, to: Duplex): void {
  from.on("error", () => reset(to));
  from.on("close", () => {
    // What it sent before its end is still on its way; it takes nothing any more.
    if (from.readableEnded) to.end(() => to.destroy());
    else reset(to);
  });
  from.pipe(to);
}

function reset(stream: Resettable): void {
  if (stream.destroyed) return;
  if (stream.resetAndDestroy === undefined) stream.destroy();
  else stream.resetAndDestroy();
}
