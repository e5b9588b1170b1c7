// Owns the change of stored hashes from when a configuration was told apart by its server's whole address.
import type { Database } from "bun:sqlite";
import { eq, sql } from "drizzle-orm";
import { text } from "drizzle-orm/sqlite-core";
import { sha256 } from "../lib/core/files.ts";
import { ownServer } from "../lib/core/host.ts";
import { answer } from "./answer.ts";
import { runs } from "./schema.ts";
import { connect } from "./tables.ts";

/** A run's configuration as it is stored, and its hash. */
export type Hashed = { readonly config: string; readonly config_hash: string };

/** The migration that changes them. */
export const SERVER_HASHES = 10;

/** The hash of today: another one where it held an address, and the same for everything else, today's hashes among them. */
export function withoutAddress({ config, config_hash }: Hashed): string {
  const parsed = parseJson(config);
  if (!isObject(parsed) || typeof parsed.base_url !== "string") return config_hash;
  if (sha256(canonical(parsed)) !== config_hash) return config_hash;
  const model = typeof parsed.model === "string" ? parsed.model : null;
  const base_url = ownServer({ model, base_url: parsed.base_url });
  return sha256(canonical({ ...parsed, base_url }));
}

/** Changes the hashes of all runs, inside the caller's transaction. */
export function changeServerHashes(database: Database): void {
  const db = connect(database);
  // As they are stored: whoever reads a configuration tells of one that is damaged.
  const config = text().notNull();
  const stored = answer({ run: text().notNull(), config, config_hash: text().notNull() });
  for (const { run, ...hashed } of stored(db, sql`SELECT run, config, config_hash FROM runs`)) {
    const config_hash = withoutAddress(hashed);
    if (config_hash !== hashed.config_hash)
      db.update(runs).set({ config_hash }).where(eq(runs.run, run)).run();
  }
}

/** Undefined for what is no JSON: whoever reads the configuration tells of it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As configurations were written down to be hashed: keys in order, no white space. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`);
  return `{${fields.join(",")}}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
