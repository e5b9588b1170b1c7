import { describe, expect } from "bun:test";
import { Readable } from "node:stream";
import fc from "fast-check";
import { fuzz, fuzzAsync, unlessRefused } from "../core/fuzz.fixture.ts";
import {
  bytesLike,
  chunked,
  cuts,
  floods,
  noiseBytes,
  recordLike,
  texts,
} from "../core/fuzz-inputs.fixture.ts";
import { thisOwner } from "../core/owner.ts";
import { demultiplexer } from "./docker/attach.ts";
import { imageNames } from "./docker/image-name.ts";
import { leftReason } from "./docker/owner.ts";
import { type EngineLine, jsonLines } from "./docker/progress.ts";
import { onlyFile, tarOf } from "./docker/tar.ts";
import { BoundedOutput } from "./output.ts";
import { FrameReader, requestBytes } from "./shell-driver.ts";

const NONCE = "nonceNONCE+/nonce1234";
const PRINTED = [
  NONCE.slice(0, 7),
  NONCE.slice(0, -1),
  "nonce",
  "\n",
  `${NONCE.slice(1)}=0\n`,
  "=0\n",
  "x",
];

describe("a shell's", () => {
  const frame = fc.record({
    before: bytesLike({ tokens: PRINTED }).filter((bytes) => !bytes.includes(NONCE)),
    output: bytesLike({ tokens: PRINTED }).filter((bytes) => !bytes.includes(NONCE)),
    status: fc.nat(255),
    sizes: cuts,
  });
  fuzz(
    "frames are found, the rest is output, wherever it is cut",
    { runs: 18_000, input: frame },
    ({ before, output, status, sizes }) => {
      const parts = [before, `${NONCE}+77\n`, output, `${NONCE}=${status}\n`, "late"];
      const stream = Buffer.concat(parts.map((part) => Buffer.from(part)));
      // Where the output ends like the nonce begins, an earlier end would be a frame too.
      if (
        stream.indexOf(NONCE) !== before.length ||
        stream.lastIndexOf(NONCE) !== before.length + output.length + NONCE.length + 4
      )
        return;
      const frames = new FrameReader(NONCE, 100_000);
      for (const chunk of chunked(stream, sizes)) frames.feed(chunk);
      expect([frames.group, frames.status]).toEqual([77, status]);
      expect(
        Buffer.compare(Buffer.from(frames.result().output), Buffer.concat([before, output])),
      ).toBe(0);
    },
  );

  fuzz(
    "words of any kind end nothing that they do not name",
    { runs: 14_000, input: fc.tuple(bytesLike({ tokens: [...PRINTED, NONCE] }), cuts) },
    ([bytes, sizes]) => {
      const [cut, whole] = [new FrameReader(NONCE, 1_000), new FrameReader(NONCE, 1_000)];
      for (const chunk of chunked(bytes, sizes)) cut.feed(chunk);
      whole.feed(bytes);
      expect([cut.group, cut.status]).toEqual([whole.group, whole.status]);
      const isLost = whole.status === undefined;
      expect(
        Buffer.compare(
          Buffer.from(cut.result(isLost).output),
          Buffer.from(whole.result(isLost).output),
        ),
      ).toBe(0);
      if (!bytes.includes(NONCE)) expect(whole.status).toBeUndefined();
    },
  );

  const field = texts({ tokens: ["\0", "é", "\n"] });
  fuzz(
    "requests are four fields, or refused",
    { runs: 14_000, input: fc.tuple(field, field) },
    ([cwd, command]) => {
      const hasNul = `${cwd}${command}`.includes("\0");
      const make = () => requestBytes({ nonce: "n", cwd, script: "", command });
      if (hasNul) expect(make).toThrow(RangeError);
      else expect(make().toString("latin1").split("\0")).toHaveLength(5);
    },
  );
});

const output = fc.tuple(noiseBytes(300), fc.nat(200), cuts);
fuzz(
  "a bounded output is head and tail of all",
  { runs: 28_000, input: output },
  ([bytes, limit, sizes]) => {
    const bounded = new BoundedOutput(limit);
    for (const chunk of chunked(bytes, sizes)) bounded.add(chunk);
    const { output, dropped_bytes } = bounded.result();
    const half = Math.max(1, Math.floor(limit / 2));
    const dropped = Math.max(0, bytes.length - 2 * half);
    const note = Buffer.from(`\n[... ${dropped} bytes left out ...]\n`);
    const expected =
      dropped === 0 ? bytes : Buffer.concat([bytes.subarray(0, half), note, bytes.subarray(-half)]);
    expect(dropped_bytes).toBe(dropped);
    expect(Buffer.compare(Buffer.from(output), expected)).toBe(0);
  },
);

