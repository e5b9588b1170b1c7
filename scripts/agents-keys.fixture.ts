// Owns the search for keys: runs with a canary in every key, and everything a run touches looked through.
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Script, WIRE_KEY } from "../lib/model/wire/script.fixture.ts";
import { anthropicServer } from "../lib/model/wire/servers.fixture.ts";
import { CLAUDE, KEYS } from "./agents.fixture.ts";
import type { Called, place } from "./cli.fixture.ts";

type Place = ReturnType<typeof place>;
/** Of this test alone: other tests' processes on this machine have keys too. */
export const MINE = `canary-${process.pid}-${Math.random().toString(36).slice(2)}-0123456789`;
const CANARIES = [WIRE_KEY, MINE];
/** Both ways a key comes in. The one that the server wants is in `.env`, and the environment has none to hide it. */
export const DOT_ENV = `ANTHROPIC_API_KEY=${WIRE_KEY}\nGOOGLE_API_KEY=sk-google-${MINE}\n`;
const NAMES = ["OPENAI_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY", "HF_TOKEN", "MY_SECRET"];
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

/** Files under the place that hold a canary, packed ones unpacked; `.env` is the user's own. */
export function filesWithKeys(here: Place): string[] {
  return readdirSync(here.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== ".env")
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const bytes = readFileSync(path);
      const text = path.endsWith(".zst") ? Bun.zstdDecompressSync(bytes) : bytes;
      return CANARIES.some((canary) => Buffer.from(text).includes(canary));
    });
}

/** Whether a text holds a canary. */
export const hasKey = (text: string) => CANARIES.some((canary) => text.includes(canary));
