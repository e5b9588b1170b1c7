// Owns many two-way streams over one pair of pipes, each with a window of its own, so that a slow one holds up no other.
import { Duplex } from "node:stream";

/** Channel (4 bytes), kind (1), length or credit (4); big-endian. */
const HEADER_BYTES = 9;
const KIND = { open: 0, data: 1, end: 2, reset: 3, credit: 4 } as const;
type Kind = (typeof KIND)[keyof typeof KIND];

/** What a channel may have sent that its other end has not read. */
const WINDOW_BYTES = 256 * 1024;

type Frame = { readonly id: number; readonly kind: Kind; readonly count: number };
type Send = (frame: Frame, payload?: Uint8Array) => void;

export type Channels = {
  /** A new channel to the other end. */
  open(): Duplex;
  /** Takes bytes that came from the other end. Throws RangeError for what is no frame. */
  feed(bytes: Uint8Array): void;
  /** Destroys all channels: the pipes are gone. */
  end(): void;
};
export type ChannelOptions = {
  /** Writes to the pipe; bytes are not changed afterwards. */
  readonly write: (bytes: Uint8Array) => void;
  /** Called for each channel that the other end opens. */
  readonly accept: (channel: Duplex) => void;
};

/** One end; only one of both may open channels. */
export function openChannels({ write, accept }: ChannelOptions): Channels {
  const channels = new Map<number, Channel>();
  const send: Send = ({ id, kind, count }, payload) => {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32BE(id, 0);
    header.writeUInt8(kind, 4);
    header.writeUInt32BE(count, 5);
    write(payload === undefined ? header : Buffer.concat([header, payload]));
  };
  const add = (id: number) => {
    const channel = new Channel(id, send);
    channels.set(id, channel);
    channel.on("close", () => channels.delete(id));
    return channel;
  };
  let opened = 0;
  return {
    open() {
      const id = opened++;
      send({ id, kind: KIND.open, count: 0 });
      return add(id);
    },
    feed: frames(({ id, kind, count }, payload) => {
      if (kind === KIND.open) return accept(add(id));
      // What was on its way to a channel that is closed is of no use any more.
      channels.get(id)?.arrive(kind, count, payload);
    }),
    end() {
      for (const channel of channels.values()) channel.destroy();
    },
  };
}

/** Cuts a stream of bytes into frames, whatever its chunks are. */
function frames(pass: (frame: Frame, payload: Uint8Array) => void): Channels["feed"] {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([rest, bytes]);
    while (rest.length >= HEADER_BYTES) {
      const kind = kindOf(rest.readUInt8(4));
      const frame = { id: rest.readUInt32BE(0), kind, count: rest.readUInt32BE(5) };
      const end = HEADER_BYTES + (kind === KIND.data ? frame.count : 0);
      if (rest.length < end) return;
      const payload = rest.subarray(HEADER_BYTES, end);
      rest = rest.subarray(end);
      pass(frame, payload);
    }
  };
}

function kindOf(byte: number): Kind {
  const kind = Object.values(KIND).find((one) => one === byte);
  if (kind === undefined) throw new RangeError(`${byte} is not a kind of frame`);
  return kind;
}

type Waiting = { readonly chunk: Buffer; readonly done: (error?: Error | null) => void };

class Channel extends Duplex {
  private readonly id: number;
  private readonly send: Send;
  private credit = WINDOW_BYTES;
  private waiting: Waiting | undefined;
  private unread = 0;

  constructor(id: number, send: Send) {
    super({ allowHalfOpen: true });
    this.id = id;
    this.send = send;
  }

  arrive(kind: Kind, count: number, payload: Uint8Array): void {
    if (kind === KIND.end) this.push(null);
    if (kind === KIND.reset) this.destroy(new Error("the other end was reset"));
    if (kind === KIND.credit) {
      this.credit += count;
      this.flush();
    }
    if (kind !== KIND.data) return;
    this.unread += count;
    if (this.push(payload)) this._read();
  }

  override _read(): void {
    if (this.unread === 0) return;
    const count = this.unread;
    this.unread = 0;
    this.send({ id: this.id, kind: KIND.credit, count });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Waiting["done"]): void {
    this.waiting = { chunk, done };
    this.flush();
  }

  /** As much as the other end has room for; the rest when it has read. */
  private flush(): void {
    if (this.waiting === undefined || this.credit === 0) return;
    const { chunk, done } = this.waiting;
    const part = chunk.subarray(0, this.credit);
    const rest = chunk.subarray(part.length);
    this.credit -= part.length;
    this.send({ id: this.id, kind: KIND.data, count: part.length }, part);
    this.waiting = rest.length > 0 ? { chunk: rest, done } : undefined;
    if (rest.length === 0) done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.send({ id: this.id, kind: KIND.end, count: 0 });
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.readableEnded || !this.writableFinished)
      this.send({ id: this.id, kind: KIND.reset, count: 0 });
    done(error);
  }
}