describe("an engine's", () => {
  const framed = (stream: number, payload: Buffer) => {
    const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt32BE(payload.length, 4);
    return Buffer.concat([header, payload]);
  };
  const payloads = fc.array(fc.tuple(fc.nat(2), noiseBytes(60)), { maxLength: 5 });
  fuzz(
    "frames are taken apart wherever they are cut",
    { runs: 14_000, input: fc.tuple(payloads, cuts) },
    ([payloads, sizes]) => {
      const stream = Buffer.concat(payloads.map(([number, payload]) => framed(number, payload)));
      expect(demultiplexed(chunked(stream, sizes))).toEqual(
        Buffer.concat(payloads.map(([, payload]) => payload)),
      );
    },
  );

  fuzz(
    "bytes of any kind are passed on, never more than came",
    { runs: 21_000, input: fc.tuple(noiseBytes(200), cuts) },
    ([bytes, sizes]) => {
      const passed = demultiplexed(chunked(bytes, sizes));
      expect(passed).toEqual(demultiplexed([bytes]));
      expect(passed.length).toBeLessThanOrEqual(bytes.length);
    },
  );

  function demultiplexed(chunks: readonly Buffer[]): Buffer {
    const parts: Buffer[] = [];
    const take = demultiplexer((bytes) => parts.push(Buffer.from(bytes)));
    for (const chunk of chunks) take(chunk);
    return Buffer.concat(parts);
  }

  const NAMES = ["id", "status", "stream", "error", "progressDetail", "current", "total"];
  const lines = fc
    .array(
      recordLike(NAMES).map((value) => JSON.stringify(value)),
      { maxLength: 4 },
    )
    .map((all) => all.join("\n"));
  fuzzAsync(
    "lines of progress are the same wherever they are cut",
    {
      runs: 4_200,
      input: fc.tuple(
        fc.oneof(lines, texts({ tokens: ["{", "}", '"id":', '"a"', "\n", "é"] })),
        cuts,
      ),
    },
    async ([text, sizes]) => {
      const bytes = Buffer.from(text);
      expect(await linesOf(chunked(bytes, sizes))).toEqual(await linesOf([bytes]));
    },
  );

  /** The lines, or the name of the error: what is no such line is told by these two. */
  async function linesOf(chunks: readonly Buffer[]): Promise<EngineLine[] | string> {
    try {
      return await Array.fromAsync(jsonLines(Readable.from(chunks)));
    } catch (error) {
      if (error instanceof Error && ["SyntaxError", "ZodError", "$ZodError"].includes(error.name))
        return error.name;
      throw error;
    }
  }

  const labels = fc.record({
    "tandem.owner": fc.oneof(
      texts({ seeds: [thisOwner()], tokens: ["/", "1", "../"] }),
      fc.constant(thisOwner()),
    ),
    "tandem.expires": texts({ seeds: ["2024-01-01T00:00:00.000Z"], tokens: ["Z"] }),
  });
  fuzz("labels of any kind are somebody's or nobody's", { runs: 7_000, input: labels }, (given) => {
    expect([undefined, "expired", "owner gone"]).toContain(leftReason(given));
  });
});

describe("an archive", () => {
  const file = fc.record({
    path: fc.stringMatching(/^\/[a-zé .]{1,120}$/).filter((path) => !path.includes("..")),
    bytes: noiseBytes(2_000),
  });
  fuzzAsync(
    "of one file gives its bytes back",
    { runs: 800, input: fc.tuple(file, cuts) },
    async ([{ path, bytes }, sizes]) => {
      const archive = await archiveOf(path, bytes);
      const back = await onlyFile(
        Readable.from(
          chunked(
            archive,
            sizes.map((size) => size * 50),
          ),
        ),
      );
      expect(Buffer.compare(Buffer.from(back ?? []), bytes)).toBe(0);
    },
  );

  const damage = fc.array(
    fc.tuple(fc.nat(1_600), fc.constantFrom(0, 32, 48, 55, 57, 120, 128, 255)),
    { maxLength: 4 },
  );
  fuzzAsync(
    "that is damaged ends, with bytes or an error",
    { runs: 1_000, input: fc.tuple(damage, fc.nat(2_100), fc.boolean()) },
    async ([changes, length, resum]) => {
      const archive = Buffer.from(await archiveOf("/x", Buffer.alloc(700, "a")));
      for (const [at, value] of changes) archive[at] = value;
      if (resum) archive.write(checksum(archive), 148, "latin1");
      const read = onlyFile(Readable.from(chunked(archive.subarray(0, length), [512])));
      const bytes = await read.catch((error: unknown) => {
        expect(error).toBeInstanceOf(Error);
        return undefined;
      });
      expect(bytes === undefined || bytes.length <= archive.length).toBe(true);
    },
  );

  async function archiveOf(path: string, bytes: Buffer): Promise<Buffer> {
    const archive = await tarOf([{ path, bytes }]);
    return Buffer.isBuffer(archive) ? archive : Buffer.concat(await Array.fromAsync(archive));
  }

  /** So that damage is not found by the header's own sum. */
  function checksum(archive: Buffer): string {
    const header = Buffer.from(archive.subarray(0, 512)).fill(32, 148, 156);
    const sum = header.reduce((total, value) => total + value, 0);
    return `${sum.toString(8).padStart(6, "0")}\0 `;
  }
});

const PARTS = [
  "{registry}",
  "{repo}",
  "{task}",
  "{x}",
  "/",
  ":",
  "task",
  "ghcr.io",
  "a",
  "-",
  ".",
  "$&",
  "//",
  "A",
];
const naming = fc.tuple(
  texts({ tokens: PARTS, seeds: ["{registry}/cooperbench-{repo}:task{task}"] }),
  texts({ tokens: PARTS, seeds: ["ghcr.io/me"] }),
);
fuzz(
  "an image's name is refused or one word of the engine's",
  { runs: 28_000, input: naming },
  ([image_template, registry]) => {
    for (const given of [{ image_template }, { registry }, { image_template, registry }]) {
      const name = unlessRefused(() => imageNames(given)({ repo: "a_b_task", task_id: 1 }));
      if (name !== undefined) expect(name).toMatch(/^[a-z0-9][a-z0-9._/:-]*$/i);
    }
  },
);

fuzz("floods end", { runs: 200, input: floods([...PARTS, ...PRINTED, NONCE]) }, (text) => {
  unlessRefused(() => imageNames({ registry: text })({ repo: text, task_id: 1 }));
  unlessRefused(() => imageNames({ image_template: text })({ repo: "a", task_id: 1 }));
  const frames = new FrameReader(NONCE, 1_000);
  for (const chunk of chunked(Buffer.from(text), [64])) frames.feed(chunk);
  frames.result(true);
});
