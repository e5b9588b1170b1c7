// Owns studies in trouble for tests: real processes on one study, a model that answers when it may, and a look at what is left.
import { Database } from "bun:sqlite";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { isTemporary } from "../lib/core/files.ts";
import type { Scripted } from "../lib/model/wire/script.fixture.ts";
import { anthropicServer } from "../lib/model/wire/servers.fixture.ts";
import { docker } from "../lib/sandbox/docker/docker.fixture.ts";
import {
  CLAUDE,
  diligent,
  KEYS,
  type Move,
  playing,
  type Scene,
  sceneOf,
} from "./agents.fixture.ts";
import { ended, place } from "./cli.fixture.ts";

export { ended };

const PATIENCE_MS = 90_000;

/** Waits for a condition. Throws after a minute and a half, with what `told` says then. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  told: () => unknown = () => holds,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it never came to it: ${told()}`);
    await Bun.sleep(25);
  }
}

/** A place with the study `s`; its sections follow the name. */
export function studyPlace(sections: string) {
  const here = place();
  const file = here.at("study.toml");
  writeFileSync(file, `name = "s"\n${sections}`);
  const path = here.at("ledger.sqlite");
  const started: ReturnType<typeof Bun.spawn>[] = [];
  const rows = <Row = Record<string, unknown>>(sql: string): Row[] => rowsOf<Row>(path, sql);
  const start = (
    args: readonly string[] = ["eval"],
    env: Readonly<Record<string, string>> = {},
  ) => {
    const child = startStudy(here, [...args], { ...KEYS, ...env });
    started.push(child);
    return child;
  };
  return {
    ...here,
    file,
    rows,
    start,
    /** One whole call of the runner, in this process. */
    run: (args: readonly string[] = ["eval"], env: Readonly<Record<string, string>> = {}) =>
      here.call("pipeline", ["-f", file, ...args], { env: { ...KEYS, ...env } }),
    events: (event: string) =>
      rows<{ step: string; unit: string }>(
        `SELECT step, unit FROM journal WHERE event = '${event}' ORDER BY id`,
      ).map(({ step, unit }) => `${step} ${shortOf(unit)}`),
    /** Stops a process that holds no lock on the ledger: everybody would wait for it. */
    async freeze(child: { readonly kill: (signal: NodeJS.Signals) => void }) {
      for (;;) {
        child.kill("SIGSTOP");
        await Bun.sleep(20);
        if (isFree(path)) return;
        child.kill("SIGCONT");
        await Bun.sleep(20);
      }
    },
    leases: () => rows<{ owner: string; unit: string; step: string }>("SELECT * FROM leases"),
    async [Symbol.asyncDispose]() {
      for (const child of started) if (child.exitCode === null) child.kill("SIGKILL");
      await Promise.all(started.map(({ exited }) => exited));
      here[Symbol.dispose]();
    },
  };
}
export type StudyPlace = ReturnType<typeof studyPlace>;

/** `coop 1_2` of an attempt's key. */
export const shortOf = (key: string) => key.replace(/^s-(.*)\/demo_task\/task1\/features_/, "$1 ");

/** In a process group of its own, as a shell starts it: a signal to the group reaches git and other helpers too. */
function startStudy(here: ReturnType<typeof place>, args: string[], env: Record<string, string>) {
  const places = ["--ledger", here.at("ledger.sqlite"), "--log-dir", here.at("logs")];
  const runner = join(import.meta.dir, "pipeline.ts");
  const study = ["-f", here.at("study.toml"), "--dataset-dir", here.at("dataset")];
  return Bun.spawn(["bun", runner, ...study, ...args, ...places], {
    cwd: here.path,
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    detached: true,
  });
}
export type Runner = ReturnType<typeof startStudy>;

/** Ctrl-C: the whole group hears it. */
export const interrupt = ({ pid }: Runner) => process.kill(-pid, "SIGINT");

/** Whether a ledger may be written to now. */
function isFree(path: string): boolean {
  using database = new Database(path);
  database.run("PRAGMA busy_timeout = 0");
  try {
    database.run("BEGIN IMMEDIATE");
  } catch {
    return false;
  }
  database.run("ROLLBACK");
  return true;
}

