import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { configHash, type RunConfig } from "../lib/attempt/config.ts";
import { sha256 } from "../lib/core/files.ts";
import { temporaryFolder } from "../lib/core/testing.ts";
import { lineOf } from "./archived-row.ts";
import { memoryLedger } from "./ledger.fixture.ts";
import { openLedger } from "./ledger.ts";
import { SERVER_HASHES, withoutAddress } from "./server-hashes.ts";

const FOLDER = join(import.meta.dir, "migrations");
const NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".sql"))
  .sort();

const made = (model: string | null, base_url: string | null) =>
  ({ backend: "local", base_url, cache: false, max_steps: 100, model }) as unknown as RunConfig;
/** Keys are in order already. */
const oldHash = (config: RunConfig) => sha256(JSON.stringify(config));
const CONFIGS: Record<string, RunConfig> = {
  plain: made("anthropic/claude", null),
  port: made("local/qwen", "http://127.0.0.1:8000/v1"),
  restarted: made("local/qwen", "http://localhost:8123/v1/"),
  proxy: made("anthropic/claude", "https://proxy.example.org/v1"),
  public: made("anthropic/claude", "https://api.anthropic.com/v1"),
  free: made(null, null),
};

/** A ledger as the program before left it. */
function oldLedger(path: string): Database {
  const old = new Database(path, { create: true });
  old.run("CREATE TABLE migrations (position INTEGER PRIMARY KEY, hash TEXT, applied_at TEXT)");
  for (const [position, name] of NAMES.slice(0, SERVER_HASHES).entries()) {
    const text = readFileSync(join(FOLDER, name), "utf8");
    for (const statement of text.split("--> statement-breakpoint")) old.run(statement);
    old.query("INSERT INTO migrations VALUES (?, ?, '')").run(position, sha256(text));
  }
  for (const [run, config] of Object.entries(CONFIGS)) addOld(old, run, config, oldHash(config));
  return old;
}

function addOld(old: Database, run: string, config: unknown, hash: string): void {
  old
    .query("INSERT INTO runs VALUES (?,'coop','mini',NULL,?,?,'0','0','0','d','now',NULL)")
    .run(run, typeof config === "string" ? config : JSON.stringify(config), hash);
}

const hashes = (database: Database) =>
  Object.fromEntries(
    database
      .query<{ run: string; config_hash: string }, []>("SELECT run, config_hash FROM runs")
      .all()
      .map(({ run, config_hash }) => [run, config_hash]),
  );

test("A15: a ledger of before has today's hashes, and those without an address keep theirs", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "ledger.sqlite");
  oldLedger(path).close();
  using ledger = openLedger(path);
  const stored = Object.fromEntries(ledger.runs.all().map((row) => [row.run, row.config_hash]));
  const wanted = Object.entries(CONFIGS).map(([run, config]) => [run, configHash(config)]);
  expect(stored).toEqual(Object.fromEntries(wanted));
  expect(stored.plain).toBe(oldHash(CONFIGS.plain as RunConfig));
  expect(stored.public).toBe(stored.plain);
  expect(stored.restarted).toBe(stored.port);
  expect(stored.proxy).not.toBe(stored.plain);
});

test("A15: hashes of other makers, and configurations that cannot be read, stay as they are", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "ledger.sqlite");
  const old = oldLedger(path);
  addOld(old, "imported", { base_url: "http://a:1" }, "of its own");
  addOld(old, "damaged", "{", "damaged");
  addOld(old, "list", [1], "list");
  old.close();
  using ledger = openLedger(path);
  const rows = ledger.query(
    "SELECT run, config_hash FROM runs WHERE run IN ('imported','damaged','list')",
  );
  expect(rows).toEqual([
    { run: "damaged", config_hash: "damaged" },
    { run: "imported", config_hash: "of its own" },
    { run: "list", config_hash: "list" },
  ]);
});

test("A15: a migration that is broken off changed nothing, and the next one does it", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "ledger.sqlite");
  const old = oldLedger(path);
  const before = hashes(old);
  old.run(
    "CREATE TRIGGER broken AFTER UPDATE ON runs WHEN NEW.run = 'restarted' BEGIN SELECT RAISE(ABORT, 'pulled'); END",
  );
  old.close();
  expect(() => openLedger(path)).toThrow("pulled");
  const after = new Database(path);
  expect(hashes(after)).toEqual(before);
  expect(after.query("SELECT count(*) AS n FROM migrations").get()).toEqual({ n: SERVER_HASHES });
  after.run("DROP TRIGGER broken");
  after.close();
  using ledger = openLedger(path);
  expect(ledger.runs.find("restarted")?.config_hash).toBe(
    configHash(CONFIGS.restarted as RunConfig),
  );
});

describe("A15: a run out of an archive of before", () => {
  test.each(Object.entries(CONFIGS))("%s has today's hash", (run, config) => {
    using ledger = memoryLedger();
    const { config_hash: _, ...row } = {
      ...{ run, setting: "coop", agent: "mini", model: config.model, config_hash: "" },
      ...{ config: JSON.stringify(config), tandem_version: "0", bun_version: "0" },
      ...{ git_version: "0", dataset_hash: "d", created_at: "now", edition: null },
    };
    const line = lineOf({ ...row, config_hash: oldHash(config) });
    ledger.archive.put([{ table: "runs", row: ledger.archive.row("runs", line) }], () => undefined);
    expect(ledger.runs.find(run)?.config_hash).toBe(configHash(config));
  });

  test("and one of today keeps it", () => {
    for (const config of Object.values(CONFIGS)) {
      const today = { config: JSON.stringify(config), config_hash: configHash(config) };
      expect(withoutAddress(today)).toBe(today.config_hash);
    }
  });
});
