import { Database } from "bun:sqlite";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeWith } from "../lib/core/testing.ts";
import { type Script, type Scripted, WIRE_KEY } from "../lib/model/wire/script.fixture.ts";
import { anthropicServer } from "../lib/model/wire/servers.fixture.ts";
import { docker } from "../lib/sandbox/docker/docker.fixture.ts";
import {
  CLAUDE,
  diligent,
  outcomesOf,
  playing,
  rows,
  type Scene,
  sceneOf,
} from "./agents.fixture.ts";
import {
  DOT_ENV,
  FIND,
  filesWithKeys,
  HOST_KEYS,
  hasKey,
  LOOK,
  MINE,
  NOTHING,
  processesWithKeys,
  watchedRun,
} from "./agents-keys.fixture.ts";
import { place } from "./cli.fixture.ts";

setDefaultTimeout(180_000);

/** Looks around, then does its work. */
const curious = (scene: Scene) => [LOOK, "send_message all hello", ...diligent(scene)];

/** What the run's agents were shown of their looking around. */
function found(asked: readonly { readonly turns: readonly { content: string }[] }[]): string[] {
  const texts = asked.flatMap(({ turns }) => turns.map(({ content }) => content));
  return [...new Set(texts.filter((text) => text.includes("environment: ")))].map((text) =>
    text.slice(text.indexOf("environment: ")).replace(/\n\n$/, "\n"),
  );
}

describeWith("docker", "in containers", () => {
  describeWith("redis", "with messages over Redis", () => {
    test("no key is in a container, a process, a file, the ledger or what is printed", async () => {
      using here = place();
      const name = `keys-${process.pid}`;
      const inspected: string[] = [];
      const play = playing(curious);
      const script: Script = async (asked) => {
        if (sceneOf(asked).step === 2) inspected.push(await inspectAll(name));
        return play(asked);
      };
      const more = ["--backend", "docker", "--network", "none", "--redis", "auto", "--git"];
      const args = ["-n", name, "-f", "1,2", ...more];
      const { called, leaks, server } = await watchedRun(here, { args, script });
      expect(outcomesOf(called)).toEqual({ code: 0, units: { "1_2": "submitted" } });
      expect(found(server.asked)).toEqual([NOTHING]);
      expect(inspected.join()).toContain(`"tandem.run": "${name}"`);
      expect(inspected.filter(hasKey)).toEqual([]);
      expect(leaks).toEqual([]);
      expect(filesWithKeys(here)).toEqual([]);
      expect(hasKey(called.stdout + called.stderr)).toBe(false);
    });
  });
});

/** Everything the engine tells of a run's containers and volumes. */
async function inspectAll(run: string): Promise<string> {
  const filter = ["-q", "--filter", `label=tandem.run=${run}`];
  const containers = (await docker("ps", "-a", ...filter)).split("\n");
  const volumes = (await docker("volume", "ls", ...filter)).split("\n");
  return await docker("inspect", ...[...containers, ...volumes].filter((id) => id !== ""));
}

/** A folder that bubblewrap does not hide as a whole, as a user's own working folder may be. */
function openFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync("/var/tmp/tandem-keys-");
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const words = `your key sk-x ${WIRE_KEY}, ${JSON.stringify(WIRE_KEY)} is "wrong"`;
const error = { type: "error", error: { type: "invalid_request_error", message: words } };
/** Servers that say the key in what they refuse with; the last one stops the run. */
const ECHOES: Record<string, Scripted> = {
  "1_3": { status: 400, body: error, headers: { "x-your-key": WIRE_KEY } },
  "1_4": { status: 422, body: `<html>${words}</html>`, headers: { "content-type": "text/html" } },
  "1_5": { status: 429, body: error, headers: { "retry-after": "10800" } },
  "2_3": { status: 401, body: error },
};

describeWith("bwrap", "on the host, isolated", () => {
  test("no key is anywhere, also when the server says it in its errors", async () => {
    using here = place();
    const play = playing((scene) => [LOOK, `cat '${here.at(".env")}'; true`, ...diligent(scene)]);
    const script: Script = (asked) => ECHOES[sceneOf(asked).features.join("_")] ?? play(asked);
    const args = ["-n", "a", "--setting", "solo", "--limit", "5", "-c", "1", "--cache"];
    const { called, leaks, server } = await watchedRun(here, { args, script });
    const refused = ["model_request", "model_request", "provider_down", "model_auth"];
    expect(outcomesOf(called)).toEqual({
      code: 1,
      units: {
        "1_2": "submitted",
        ...Object.fromEntries(Object.keys(ECHOES).map((pair, at) => [pair, refused[at]])),
      },
    });
    expect(found(server.asked)).toEqual([NOTHING]);
    expect(JSON.stringify(server.asked.at(-5)?.turns)).toContain("No such file or directory");
    expect(leaks).toEqual([]);
    expect(filesWithKeys(here)).toEqual([]);
    expect(hasKey(called.stdout + called.stderr)).toBe(false);
    const faults = rows<{ message: string }>(
      here.at("ledger.sqlite"),
      "SELECT message FROM faults",
    );
    // The server's own words are there, in whatever form they came; the key in them is not.
    const clean = faults.filter(({ message }) => message.includes("your key sk-x [redacted]"));
    expect([faults.length, clean.length]).toEqual([4, 4]);
  });
});

