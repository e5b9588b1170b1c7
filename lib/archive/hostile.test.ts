import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import {
  changeContents,
  compressed,
  fill,
  forge,
  KEY,
  NEVER,
  pack,
  type Raw,
  RUN,
  type TestPlace,
  testPlace,
  unpack,
} from "./archive.fixture.ts";
import { restoreRuns } from "./restore.ts";

// Hundreds of archives are unpacked, on machines that may be busy.
setDefaultTimeout(120_000);

let here: TestPlace;
let there: TestPlace;
let whole: Buffer;
let entries: Raw[];
beforeAll(async () => {
  here = testPlace();
  there = testPlace();
  await fill(here);
  const path = await here.archive([RUN]);
  whole = readFileSync(path);
  entries = await unpack(path);
});
afterAll(() => {
  for (const place of [here, there]) place[Symbol.dispose]();
});

/** Restores in a place that is empty, and stays so; gives what was thrown, and proves that nothing was stored. */
async function refusal(make: (there: TestPlace) => Promise<string>): Promise<Error> {
  const path = await make(there);
  try {
    await restoreRuns({ ledger: there.ledger, log_dir: there.log_dir, path, signal: NEVER });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    expect(error.message).not.toContain("\n");
    expect(there.ledger.runs.all()).toEqual([]);
    expect(there.ledger.query("SELECT count(*) AS n FROM patches")).toEqual([{ n: 0 }]);
    expect(readdirSync(there.log_dir)).toEqual([".tmp"]);
    expect(readdirSync(there.at("logs/.tmp"))).toEqual([]);
    expect(existsSync(there.at("evil"))).toBe(false);
    return error;
  }
  throw new Error("it was restored");
}

const refusalOf = (made: readonly Raw[]) =>
  refusal(async (there) => await pack(there.at("archive"), made));
const ofBytes = (bytes: Uint8Array) =>
  refusal(async (there) => {
    writeFileSync(there.at("archive"), bytes);
    return there.at("archive");
  });

test("the way these cases are made gives an archive that is restored", async () => {
  using there = testPlace();
  const path = await pack(
    there.at("archive"),
    forge(entries, (entry) => entry),
  );
  await restoreRuns({ ledger: there.ledger, log_dir: there.log_dir, path, signal: NEVER });
  expect(there.ledger.attempts.keys({})).toHaveLength(2);
});

test("cut off anywhere it is an error", async () => {
  const cuts = [...Array.from({ length: 20 }, (_, n) => Math.floor((whole.length * n) / 20))];
  for (const cut of [...cuts, whole.length - 1, whole.length - 3, 4, 5]) {
    const { name, message } = await ofBytes(whole.subarray(0, cut));
    expect(["Fault", "UsageError"]).toContain(name);
    expect({ cut, told: /is damaged: |is not an archive/.test(message) }).toEqual({
      cut,
      told: true,
    });
  }
});

test("with one bit changed anywhere it is an error", async () => {
  for (let n = 0; n < 160; n++) {
    const bytes = Buffer.from(whole);
    const at = n < 120 ? Math.floor((whole.length * (n + 0.5)) / 120) : whole.length - (n - 119);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (n % 8)), at);
    const { message } = await ofBytes(bytes);
    expect({ at, told: /is damaged: |is not an archive/.test(message) }).toEqual({
      at,
      told: true,
    });
  }
});

test("with more behind its end it is an error", async () => {
  const more = Buffer.concat([whole, Bun.zstdCompressSync(Buffer.alloc(3_000_000, "x"))]);
  expect((await ofBytes(more)).message).toContain("is damaged: ");
});

const sized = (bytes: Uint8Array) => ({
  size_bytes: bytes.length,
  sha256: createHash("sha256").update(bytes).digest("hex"),
});
const X = Buffer.from("x");
const named = (path: string) => (made: readonly Raw[]) => [
  ...changeContents(made, (contents) => contents.entries.push({ path, ...sized(X) })),
  { path, bytes: X },
];
const contents = (field: string, value: unknown) => (made: readonly Raw[]) =>
  changeContents(made, (all) => void Object.assign(all, { [field]: value }));

