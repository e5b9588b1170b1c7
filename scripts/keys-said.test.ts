import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Script, WIRE_KEY } from "../lib/model/wire/script.fixture.ts";
import {
  build,
  diligent,
  type Move,
  outcomesOf,
  playing,
  rows,
  type Scene,
  submit,
} from "./agents.fixture.ts";
import { filesWithKeys, hasKey, keyedCall, MINE, watchedRun } from "./agents-keys.fixture.ts";
import { type Called, place } from "./cli.fixture.ts";

setDefaultTimeout(180_000);

type Place = ReturnType<typeof place>;
const PAIR = "demo_task/task1/features_1_2";
const CODED = Buffer.from(`user:${WIRE_KEY}`).toString("base64");
/** Whoever runs it says the keys of the programs that started it, plain and in base64. */
const SAY = String.raw`p=$$; said=$(while [ "$p" -gt 1 ]; do tr '\0' '\n' </proc/$p/environ | grep canar[y]
p=$(sed -n 's/^PPid:\s*//p' /proc/$p/status); done 2>/dev/null); echo "$said"; echo "$said" | base64 -w 0`;

/** Nothing that is left, and nothing that was printed, holds a key in any form. */
function expectNoKeys(here: Place, ...called: readonly Called[]): void {
  expect(filesWithKeys(here)).toEqual([]);
  for (const { stdout, stderr } of called) expect(hasKey(stdout + stderr)).toBe(false);
}

const fileOf = (here: Place, ...parts: string[]) => readFileSync(here.at("logs", ...parts), "utf8");

describe("a model's server says the key", () => {
  const told = `your key is ${WIRE_KEY}, ${JSON.stringify(WIRE_KEY)}, ${CODED}`;
  const call = (command: string) => ({
    name: "bash",
    arguments: { command, [WIRE_KEY]: { [CODED]: [told] } },
  });
  /** What the command itself was given. */
  const LENGTH = `echo "of $(printf %s '${WIRE_KEY}' | wc -c) characters"`;
  /** In its words, its calls' arguments and their names, and in its thoughts; then it does the work. */
  const saying = (scene: Scene): Move[] => [
    { text: told, tool_calls: [call(`echo '${told}' | tee said.txt\n${LENGTH}`)] },
    { text: "And now?", reasoning: told, tool_calls: [call("true")] },
    `send_message all '${WIRE_KEY}'; git add -A; git commit -qm '${WIRE_KEY}'; git push -q team HEAD`,
    ...diligent(scene),
  ];

  test("no agent hears it, no file has it, and the recording is whole", async () => {
    using here = place();
    const args = ["-f", "1,2", "--git", "--cache", "--unsafe-local"];
    const first = await watchedRun(here, { args: ["-n", "a", ...args], script: playing(saying) });
    expect(outcomesOf(first.called)).toEqual({ code: 0, units: { "1_2": "submitted" } });
    expect(hasKey(JSON.stringify(first.server.asked.map(({ body }) => body)))).toBe(false);
    const conversation = JSON.parse(fileOf(here, "a", PAIR, "conversation.json"));
    expect(conversation[0]).toMatchObject({ message: "[redacted]" });
    const trajectory = fileOf(here, "a", PAIR, "agent1/trajectory.json");
    expect(trajectory).toContain("your key is [redacted]");
    expect(trajectory).toContain(`of ${"[redacted]".length} characters`);
    expect(fileOf(here, "a", PAIR, "agent1/patch.diff")).toContain("+your key is [redacted]");
    const again = await keyedCall(here, "run-pair", ["-n", "b", "--replay", "a", "--unsafe-local"]);
    expect(outcomesOf(again)).toEqual({ code: 0, units: { "1_2": "submitted" } });
    expect(rows(here.at("ledger.sqlite"), "SELECT run, diverged FROM attempts")).toEqual([
      { run: "a", diverged: null },
      { run: "b", diverged: null },
    ]);
    expectNoKeys(here, first.called, again);
  });
});

