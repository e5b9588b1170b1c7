// Owns a small host with all that a sandbox must not reach, and what the probe says of it from inside one.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { dirname, join } from "node:path";
import { sha256 } from "../core/files.ts";
import { temporaryFolder } from "../core/testing.ts";
import type { Sandbox } from "./sandbox.ts";
import { processesWith, run } from "./task.fixture.ts";

/** What people call it, the kind of try, and on what. */
export type Target = readonly [name: string, kind: string, target: string];
export type Found = Readonly<Record<string, "reached" | "refused">>;

const MARK = `key-${crypto.randomUUID()}`;
const FILES: readonly (readonly [name: string, path: string])[] = [
  ["`.env`, the user's home", "home/.env"],
  ["`.env`, the user's home", "home/.ssh/id_ed25519"],
  ["dataset, hidden tests, gold patches", "dataset/a_task/task1/feature1/tests.patch"],
  ["dataset, hidden tests, gold patches", "dataset/a_task/task1/feature1/feature.patch"],
  ["folder of `fetch-dataset --from`", "CooperBench/dataset/a_task/task1/feature1/feature.patch"],
  ["ledger", "db/ledger.sqlite"],
  ["logs", "logs/run/agent1/trajectory.json"],
];

/** Nobody writes there but in a container, whose own they are. */
const HOSTS = ["/new", "/etc/new", "/usr/new", "/var/new"];

/** Who may not read it here has none to compare with. */
function shadowHash(): string {
  return process.getuid?.() === 0 ? sha256(readFileSync("/etc/shadow")) : "";
}

/** Files, listeners and a process of the host's; all gone at the end of the scope. */
export async function probedHost(where: "local" | "docker") {
  const folder = temporaryFolder("tandem-probed");
  const at = (path: string) => join(folder.path, path);
  const files = FILES.map(([name, path], index): Target => {
    // Found by its name wherever it were laid in.
    const target = at(`${path}-${index}-${MARK}`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, "SECRET\n");
    return [name, "file", target];
  });
  const listen = (hostname: string) =>
    Bun.listen({ hostname, port: 0, socket: { data: () => undefined } });
  const [loopback, anywhere] = [listen("127.0.0.1"), listen("0.0.0.0")];
  const sleeper = Bun.spawn(["sleep", "600"], { env: { ...process.env, SOME_API_KEY: MARK } });
  const abstract = Bun.spawn(["perl", "-MIO::Socket::UNIX", "-e", LISTEN_ABSTRACT, MARK], {
    stdout: "pipe",
  });
  await abstract.stdout.getReader().read();
  const outside = [
    "/proc/sys/kernel/core_pattern",
    at("home/new"),
    ...(where === "local" ? HOSTS : []),
  ];
  const targets: Target[] = [
    ["keys in the environment of a process", "environment", MARK],
    ...files,
    ["`/etc/shadow`", "same", `${shadowHash()} /etc/shadow`],
    ["socket of a container engine", "socket", "/run/docker.sock"],
    ["socket of a container engine", "socket", "/var/run/docker.sock"],
    ...outside.map((path): Target => ["writing outside", "write", path]),
    ["a signal to a process of the host", "kill", `${sleeper.pid}`],
    [
      "the network (a server on this machine's own address)",
      "tcp",
      `${ownAddress()}:${anywhere.port}`,
    ],
    ["the host's loopback, Redis of another pair on it", "tcp", `127.0.0.1:${loopback.port}`],
    ["abstract sockets of the host's programs", "abstract", MARK],
  ];
  return {
    targets,
    isSleeping: () => sleeper.exitCode === null && sleeper.signalCode === null,
    [Symbol.dispose]() {
      sleeper.kill();
      abstract.kill();
      loopback.stop();
      anywhere.stop();
      folder[Symbol.dispose]();
    },
  };
}

const LISTEN_ABSTRACT =
  '$| = 1; $s = IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => "\\0$ARGV[0]", Listen => 9) or die; print "up\\n"; while ($c = $s->accept) { close $c }';

/** Of this machine in some network; its loopback's where it has none. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return all.find(({ internal, family }) => !internal && family === "IPv4")?.address ?? "127.0.0.1";
}

/** What the probe reaches from inside; a row is refused only where every try is. */
export async function probe(sandbox: Sandbox, targets: readonly Target[]): Promise<Found> {
  const at = (name: string) => join(sandbox.work_path, name);
  await sandbox.put(at("probe.sh"), readFileSync(join(import.meta.dir, "probe.fixture.sh")));
  const odd = `1${Math.floor(Math.random() * 1e9)}.5`;
  const all: Target[] = [...targets, ["a process that outlives its command", "leave", odd]];
  const lines = all.map((target) => `${target.join("\t")}\n`).join("");
  await sandbox.put(at("targets"), Buffer.from(lines));
  const { exit_code, text } = await run(sandbox, `bash '${at("probe.sh")}' '${at("targets")}'`);
  if (exit_code !== 0) throw new Error(`the probe ended with ${exit_code}: ${text}`);
  const found: Record<string, "reached" | "refused"> = {};
  for (const line of text.trim().split("\n")) {
    const [name = "", said] = line.split("\t");
    if (said === "reached" || found[name] === undefined)
      found[name] = said === "reached" ? "reached" : "refused";
  }
  const left = await processesWith(odd);
  return {
    ...found,
    "a process that outlives its command": left.length > 0 ? "reached" : "refused",
  };
}
