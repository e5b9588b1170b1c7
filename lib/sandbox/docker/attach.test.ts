import { describe, expect, test } from "bun:test";
import { demultiplexer } from "./attach.ts";
import { jsonLines } from "./progress.ts";

const frame = (stream: number, payload: string) => {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(Buffer.byteLength(payload, "latin1"), 4);
  return Buffer.concat([header, Buffer.from(payload, "latin1")]);
};

describe("frames", () => {
  const CASES: [name: string, stream: Buffer, output: string][] = [
    ["none", Buffer.alloc(0), ""],
    ["one", frame(1, "hello\n"), "hello\n"],
    ["both streams, in order", Buffer.concat([frame(1, "a"), frame(2, "b"), frame(1, "c")]), "abc"],
    ["empty ones", Buffer.concat([frame(1, ""), frame(1, "x"), frame(2, "")]), "x"],
    ["bytes that look like headers", frame(1, "\x01\0\0\0\0\0\0\x05"), "\x01\0\0\0\0\0\0\x05"],
    [
      "an answer without frames",
      Buffer.from("OCI runtime exec failed\r\n"),
      "OCI runtime exec failed\r\n",
    ],
    [
      "a frame, then none",
      Buffer.concat([frame(1, "a"), Buffer.from("OCI failed")]),
      "aOCI failed",
    ],
  ];
  test.each(CASES)("%s, cut anywhere", (_, stream, output) => {
    for (let size = 1; size <= stream.length + 1; size++) {
      const parts: string[] = [];
      const take = demultiplexer((bytes) => parts.push(Buffer.from(bytes).toString("latin1")));
      for (let at = 0; at < stream.length; at += size) take(stream.subarray(at, at + size));
      expect(parts.join("")).toBe(output);
    }
  });
});

describe("lines", () => {
  const read = async (bytes: Buffer, size: number) => {
    async function* chunks() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    return await Array.fromAsync(jsonLines(chunks()));
  };

  test("of a pull, cut anywhere, letters of several bytes too", async () => {
    const lines = [
      { status: "Pulling für dich", id: "a" },
      { status: "Downloading", id: "b", progressDetail: { current: 1, total: 2 } },
      { error: "no", errorDetail: { message: "no" } },
    ];
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\r\n`).join(""));
    for (let size = 1; size < bytes.length; size += 3)
      expect(await read(bytes, size)).toEqual(lines);
    expect(await read(bytes.subarray(0, -2), 7)).toEqual(lines);
  });

  test.each(["no json\n", '{"status": 3}\n', "[]\n"])("%j is no line", async (text) => {
    await expect(read(Buffer.from(text), 100)).rejects.toThrow();
  });
});