describeWith("bwrap", "in a working folder", () => {
  // A tool's home is laid in whole, and somebody may work there; nothing else of the user's is.
  test.each([
    ["of a tool's home, files of keys are closed to commands", ".tool/work", "can be read0\n"],
    ["of the user's, there is nothing", "work", "No such file or directory\n"],
  ])("%s", async (_, name, said) => {
    using folder = openFolder();
    const at = (...parts: string[]) => join(folder.path, ...parts);
    // For the user that commands have where root started us, too.
    chmodSync(folder.path, 0o755);
    for (const made of [".tool/bin", `${name}/.env.d`]) mkdirSync(at(made), { recursive: true });
    writeFileSync(at(name, "readable"), "can be read");
    for (const file of [".env", ".env.local"]) writeFileSync(at(name, file), DOT_ENV);
    const look = `cd '${at(name)}' && cat readable && cat .env .env.* 2>/dev/null | ${FIND}; true`;
    await using server = anthropicServer(playing((scene) => [look, ...diligent(scene)]));
    const places = ["--ledger", at("db/l.sqlite"), "--log-dir", at("logs"), "-r", "demo_task"];
    const args = ["-n", "a", "-m", CLAUDE, "--base-url", server.base_url, "-f", "1,2", ...places];
    const child = Bun.spawn(["bun", join(import.meta.dir, "run-pair.ts"), ...args], {
      cwd: at(name),
      env: {
        ...{ ...process.env, ...HOST_KEYS },
        ...{ HOME: folder.path, PATH: `${at(".tool/bin")}:${process.env.PATH}` },
      },
      stdout: "ignore",
      stderr: "inherit",
    });
    expect(await child.exited).toBe(0);
    const shown = server.asked[2]?.turns.at(-1)?.content;
    expect(shown).toStartWith("[exit status 0]\n");
    expect(shown).toEndWith(said);
  });
});

describe("on the host, with --unsafe-local", () => {
  /**
   * The user's processes and files are open to such commands, tandem's own environment and `.env` too: that is the risk
   * the flag accepts. What they inherit is clean all the same, and so is everything that is kept.
   */
  test("no command inherits a key, and none is written down", async () => {
    using here = place();
    const inherits = LOOK.split("\n", 1).join();
    const script = playing((scene) => [inherits, ...diligent(scene)]);
    const args = ["-n", "a", "-f", "1,2", "--git", "--unsafe-local"];
    const { called, leaks, server } = await watchedRun(here, { args, script });
    expect(outcomesOf(called)).toEqual({ code: 0, units: { "1_2": "submitted" } });
    expect(found(server.asked)).toEqual(["environment: 0\n"]);
    expect(leaks).toEqual([]);
    expect(filesWithKeys(here)).toEqual([]);
    expect(hasKey(called.stdout + called.stderr)).toBe(false);
  });
});

test("what looks for keys finds them", async () => {
  using here = place();
  const packed = Bun.zstdCompressSync(`x${WIRE_KEY}`);
  writeFileSync(here.at("a.zst"), packed);
  writeFileSync(here.at("b"), `x${MINE}`);
  writeFileSync(here.at("c"), `xy${Buffer.from(`xy${MINE}z`).toString("base64")}`);
  using database = new Database(here.at("d.sqlite"));
  database.run("CREATE TABLE outputs (hash TEXT, zstd BLOB)");
  database.run("INSERT INTO outputs VALUES ('x', ?)", [packed]);
  const all = ["a.zst", "b", "c", "d.sqlite"].map((name) => here.at(name));
  expect(filesWithKeys(here).sort()).toEqual(all);
  const child = Bun.spawn(["sleep", "60"], { env: { ...process.env, X: MINE } });
  try {
    while (processesWithKeys(process.pid).length === 0) await Bun.sleep(10);
    expect(processesWithKeys(process.pid)[0]).toStartWith("sleep 60");
    const quick = LOOK.split("\n", 4).join("\n");
    const looked = Bun.spawnSync(["bash", "-c", quick], { env: { ...process.env, KEY: MINE } });
    expect(looked.stdout.toString()).toStartWith("environment: 1\n");
    expect(looked.stdout.toString()).not.toMatch(/(processes|list): 0/);
  } finally {
    child.kill();
  }
});