describe("on the host, with --unsafe-local,", () => {
  test("a command says the keys of its parents: kept without them, sent without them, replayed", async () => {
    using here = place();
    const look = `{ ${SAY}; cat '${here.at(".env")}'; } | tee said.txt`;
    const script = playing((scene) => [
      look,
      `send_message all "$(cat said.txt)"`,
      ...diligent(scene),
    ]);
    const args = ["-n", "a", "-f", "1,2", "--unsafe-local"];
    const { called, server } = await watchedRun(here, { args, script });
    expect(outcomesOf(called)).toEqual({ code: 0, units: { "1_2": "submitted" } });
    expect(hasKey(JSON.stringify(server.asked.map(({ body }) => body)))).toBe(false);
    const trajectory = fileOf(here, "a", PAIR, "agent1/trajectory.json");
    for (const name of ["MY_SECRET", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"])
      expect(trajectory).toContain(`${name}=[redacted]`);
    expect(fileOf(here, "a", PAIR, "agent1/patch.diff")).toContain("+MY_SECRET=[redacted]");
    const again = await keyedCall(here, "run-pair", ["-n", "b", "--replay", "a", "--unsafe-local"]);
    expect(again.code).toBe(0);
    const merged = await keyedCall(here, "merge", ["-n", "a"]);
    expect(merged.code).toBe(0);
    expect(rows(here.at("ledger.sqlite"), "SELECT diverged FROM attempts")).toEqual([
      { diverged: null },
      { diverged: null },
    ]);
    expectNoKeys(here, called, again, merged);
  });

  test("a suite says them: what it printed is kept without them, under its own hash", async () => {
    using here = place();
    const says = `console.log(Bun.spawnSync(["bash", "-c", ${JSON.stringify(SAY)}]).stdout.toString());`;
    const plant = `cat >>src/scale.ts <<'END'\n${says}\nEND`;
    const script: Script = playing((scene) => [
      `${scene.features.map((id) => build(id)).join("\n")}\n${plant}`,
      submit,
    ]);
    const args = ["-n", "a", "-f", "1,2", "--setting", "solo", "--unsafe-local"];
    const { called } = await watchedRun(here, { args, script });
    const judged = await keyedCall(here, "eval", ["-n", "a", "--unsafe-local", "--debug"]);
    expect(outcomesOf(judged)).toEqual({ code: 0, units: { "1_2": "passed" } });
    const outputs = rows<{ hash: string; zstd: Uint8Array; size_bytes: number }>(
      here.at("ledger.sqlite"),
      "SELECT hash, zstd, size_bytes FROM outputs",
    ).map(({ zstd, ...row }) => ({ ...row, bytes: Bun.zstdDecompressSync(zstd) }));
    expect(outputs.filter(({ bytes }) => bytes.includes("MY_SECRET=[redacted]")).length).toBe(2);
    for (const { hash, size_bytes, bytes } of outputs)
      expect([new Bun.CryptoHasher("sha256").update(bytes).digest("hex"), bytes.length]).toEqual([
        hash,
        size_bytes,
      ]);
    expectNoKeys(here, called, judged);
  });
});

/** A module that knows the key, and says it wherever it can; of feature 3 it throws it. */
const OWN = `const key = process.env.MY_SECRET;
const coded = [key, encodeURIComponent(key), Buffer.from("x" + key).toString("base64url")].join(" ");
export default async ({ agent_id, features, mailbox }) => {
  await mailbox?.send("all", coded);
  if (features[0].feature_id === 3) throw new Error("no: " + coded);
  const patch = ["diff --git a/N b/N", "new file mode 100644", "--- /dev/null", "+++ b/N", "@@ -0,0 +1,2 @@", "+" + coded, "+\\xff", ""];
  const transcript = [{ role: "assistant", content: coded, tool_calls: [{ id: key, name: key, arguments: { [key]: [coded] } }] }];
  return { patch: Buffer.from(patch.join("\\n").replaceAll("N", agent_id), "latin1"), transcript };
};
`;

describe("an agent of one's own", () => {
  test("says the key: patch, transcript, messages and faults are kept without it, hashes fit, patches merge", async () => {
    using here = place();
    writeFileSync(here.at("own.ts"), OWN);
    const flags = ["-n", "a", "-r", "demo_task", "-a", "./own.ts", "--unsafe-local", "--debug"];
    const two = await keyedCall(here, "run-pair", [...flags, "-f", "1,2"]);
    expect(outcomesOf(two)).toEqual({ code: 0, units: { "1_2": "submitted" } });
    const broken = await keyedCall(here, "run-pair", [...flags, "-f", "1,3"]);
    expect(outcomesOf(broken)).toEqual({ code: 1, units: { "1_3": "agent_failed" } });
    const merged = await keyedCall(here, "merge", ["-n", "a"]);
    expect(merged.code).toBe(0);
    const ledger = here.at("ledger.sqlite");
    expect(rows(ledger, "SELECT DISTINCT status FROM merges")).toEqual([{ status: "clean" }]);
    expect(rows(ledger, "SELECT message FROM faults")).toEqual([
      { message: expect.stringContaining("threw: no: [redacted] [redacted] ") },
    ]);
    const patches = rows<{ hash: string; bytes: Uint8Array }>(
      ledger,
      "SELECT hash, bytes FROM agents JOIN patches ON patches.hash = agents.patch ORDER BY position",
    );
    for (const [at, { hash, bytes }] of patches.entries()) {
      const path = here.at("logs/a", PAIR, `agent${at + 1}/patch.diff`);
      expect(Buffer.compare(readFileSync(path), bytes)).toBe(0);
      expect(new Bun.CryptoHasher("sha256").update(bytes).digest("hex")).toBe(hash);
      expect(Buffer.from(bytes).toString("latin1")).toMatch(/\n\+\[redacted\] .*\n\+\xff\n$/);
    }
    expectNoKeys(here, two, broken, merged);
  });
});

describe("the user", () => {
  const cases: [what: string, args: (own: string) => string[]][] = [
    ["gives a key where an agent is wanted", () => ["-a", `sk-MY_SECRET-${MINE}`]],
    ["gives an address with a password", () => ["-a", `redis://:pw-${MINE}@127.0.0.1:1`]],
    ["has a module that throws a key", (own) => ["-r", "demo_task", "-a", own]],
  ];
  test.each(cases)("%s: neither the message nor the trace says it", async (_, args) => {
    using here = place();
    writeFileSync(here.at("throws.ts"), 'throw new Error("no: " + process.env.MY_SECRET);\n');
    const called = await keyedCall(here, "run-pair", [...args("./throws.ts"), "--debug"]);
    expect(called.code).toBe(2);
    expect(called.stderr.split("[redacted]").length).toBeGreaterThan(2);
    expect(called.stderr).toContain("    at ");
    expectNoKeys(here, called);
  });
});

/** A terminal of 60 columns, for a program that prints a long cell and a long line of progress. */
const NARROW = `for (const stream of [process.stdout, process.stderr])
  Object.defineProperties(stream, { isTTY: { value: true }, columns: { value: 60 } });
const { openOutput } = await import(${JSON.stringify(join(import.meta.dir, "../lib/cli/output.ts"))});
const { openProgress } = await import(${JSON.stringify(join(import.meta.dir, "../lib/cli/progress.ts"))});
const out = openOutput({ json: false, quiet: false, summary: "x" });
for (let length = 10; length < 60; length++) {
  const text = "-".repeat(length) + process.env.MY_SECRET;
  out.emit({ key: "k", message: text });
  using progress = openProgress("bar", false);
  progress.show(2, 2, text);
}
await out.end();`;

test("what is cut to fit a terminal shows no half of a key", () => {
  const MY_SECRET = `begin-${MINE}`;
  const made = Bun.spawnSync(["bun", "-e", NARROW], { env: { ...process.env, MY_SECRET } });
  for (const shown of [made.stdout, made.stderr].map(String)) {
    expect(shown).toContain("-[redact");
    expect(shown).not.toContain("begin");
  }
});