/** Rows of a ledger that another process may be making just now. */
export function rowsOf<Row>(path: string, sql: string): Row[] {
  if (!existsSync(path)) return [];
  using database = new Database(path, { readonly: true });
  database.run("PRAGMA busy_timeout = 10000");
  if (database.query("SELECT 1 FROM sqlite_master WHERE name = 'journal'").get() === null)
    return [];
  return database.query<Row, []>(sql).all();
}

/** Units that a step was done for twice, without having been set aside between: there must be none. */
export const doneTwice = (here: StudyPlace) =>
  here.rows(
    "SELECT unit, step FROM journal WHERE event = 'done' GROUP BY unit, step HAVING count(*) > 1",
  );

/** Verdicts by arm and pair. */
export function verdicts(here: StudyPlace): Record<string, string> {
  const found = here.rows<{ attempt_key: string; outcome: string }>(
    "SELECT attempt_key, outcome FROM scores WHERE policy = 'union' ORDER BY 1",
  );
  return Object.fromEntries(
    found.map(({ attempt_key, outcome }) => [shortOf(attempt_key), outcome]),
  );
}

/** The report without what time and machine make different. */
export async function reportOf(here: StudyPlace): Promise<string> {
  const parts = ["--json", "--parts", "runs,outcomes,paths,causes,repos"];
  const { code, stdout, stderr } = await here.call("report", parts);
  if (code !== 0) throw new Error(`report ended with ${code}: ${stderr}`);
  return stdout;
}

/** What check-ledger finds missing or changed; nothing, if all is well. */
export async function checked(here: StudyPlace): Promise<string> {
  const { code, stdout } = await here.call("check-ledger", ["--json"]);
  return code === 0 ? "" : stdout;
}

/** What these processes left: half-written files, scratch folders, containers. */
export async function leftBy(here: StudyPlace, pids: readonly number[]): Promise<string[]> {
  const logs = here.at("logs");
  const files = existsSync(logs) ? readdirSync(logs, { recursive: true }).map(String) : [];
  const shared = [tmpdir(), "/dev/shm"].flatMap((root) => {
    const folder = join(root, `tandem-${userInfo().uid}`, ".tmp");
    return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  });
  const ofThem = (path: string) => pids.includes(Number.parseInt(path.split("/").at(-1) ?? "", 10));
  const label = '{{.ID}} {{.Label "tandem.owner"}}';
  const containers = (await docker("ps", "-a", "--filter", "label=tandem", "--format", label))
    .split("\n")
    .filter((line) => pids.includes(Number(line.split("/")[2])));
  return [
    ...files.filter((path) => isTemporary(path) || /(^|\/)\.tmp\/./.test(path)),
    ...shared.filter(ofThem),
    ...containers,
  ];
}

/** A model that builds and submits; answers that `holds` names wait until they are let go. */
export function heldModel(
  options: {
    readonly holds?: (scene: Scene) => boolean;
    readonly moves?: (scene: Scene) => readonly Move[];
    /** Instead of the answer, where it is not undefined. */
    readonly trouble?: (scene: Scene) => Scripted | undefined;
  } = {},
) {
  const waiting: { readonly name: string; readonly go: () => void }[] = [];
  const play = playing(options.moves ?? diligent);
  let open = false;
  const server = anthropicServer(async (asked) => {
    const scene = sceneOf(asked);
    if (!open && options.holds?.(scene))
      await new Promise<void>((go) => {
        waiting.push({ name: `${scene.features.join("_")} step ${scene.step}`, go });
      });
    return options.trouble?.(scene) ?? (await play(asked));
  });
  return {
    served: server.served,
    /** For a study's [defaults]. */
    defaults: `model = "${CLAUDE}"\nbase_url = "${server.base_url}"\n`,
    /** Requests that wait, such as `1_2 step 2`. */
    waiting: () => waiting.map(({ name }) => name),
    /** Answers all that wait, and from now on at once. */
    letGo() {
      open = true;
      for (const { go } of waiting.splice(0)) go();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