describe("an archive", () => {
  const CASES: [what: string, change: (made: readonly Raw[]) => readonly Raw[], message: RegExp][] =
    [
      [
        "of a newer Tandem",
        contents("format_version", 3),
        /newer Tandem \(form 3, this one reads 2\)/,
      ],
      ["of another program", contents("format", "zip"), /is not an archive of Tandem/],
      ["with a field nobody knows", contents("more", 1), /is damaged: .*"more"/],
      ["without runs", contents("runs", []), /is damaged: runs: /],
      [
        "of a run with an odd name",
        contents("runs", [{ run: "../evil", attempts: 0, files: 0, bytes: 0 }]),
        /is not a name of a run/,
      ],
      [
        "that counts wrong",
        contents("runs", [{ run: RUN, attempts: 1, files: 0, bytes: 0 }]),
        /what its table/,
      ],
      ["that leads outside", named("files/first/../../evil"), /has no place in a run/],
      ["that leads to the root", named("/evil"), /has no place in a run/],
      ["that leads outside on Windows", named("files/first/..\\..\\evil"), /has no place in a run/],
      ["with a drive", named("files/first/C:evil"), /has no place in a run/],
      ["with a NUL", named("files/first/a\0b"), /has no place in a run/],
      ["of another run's files", named("files/second/x"), /has no place in a run/],
      ["of another run's rows", named("runs/second/attempts.jsonl"), /has no place in a run/],
      ["with a file under a file", named("files/first/run.json/x"), /has no place in a run/],
      [
        "with a file too many",
        (made) => [...made, { path: "files/first/x", bytes: X }],
        /more than its table/,
      ],
      ["with a file too few", (made) => made.slice(0, -1), /ends early/],
      [
        "in another order",
        ([first, ...rest]) => [...(first ? [first] : []), ...rest.reverse()],
        /not what its table/,
      ],
      ["without a table of contents", (made) => made.slice(1), /is not an archive of Tandem/],
      [
        "whose table of contents is not JSON",
        (made) => [{ path: "manifest.json", bytes: X }, ...made.slice(1)],
        /not JSON/,
      ],
      [
        "with other bytes of the same length",
        (made) =>
          made.map((entry) =>
            entry.path.endsWith("run.json") ? { ...entry, bytes: Buffer.from("[]\n") } : entry,
          ),
        /run\.json has other bytes/,
      ],
      [
        "with an entry twice",
        (made) => changeContents(made, (all) => void all.entries.push(...all.entries.slice(-1))),
        /twice/,
      ],
    ];
  test.each(CASES)("%s", async (_, change, message) => {
    expect((await refusalOf(change(entries))).message).toMatch(message);
  });

  const KINDS: [what: string, flag: string][] = [
    ["a link", "2"],
    ["a hard link", "1"],
    ["a device", "3"],
    ["a folder", "5"],
    ["a pipe", "6"],
  ];
  test.each(KINDS)("with %s in it", async (_, flag) => {
    const plain = Buffer.from(Bun.zstdDecompressSync(whole));
    const at = plain.lastIndexOf(`files/${RUN}/run.json`);
    const header = plain.subarray(at, at + 512);
    header.write(flag, 156, "latin1");
    header.write("/etc/passwd", 157, "latin1");
    header.fill(" ", 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    expect((await ofBytes(await compressed(plain))).message).toContain("is damaged: ");
  });

  test("that unpacks to far more than it says", async () => {
    const bomb = Buffer.from(Bun.zstdDecompressSync(whole)).subarray(0, -1024);
    const more = Buffer.concat([bomb, Buffer.alloc(50_000_000)]);
    expect((await ofBytes(await compressed(more))).message).toContain("unpacks to more than");
  });
});

describe("a row", () => {
  type Row = Record<string, unknown>;
  const set = (fields: Row) => (row: Row) => Object.assign(row, fields);
  const zeros = Bun.zstdCompressSync(Buffer.alloc(50_000_000));
  const CASES: [what: string, table: string, change: (row: Row) => void, message: RegExp][] = [
    [
      "with an unknown column",
      "attempts",
      set({ evil: 1 }),
      /attempts\.jsonl:1: unknown column "evil"/,
    ],
    ["with text for a number", "attempts", set({ wall_ms: "1" }), /"wall_ms" cannot hold "1"/],
    ["with part of a number", "attempts", set({ wall_ms: 1.5 }), /"wall_ms" cannot hold 1.5/],
    ["without its key", "attempts", set({ attempt_key: null }), /"attempt_key" lacks its value/],
    ["with an unknown word", "attempts", set({ outcome: "won" }), /"outcome" cannot hold "won"/],
    ["with odd features", "attempts", set({ features: "1;DROP" }), /"features" cannot hold/],
    ["with a third truth", "scores", set({ passed: 2 }), /"passed" cannot hold 2/],
    ["with broken JSON inside", "runs", set({ config: "{" }), /"config" cannot hold/],
    ["with no base64", "superseded", set({ rows: "!!" }), /"rows" cannot hold/],
    ["of another run", "attempts", set({ run: "second" }), /a row of run "second"/],
    [
      "of another run's attempt",
      "messages",
      set({ attempt_key: KEY.replace(RUN, "second") }),
      /is not of this run/,
    ],
    [
      "whose key leads outside",
      "attempts",
      set({ attempt_key: `${RUN}/../x_task/task1` }),
      /is not an? (attempt|pair) key/,
    ],
    ["whose unit leads outside", "journal", set({ unit: `${RUN}/../evil` }), /is not of this run/],
    ["whose folder leads outside", "superseded", set({ folder: "/evil" }), /is not of this run/],
    ["whose file leads outside", "artefacts", set({ path: "../../evil" }), /leads outside/],
    [
      "of other bytes than its hash",
      "patches",
      set({ bytes: "eHg=" }),
      /patches\.jsonl:1: a patch is not/,
    ],
    ["of another output", "outputs", set({ zstd: "eHg=" }), /an output is not/],
    [
      "of a huge output",
      "outputs",
      set({ zstd: Buffer.from(zeros).toString("base64") }),
      /an output is not/,
    ],
    [
      "without its parent",
      "attempt_suites",
      set({ suite_key: "none" }),
      /rows do not fit together: /,
    ],
  ];
  test.each(CASES)("%s", async (_, table, change, message) => {
    const changed = forge(entries, (entry) => {
      if (!entry.path.endsWith(`/${table}.jsonl`)) return entry;
      const [first = "", ...rest] = Buffer.from(entry.bytes).toString().split("\n");
      const row: Row = JSON.parse(first);
      change(row);
      return { ...entry, bytes: Buffer.from([JSON.stringify(row), ...rest].join("\n")) };
    });
    const error = await refusalOf(changed);
    expect(error).toMatchObject({ name: "Fault", code: "bad_file" });
    expect(error.message).toMatch(message);
  });

  test.each(["meta", "migrations", "sqlite_master", "evil"])("of the table %s", async (table) => {
    const path = `runs/${RUN}/${table}.jsonl`;
    const made = forge([...entries, { path, bytes: Buffer.from("{}\n") }], (entry) => entry);
    expect((await refusalOf(made)).message).toContain(`unknown table "${table}"`);
  });

  test.each(["[]", "null", "1", "{", '"x"'])("that is %s", async (text) => {
    const changed = forge(entries, (entry) =>
      entry.path.endsWith("/attempts.jsonl") ? { ...entry, bytes: Buffer.from(text) } : entry,
    );
    expect((await refusalOf(changed)).message).toMatch(/a row is not (a )?JSON|counts/);
  });
});
