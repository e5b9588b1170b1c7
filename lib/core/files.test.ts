import { describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { quickScratch, scratch, sha256, writeIfChanged, writeJson, writeWhole } from "./files.ts";
import { isAlive } from "./owner.ts";
import { temporaryFolder } from "./testing.ts";

const everyByte = Uint8Array.from({ length: 256 }, (_, value) => value);

describe("writeWhole", () => {
  const contents: [title: string, content: string | Uint8Array][] = [
    ["every byte value", everyByte],
    ["nothing", new Uint8Array(0)],
    ["text", "grün\r\nno final newline"],
    ["a part of a larger buffer", everyByte.subarray(3, 7)],
    ["8 MiB", new Uint8Array(8 << 20).fill(0x0a)],
  ];
  test.each(contents)("writes %s, making the folders", (_, content) => {
    using folder = temporaryFolder();
    const path = join(folder.path, "a/b/c.bin");
    writeWhole(path, content);
    expect(Buffer.compare(readFileSync(path), Buffer.from(content))).toBe(0);
    expect(readdirSync(join(folder.path, "a/b"))).toEqual(["c.bin"]);
  });

  test("replaces a file, and a link rather than what it points to", () => {
    using folder = temporaryFolder();
    const [path, link] = [join(folder.path, "file"), join(folder.path, "link")];
    writeWhole(path, "old");
    symlinkSync(path, link);
    writeWhole(link, "new");
    expect([readFileSync(path, "utf8"), readFileSync(link, "utf8")]).toEqual(["old", "new"]);
  });

  test("leaves what was there, and no temporary file, when it fails", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "taken");
    mkdirSync(join(path, "inside"), { recursive: true });
    expect(() => writeWhole(path, "text")).toThrow();
    expect(readdirSync(folder.path)).toEqual(["taken"]);
    expect(readdirSync(path)).toEqual(["inside"]);
  });

  test("shows readers one version or the other, while two processes write", async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "file");
    const writer = `
      const { writeWhole } = await import(${JSON.stringify(join(import.meta.dir, "files.ts"))});
      const [fill, path] = process.argv.slice(-2);
      for (let n = 0; n < 200; n++) writeWhole(path, fill.repeat(100_000));`;
    const children = ["a", "b"].map((fill) =>
      Bun.spawn([process.execPath, "-e", writer, fill, path]),
    );
    const ended = Promise.all(children.map((child) => child.exited));
    const seen = new Set<string>();
    let running = true;
    ended.then(() => {
      running = false;
    });
    while (running) {
      if (existsSync(path)) {
        const text = readFileSync(path, "latin1");
        expect(text.length).toBe(100_000);
        seen.add(text);
      }
      await Bun.sleep(0);
    }
    expect(await ended).toEqual([0, 0]);
    for (const text of seen) expect(text).toBe((text[0] ?? "").repeat(100_000));
    expect(readdirSync(folder.path)).toEqual(["file"]);
  });
});

test("writeJson ends in a newline and reads back", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "a.json");
  writeJson(path, { name: "ü", list: [1, null] });
  const text = readFileSync(path, "utf8");
  expect(text).toBe('{\n  "name": "ü",\n  "list": [\n    1,\n    null\n  ]\n}\n');
});

test("writeIfChanged writes once, and again after a change", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "new/file");
  expect(writeIfChanged(path, everyByte)).toBe(true);
  const { ino } = statSync(path);
  expect(writeIfChanged(path, everyByte)).toBe(false);
  expect(statSync(path).ino).toBe(ino);
  expect(writeIfChanged(path, everyByte.subarray(1))).toBe(true);
  expect(readFileSync(path).length).toBe(255);
});

test("sha256 of text is that of its UTF-8 bytes", () => {
  expect(sha256("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(sha256("ü")).toBe(sha256(new Uint8Array([0xc3, 0xbc])));
});

describe("scratch", () => {
  test("is a fresh folder each time, gone with its contents at the end of the scope", async () => {
    using folder = temporaryFolder();
    const paths: string[] = [];
    {
      await using one = scratch(folder.path, "same");
      await using two = scratch(folder.path, "same");
      paths.push(one.path, two.path);
      mkdirSync(join(one.path, "deep/er"), { recursive: true });
      expect(readdirSync(two.path)).toEqual([]);
    }
    expect(new Set(paths).size).toBe(2);
    expect(paths.map((path) => existsSync(path))).toEqual([false, false]);
  });

  test("is gone after a throw, too", async () => {
    using folder = temporaryFolder();
    const work = async () => {
      await using _place = scratch(folder.path, "work");
      throw new Error("midway");
    };
    await expect(work()).rejects.toThrow("midway");
    expect(readdirSync(join(folder.path, ".tmp"))).toEqual([]);
  });

  test("of a killed process is removed by the next one; those of the living and other files stay", async () => {
    using folder = temporaryFolder();
    const owner = `
      const { scratch } = await import(${JSON.stringify(join(import.meta.dir, "files.ts"))});
      scratch(process.argv.at(-1), "held");
      console.log("ready");
      setInterval(() => {}, 1000);`;
    const living = Bun.spawn([process.execPath, "-e", owner, folder.path]);
    const killed = Bun.spawn([process.execPath, "-e", owner, folder.path]);
    for (const child of [living, killed]) await child.stdout.getReader().read();
    killed.kill("SIGKILL");
    await killed.exited;
    const place = join(folder.path, ".tmp");
    writeFileSync(join(place, "notes"), "");
    expect(readdirSync(place).length).toBe(3);
    {
      await using _mine = scratch(folder.path, "mine");
      const owners = readdirSync(place).map((name) => name.replace(/\..*/, ""));
      expect(owners.sort()).toEqual([`${living.pid}`, `${process.pid}`, "notes"].sort());
    }
    living.kill("SIGKILL");
    await living.exited;
  });
});

test("a quick scratch folder takes bytes, is nobody else's, and is gone at the end of the scope", async () => {
  const paths: string[] = [];
  {
    await using one = quickScratch("same");
    await using two = quickScratch("same");
    paths.push(one.path, two.path);
    writeWhole(join(one.path, "bytes"), everyByte);
    expect(readFileSync(join(one.path, "bytes"))).toEqual(Buffer.from(everyByte));
    expect(readdirSync(two.path)).toEqual([]);
  }
  expect(paths.map((path) => existsSync(path))).toEqual([false, false]);
});

test("isAlive knows the living from the dead", async () => {
  const child = Bun.spawn(["sleep", "60"]);
  expect([isAlive(process.pid), isAlive(child.pid)]).toEqual([true, true]);
  child.kill("SIGKILL");
  await child.exited;
  expect(isAlive(child.pid)).toBe(false);
});
