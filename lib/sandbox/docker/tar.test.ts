import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { temporaryFolder } from "../../core/testing.ts";
import { entriesOf, type FileIn, onlyFile, tarOf, tarOfEntries, tarOfFolder } from "./tar.ts";

async function bytesOf(archive: Buffer | Readable): Promise<Buffer> {
  return Buffer.isBuffer(archive) ? archive : Buffer.concat(await Array.fromAsync(archive));
}

/** Unpacks with tar and lists what is there. */
async function unpack(archive: Buffer | Readable, into: string): Promise<string> {
  const child = Bun.spawnSync(["tar", "-xpf", "-", "-C", into], { stdin: await bytesOf(archive) });
  expect(child.stderr.toString()).toBe("");
  const listed = Bun.spawnSync(["find", ".", "-mindepth", "1", "-printf", "%p %y %m %s %l\\n"], {
    cwd: into,
  });
  return listed.stdout.toString().split("\n").filter(Boolean).sort().join("\n");
}

describe("files", () => {
  const long = `${"d/".repeat(80)}${"n".repeat(150)}`;
  const CASES: [name: string, file: FileIn][] = [
    ["empty", { path: "/empty", bytes: new Uint8Array() }],
    [
      "every byte",
      { path: "/bytes", bytes: Uint8Array.from({ length: 256 }, (_, value) => value) },
    ],
    ["a mode", { path: "/run", bytes: Buffer.from("x"), mode: 0o755 }],
    ["a long name", { path: `/${long}`, bytes: Buffer.from("x") }],
    ["other letters", { path: "/ünï cödé", bytes: Buffer.from("x") }],
    ["a view into a bigger buffer", { path: "/view", bytes: Buffer.from("abcdef").subarray(2, 4) }],
    ["3 MB, which goes out in slices", { path: "/big", bytes: Buffer.alloc(3_000_001, "ab") }],
  ];
  test.each(CASES)("%s", async (_, file) => {
    using folder = temporaryFolder();
    const listed = await unpack(await tarOf([file]), folder.path);
    expect(listed).toContain(
      `.${file.path} f ${(file.mode ?? 0o644).toString(8)} ${file.bytes.length}`,
    );
    const back = await Bun.file(join(folder.path, file.path)).bytes();
    expect(Buffer.compare(back, file.bytes)).toBe(0);
    expect(
      Buffer.compare(
        (await onlyFile(Readable.from(await bytesOf(await tarOf([file]))))) ?? Buffer.from("none"),
        file.bytes,
      ),
    ).toBe(0);
  });

  test("many", async () => {
    using folder = temporaryFolder();
    const files = Array.from({ length: 100 }, (_, n) => ({
      path: `/f${n}`,
      bytes: Buffer.alloc(50_000, n),
    }));
    expect((await unpack(await tarOf(files), folder.path)).split("\n")).toHaveLength(100);
  });

  test("a reader that goes away is an error of the stream, not of the program", async () => {
    const archive = await tarOf([{ path: "/big", bytes: Buffer.alloc(30_000_000) }]);
    if (Buffer.isBuffer(archive)) throw new Error("a big archive is a stream");
    for await (const _ of archive) break;
    expect(archive.destroyed).toBe(true);
  });
});

test("a folder keeps its files, modes and links", async () => {
  using from = temporaryFolder();
  using to = temporaryFolder();
  mkdirSync(join(from.path, "a/b"), { recursive: true });
  writeFileSync(join(from.path, "a/b/run.sh"), "#!/bin/sh\n");
  chmodSync(join(from.path, "a/b/run.sh"), 0o750);
  writeFileSync(join(from.path, "empty"), "");
  symlinkSync("a/b/run.sh", join(from.path, "link"));
  const listed = await unpack(tarOfFolder(from.path), to.path);
  expect(listed).toMatch(
    /^\.\/a d .*\n\.\/a\/b d .*\n\.\/a\/b\/run\.sh f 750 10 \n\.\/empty f 644 0 \n\.\/link l .* a\/b\/run\.sh$/,
  );
});

test("an archive that begins with anything else holds no file", async () => {
  using from = temporaryFolder();
  mkdirSync(join(from.path, "folder"));
  expect(await onlyFile(tarOfFolder(from.path))).toBeUndefined();
  expect(await onlyFile(Readable.from(Buffer.alloc(1024)))).toBeUndefined();
});

test("an archive that is cut off is an error", async () => {
  const whole = await bytesOf(await tarOf([{ path: "/x", bytes: Buffer.alloc(5_000, 1) }]));
  await expect(onlyFile(Readable.from(whole.subarray(0, 3_000)))).rejects.toThrow();
});

describe("entries", () => {
  const entry = (path: string, content: Uint8Array, size_bytes = content.length) => ({
    path,
    size_bytes,
    async *read() {
      yield content;
    },
  });
  const FILES = [
    entry(`${"d/".repeat(100)}long`, Buffer.from("x")),
    entry("empty", new Uint8Array()),
    entry("ünï", Buffer.alloc(3_000_001, "ab")),
  ];

  test("come back one by one, and the system's tar reads them; the same ones are the same bytes", async () => {
    const [once, again] = [await bytesOf(tarOfEntries(FILES)), await bytesOf(tarOfEntries(FILES))];
    expect(once.equals(again)).toBe(true);
    const back: [path: string, is_file: boolean, size: number][] = [];
    for await (const { path, is_file, content } of entriesOf(Readable.from([once])))
      back.push([path, is_file, Buffer.concat(await Array.fromAsync(content)).length]);
    expect(back).toEqual(FILES.map(({ path, size_bytes }) => [path, true, size_bytes]));
    using folder = temporaryFolder();
    expect(await unpack(once, folder.path)).toContain("/long f 644 1");
  });

  test("may be let be, and what is no plain file says so", async () => {
    using from = temporaryFolder();
    symlinkSync("nowhere", join(from.path, "link"));
    const kinds: boolean[] = [];
    for await (const { is_file } of entriesOf(tarOfFolder(from.path))) kinds.push(is_file);
    for await (const { is_file } of entriesOf(tarOfEntries(FILES))) kinds.push(is_file);
    expect(kinds).toEqual([false, true, true, true]);
  });

  test("that are longer or shorter than they say end the stream with an error", async () => {
    for (const size of [0, 1, 3]) {
      const wrong = [entry("x", Buffer.from("ab"), size), ...FILES];
      await expect(bytesOf(tarOfEntries(wrong))).rejects.toThrow();
    }
  });

  test("of a tar that is cut off are an error", async () => {
    const whole = await bytesOf(tarOfEntries(FILES));
    const read = async () => {
      for await (const { content } of entriesOf(Readable.from([whole.subarray(0, 1_000_000)])))
        for await (const _ of content);
    };
    await expect(read()).rejects.toThrow();
  });
});
