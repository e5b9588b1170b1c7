// Owns a study on one driver and several workers, for tests: each worker in a process table of its own, all of them mishandled.
import { Database } from "bun:sqlite";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { OWN_TABLE, temporaryFolder } from "../lib/core/testing.ts";
import { testServer } from "../lib/team/redis.fixture.ts";

const SCRIPTS = import.meta.dir;
const QUEUE = "mishandled";

/** The demo's pairs with reference patches; `arms` adds recorded agents, who talk or do it alone. */
export function studyText(pairs: number, arms: boolean): string {
  const more = `\n[arms.coop]\nagent = "mini"\n\n[arms.solo]\nsetting = "solo"\nagent = "mini"\n`;
  return `name = "${QUEUE}"\n[pairs]\nrepo = "demo_task"\nlimit = ${pairs}
[defaults]\nmodel = "replay/demo"\n[arms.gold]\nagent = "gold"\n${arms ? more : ""}
[retries]\nwait_s = 0.2\n[evaluation]\npolicies = ["union"]\n`;
}

/** A folder with the study in it, a server that forgets everything when it ends, and processes of Tandem. */
export async function scene(text: string) {
  const ends = new AsyncDisposableStack();
  const folder = temporaryFolder("tandem-workers");
  ends.defer(() => folder[Symbol.dispose]());
  const at = (...parts: string[]) => join(folder.path, ...parts);
  await Bun.write(at("study.toml"), text);
  const redis = ends.use(await testServer());
  const spawn = (command: readonly string[], cwd: string, env: Record<string, string> = {}) => {
    const child = Bun.spawn([...command], {
      ...{ cwd, env: { ...process.env, ...env } },
      ...{ stdin: "ignore", stdout: "pipe", stderr: "pipe" },
    });
    ends.defer(async () => {
      child.kill("SIGKILL");
      await child.exited;
    });
    return child;
  };
  const tandem = (name: string, ...args: string[]) => ["bun", join(SCRIPTS, `${name}.ts`), ...args];
  return {
    ...{ at, redis, folder: folder.path },
    /** In a process table of its own, as on another machine. */
    async worker(name: string, env: Record<string, string> = {}, more: readonly string[] = []) {
      await mkdir(at(name), { recursive: true });
      const flags = ["--redis", redis.url, "--queue", QUEUE, "-c", "2", "--name", name, ...more];
      const child = spawn([...OWN_TABLE, ...tandem("worker", ...flags)], at(name), env);
      // Its pid outside: the child of the program that makes the table.
      const pid = await childOf(child.pid);
      const signal = (what: NodeJS.Signals) => process.kill(pid, what);
      return { child, signal };
    },
    /** Takes the study as far as its report; with workers, or alone. */
    driver(
      ledger: string,
      { queued, env = {} }: { queued: boolean; env?: Record<string, string> },
    ) {
      const far = ["--engine", "bullmq", "--redis", redis.url, "--worker-silence", "2", "-c", "30"];
      const places = ["--ledger", at(`${ledger}.sqlite`), "--log-dir", at(`${ledger}-logs`)];
      return spawn(
        tandem("pipeline", "-f", "study.toml", "--json", ...places, ...(queued ? far : [])),
        folder.path,
        env,
      );
    },
    /** Answers of the ledger, as it is at the moment; none before it is there. */
    rows<Row>(ledger: string, sql: string): Row[] {
      try {
        using database = new Database(at(`${ledger}.sqlite`), { readonly: true });
        return database.query<Row, []>(sql).all();
      } catch {
        return [];
      }
    },
    [Symbol.asyncDispose]: async () => await ends.disposeAsync(),
  };
}
export type Scene = Awaited<ReturnType<typeof scene>>;

async function childOf(pid: number): Promise<number> {
  for (;;) {
    const found = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    if (found !== "") return Number(found.split(" ")[0]);
    await Bun.sleep(10);
  }
}

export const textOf = async (stream: ReadableStream<Uint8Array>) =>
  await new Response(stream).text();

/** Waits until so many attempts are done. */
export async function done(at: Scene, ledger: string, attempts: number): Promise<void> {
  const sql = "SELECT count(*) AS n FROM attempts";
  while ((at.rows<{ n: number }>(ledger, sql)[0]?.n ?? 0) < attempts) await Bun.sleep(50);
}

/** Everything that can end badly, once; `frozen_ms` is how long one worker stands still. */
export async function mishandle(at: Scene, attempts: number, frozen_ms: number): Promise<string> {
  const [first, second] = [await at.worker("first"), await at.worker("second")];
  await at.worker("third");
  const driver = at.driver("shared", { queued: true });
  await done(at, "shared", Math.ceil(attempts / 10));
  first.signal("SIGKILL");
  second.signal("SIGSTOP");
  const thaw = Bun.sleep(frozen_ms).then(() => second.signal("SIGCONT"));
  await done(at, "shared", Math.ceil(attempts / 4));
  await at.redis.kill();
  await at.redis.start();
  await done(at, "shared", Math.ceil(attempts / 2));
  driver.kill("SIGKILL");
  await driver.exited;
  const again = at.driver("shared", { queued: true });
  const [code, stdout, stderr] = await Promise.all([
    again.exited,
    textOf(again.stdout),
    textOf(again.stderr),
  ]);
  await thaw;
  if (code !== 0) throw new Error(`the driver ended with ${code}: ${stderr}`);
  return stdout;
}

/** The same study, by one process. */
export async function alone(at: Scene): Promise<string> {
  const driver = at.driver("alone", { queued: false });
  const [code, stdout, stderr] = await Promise.all([
    driver.exited,
    textOf(driver.stdout),
    textOf(driver.stderr),
  ]);
  if (code !== 0) throw new Error(`the study alone ended with ${code}: ${stderr}`);
  return stdout;
}

/** Units that were done more than once, or not at all. */
export function notOnce(at: Scene, ledger: string): readonly string[] {
  return at
    .rows<{ unit: string; step: string; n: number }>(
      ledger,
      "SELECT unit, step, sum(event = 'done') AS n FROM journal GROUP BY unit, step HAVING n <> 1",
    )
    .map(({ unit, step, n }) => `${step} ${unit}: ${n}`);
}
