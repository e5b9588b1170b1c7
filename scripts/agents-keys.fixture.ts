// Owns the search for keys: runs with a canary in every key, and everything a run touches looked through.
import { Database } from "bun:sqlite";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formsHeld } from "../lib/core/redact.fixture.ts";
import { type Script, WIRE_KEY } from "../lib/model/wire/script.fixture.ts";
import { anthropicServer } from "../lib/model/wire/servers.fixture.ts";
import { CLAUDE, KEYS } from "./agents.fixture.ts";
import type { Called, place } from "./cli.fixture.ts";

type Place = ReturnType<typeof place>;
/** Of this test alone: other tests' processes on this machine have keys too. */
export const MINE = `canary-${process.pid}-${Math.random().toString(36).slice(2)}-0123456789`;
const CANARIES = [WIRE_KEY, MINE];
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** Both ways a key comes in. The one that the server wants is in `.env`, and the environment has none to hide it. */
export const DOT_ENV = `ANTHROPIC_API_KEY=${WIRE_KEY}\nGOOGLE_API_KEY=sk-google-${MINE}\n`;
const NAMES = ["OPENAI_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY", "HF_TOKEN", "MY_SECRET"];
/** Of a step whose keys are to be found again. */
const ENVIRONMENT = Object.fromEntries(NAMES.map((name) => [name, `sk-${name}-${MINE}`]));

/** A key that the environment has already wins over `.env`: the host's own must not get in the way. */
export const HOST_KEYS = Object.fromEntries(
  Object.keys(KEYS)
    .filter((name) => process.env[name] !== undefined)
    .map((name) => [name, WIRE_KEY]),
);

/** What an agent may see of any canary: its pattern does not match the command that looks for it. */
export const FIND = "grep -aocE 'canar[y]-[0-9a-z-]*0123456789'";
export const LOOK = [
  `echo "environment: $(env | ${FIND})"`,
  `echo "parent: $(tr '\\0' '\\n' 2>/dev/null </proc/$PPID/environ | ${FIND})"`,
  `echo "processes: $(cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | ${FIND})"`,
  `echo "list: $(ps auxeww 2>/dev/null | ${FIND})"`,
  `echo "files: $(cat $(find "$PWD/.." "$HOME" /tmp /etc /run /workspace /patches -xdev -type f -size -1000k 2>/dev/null) 2>/dev/null | ${FIND})"`,
].join("\n");
export const NOTHING = "environment: 0\nparent: 0\nprocesses: 0\nlist: 0\nfiles: 0\n";

/** A step of the same user, in the same place, with the same keys. */
export async function keyedCall(here: Place, step: string, args: readonly string[]) {
  writeFileSync(here.at(".env"), DOT_ENV);
  return await here.apart(step, args, { env: { ...HOST_KEYS, ...ENVIRONMENT } });
}

type Run = { readonly args: readonly string[]; readonly script: Script };

/** Runs the step with keys while every process of this machine is watched; `leaks` are those that held a canary. */
export async function watchedRun(here: Place, { args, script }: Run) {
  const leaks = new Set<string>();
  await using server = anthropicServer(script);
  writeFileSync(here.at(".env"), DOT_ENV);
  const base = ["-m", CLAUDE, "--base-url", server.base_url, "-r", "demo_task", "--debug"];
  const child = here.start("run-pair", [...args, ...base], {
    env: { ...HOST_KEYS, ...ENVIRONMENT },
  });
  const timer = setInterval(() => {
    for (const leak of processesWithKeys(child.pid)) leaks.add(leak);
  }, 5);
  try {
    const texts = [child.stdout, child.stderr].map((stream) => new Response(stream).text());
    const [stdout = "", stderr = ""] = await Promise.all(texts);
    const called: Called = { code: await child.exited, stdout, stderr };
    return { called, leaks: [...leaks], server };
  } finally {
    clearInterval(timer);
  }
}

/** Command lines of processes that have a canary in environment or arguments, without the step itself. */
export function processesWithKeys(own: number): string[] {
  const mine = textOf(`/proc/${own}/cmdline`);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== own)
    .flatMap((pid) => {
      const line = textOf(`/proc/${pid}/cmdline`);
      // Between fork and exec a child is still the step's image.
      if (line === mine || !`${line}${textOf(`/proc/${pid}/environ`)}`.includes(MINE)) return [];
      return [`${line.replaceAll("\0", " ")} (${programOf(pid)})`];
    });
}

/** A process may end, or be somebody else's, while it is looked at. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function programOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return "gone";
  }
}

/** Files under the place that hold a canary in any form, what is packed in them unpacked; `.env` is the user's own. */
export function filesWithKeys(here: Place): string[] {
  return readdirSync(here.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== ".env")
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => [readFileSync(path), ...blobsOf(path)].map(unpacked).some(hasKey));
}

/** Whether text or bytes hold a canary in any form. */
export const hasKey = (content: string | Uint8Array) =>
  CANARIES.some((canary) => formsHeld(content, canary).length > 0);

function unpacked(bytes: Uint8Array): Uint8Array {
  const isPacked = Buffer.from(bytes).subarray(0, ZSTD_MAGIC.length).equals(ZSTD_MAGIC);
  return isPacked ? Bun.zstdDecompressSync(bytes) : bytes;
}

/** Every piece of bytes in every table of a ledger; other files have none. */
export function blobsOf(path: string): Uint8Array[] {
  if (!path.endsWith(".sqlite")) return [];
  using database = new Database(path, { readonly: true });
  const tables = database
    .query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table'")
    .all();
  return tables.flatMap(({ name }) =>
    database
      .query<Record<string, unknown>, []>(`SELECT * FROM "${name}"`)
      .all()
      .flatMap((row) => Object.values(row).filter((value) => value instanceof Uint8Array)),
  );
}
