// Owns a way to other processes for tests: everything goes through JSON and a store of bytes, into folders of their own.
import { join } from "node:path";
import { sha256 } from "../core/files.ts";
import { temporaryFolder } from "../core/testing.ts";
import { HERE, type Place } from "../engine/place.ts";
import { carriedAsFault, carryFault } from "../errands/carry.ts";
import type { Errand, Json, Parcel, Send, Site } from "../errands/errand.ts";
import { openWorkshop } from "../errands/workshop.ts";
import { performErrand } from "./registry.ts";

type Performing = Pick<Site, "ask" | "say" | "signal" | "blobs">;
/** Performs an errand with all that a worker would have; in another process, say. */
export type Performs = (kind: string, input: Json, site: Performing) => Promise<Json>;

/** Everything that went over, as it was written: texts of JSON, and bytes. */
export type Wire = { readonly texts: string[]; readonly blobs: Map<string, Uint8Array> };

/** Workers in this process, which are given errands in turn. */
export function farPlace({
  workers = 1,
  performs,
}: {
  workers?: number;
  performs?: Performs;
} = {}) {
  const folder = temporaryFolder("tandem-far");
  const shops = Array.from({ length: workers }, (_, at) =>
    openWorkshop({ folder: join(folder.path, `worker${at}`) }),
  );
  const wire: Wire = { texts: [], blobs: new Map() };
  const kinds: string[] = [];
  const here: Performs = (kind, input, site) =>
    performErrand(kind, input, { ...(shops[kinds.length % workers] ?? shops[0]), ...site } as Site);
  const send: Send = async <I, O>(errand: Errand<I, O>, parcel: Parcel<I>) => {
    kinds.push(errand.kind);
    parcel.on_delivery({ worker: `w${kinds.length % workers}`, delivery: crypto.randomUUID() });
    const input = over(wire, parcel.input);
    const site = siteOf(wire, parcel);
    const made = await fairly(wire, () => (performs ?? here)(errand.kind, input, site));
    const output = errand.output.parse(over(wire, made));
    return { output, blobs: { get: async (hash) => found(wire.blobs.get(hash)) } };
  };
  const place: Place = { ...HERE, name: "far", send };
  return {
    ...{ send, place, wire, kinds, path: folder.path },
    /** Whether a text went over in any form: as JSON, or in bytes, compressed or not. */
    carries: (text: string) => everything(wire).some((one) => one.includes(text)),
    async [Symbol.asyncDispose]() {
      for (const shop of shops) await shop[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

function siteOf<I>(wire: Wire, parcel: Parcel<I>): Performing {
  return {
    signal: parcel.signal,
    say: (progress) => parcel.on_progress(over(wire, progress) as unknown as typeof progress),
    ask: (topic, body) =>
      fairly(wire, async () => over(wire, await parcel.answer(topic, over(wire, body)))),
    blobs: {
      async get(hash) {
        const sent = wire.blobs.get(hash) ?? (await parcel.bytes.get(hash)?.());
        wire.blobs.set(hash, found(sent));
        return found(sent);
      },
      async put(bytes) {
        wire.blobs.set(sha256(bytes), bytes);
        return sha256(bytes);
      },
    },
  };
}

/** What a value is on the other side. */
function over(wire: Wire, value: unknown): Json {
  const text = JSON.stringify(value ?? null);
  wire.texts.push(text);
  return JSON.parse(text) as Json;
}

/** What is thrown goes over as data. */
async function fairly<T>(wire: Wire, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw carriedAsFault(over(wire, carryFault(error)) as ReturnType<typeof carryFault>);
  }
}

function found(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new RangeError("nobody has these bytes");
  return bytes;
}

/** Texts and bytes; those that are compressed also as they were. */
function everything({ texts, blobs }: Wire): string[] {
  const latin = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
  return [...texts, ...[...blobs.values()].flatMap((bytes) => [latin(bytes), latin(plain(bytes))])];
}

const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

function plain(bytes: Uint8Array): Uint8Array {
  if (!Buffer.from(bytes.subarray(0, 4)).equals(ZSTD)) return new Uint8Array();
  return Bun.zstdDecompressSync(new Uint8Array(bytes));
}
