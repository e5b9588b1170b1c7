// Owns a second container engine for tests: one that may be killed, with a folder of its own and no part in the first one's.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeWith, temporaryFolder } from "../lib/core/testing.ts";
import { killQuietly } from "../lib/sandbox/kill.ts";
import { runningWith } from "../lib/sandbox/task.fixture.ts";
import { until } from "./faults.fixture.ts";

const DEMO_IMAGE = "akhatua/cooperbench-demo:task1";

/** A describe block that may start engines; elsewhere it skips and prints why, or fails where docker is required. */
export function describeWithOwnEngine(title: string, body: () => void): void {
  const missing = whyNot();
  if (missing === undefined) describeWith("docker", title, body);
  else if ((process.env.TANDEM_REQUIRE ?? "").split(",").includes("docker"))
    throw new Error(
      `"${title}" needs an engine of its own, as TANDEM_REQUIRE lists docker: ${missing}`,
    );
  else process.stderr.write(`skipped: ${title}: ${missing}\n`);
}

/** Innermost first. */
function mountsBelow(folder: string): string[] {
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  const places = mounts.map((line) => line.split(" ")[1] ?? "");
  return places.filter((place) => place.startsWith(`${folder}/`)).toReversed();
}

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return "only root can start an engine";
  const absent = ["dockerd", "unshare"].find((program) => Bun.which(program) === null);
  return absent && `no ${absent} on the PATH`;
}

/** An engine with the demo's image; containers have no network. */
export async function secondEngine() {
  const folder = temporaryFolder("tandem-engine");
  const at = (name: string) => join(folder.path, name);
  const socket = `unix://${at("sock")}`;
  const name = `tandem-test-${process.pid}`;
  const spawn = () => {
    // A killed engine cannot take its pid files away.
    for (const left of ["pid", "exec/containerd/containerd.pid"]) rmSync(at(left), { force: true });
    return Bun.spawn(
      [
        // In a network of its own, always: an engine told to have no bridge deletes the one that it finds, and that
        // would be the bridge of this machine's engine.
        ...["unshare", "--net", "--", "dockerd", "--config-file", at("config.json")],
        ...["--data-root", at("data"), "--exec-root", at("exec"), "--pidfile", at("pid")],
        ...["-H", socket, "--bridge=none", "--iptables=false"],
        ...[`--containerd-namespace=${name}`, `--containerd-plugins-namespace=${name}-plugins`],
      ],
      { stdin: "ignore", stdout: "ignore", stderr: Bun.file(at("log")) },
    );
  };
  const docker = async (...args: readonly string[]) => {
    const child = Bun.spawn(["docker", "-H", socket, ...args], {
      stdout: "pipe",
      stderr: "ignore",
    });
    const [text, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
    return { text: text.trim(), code };
  };
  writeFileSync(at("config.json"), "{}");
  let engine = spawn();
  const up = () => until(async () => (await docker("info")).code === 0);
  await up();
  const pipe = `docker save "$1" | docker -H "$2" load`;
  const loaded = Bun.spawn(["sh", "-c", pipe, "sh", DEMO_IMAGE, socket], { stdout: "ignore" });
  if ((await loaded.exited) !== 0) throw new Error("the demo's image cannot be loaded");
  return {
    /** For DOCKER_HOST. */
    socket,
    docker,
    async kill() {
      engine.kill("SIGKILL");
      await engine.exited;
    },
    async start() {
      engine = spawn();
      await up();
    },
    async [Symbol.asyncDispose]() {
      const ids = (await docker("ps", "-aq")).text.split("\n").filter((id) => id !== "");
      if (ids.length > 0) await docker("rm", "-f", ...ids);
      engine.kill("SIGTERM");
      await engine.exited;
      // What a killed engine's containers left behind names its folder.
      for (const pid of runningWith(folder.path)) killQuietly(pid);
      for (const mount of mountsBelow(folder.path)) Bun.spawnSync(["umount", "-l", mount]);
      folder[Symbol.dispose]();
    },
  };
}
