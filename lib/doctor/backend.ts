// Owns looking at the backend that sandboxes would run on.
import { asFault } from "../core/fault.ts";
import { hostUser } from "../sandbox/host-user.ts";
import { bubblewrapWorks } from "../sandbox/isolation.ts";
import { countsOwnProcesses } from "../sandbox/local-limits.ts";
import type { BackendName } from "../sandbox/open.ts";
import type { Finding } from "./checks.ts";

/** Findings about the chosen backend; `missing` when it could not work at all. */
export async function checkBackend(backend: BackendName): Promise<Finding[]> {
  switch (backend) {
    case "local":
      return [checkBash(), checkBubblewrap(), ...localLimits()];
    case "docker":
      return await checkEngine();
  }
}

/** Whether an engine answers, and what it is. */
async function checkEngine(): Promise<Finding[]> {
  const { openEngine } = await import("../sandbox/docker/engine.ts");
  try {
    const info = await openEngine().call("asking the engine what it is", (docker) => docker.info());
    const { ServerVersion, OSType, Architecture, NCPU, MemTotal } = info;
    const memory = `${(MemTotal / 1024 ** 3).toFixed(1)} GiB`;
    const found = `engine ${ServerVersion}, ${OSType}/${Architecture}, ${NCPU} CPUs, ${memory}`;
    return [{ part: "docker", state: "good", found }, engineLimits({ ...info })];
  } catch (error) {
    const { message, hint } = asFault(error);
    return [{ part: "docker", state: "missing", found: message, hint }];
  }
}

/** What an engine says of itself, by the limits that it can keep; those that it does not name it keeps. */
const KEPT = { memory: "MemoryLimit", processes: "PidsLimit", CPUs: "CpuCfsQuota" } as const;

/** Which limits of a container hold: an engine without the right to some cgroup starts it without them. */
function engineLimits(info: Readonly<Record<string, unknown>>): Finding {
  const names = Object.entries(KEPT);
  const lost = names.filter(([, key]) => info[key] === false).map(([name]) => name);
  const kept = names.map(([name]) => name).filter((name) => !lost.includes(name));
  const cgroup = info.CgroupVersion === undefined ? "" : `cgroup v${info.CgroupVersion}: `;
  const found = `${cgroup}${[...kept, "file size", "disk (watched)"].join(", ")}`;
  if (lost.length === 0) return { part: "limits", state: "good", found };
  const hint = `the engine cannot limit ${lost.join(", ")}: give it these cgroup controllers`;
  return { part: "limits", state: "poor", found, hint };
}

/** Which limits of a local sandbox hold here; none where nothing isolates. */
function localLimits(): Finding[] {
  if (!bubblewrapWorks()) return [];
  const user =
    hostUser() === undefined ? "your user, without powers" : "a user of its own for each sandbox";
  const counted = countsOwnProcesses();
  const limits = [...(counted ? ["processes"] : []), "file size", "disk (watched)"];
  const found = `${user}; ${limits.join(", ")}; not memory`;
  if (counted) return [{ part: "limits", state: "good", found }];
  const hint = "processes of one sandbox are counted from Linux 5.14 on: update, or use docker";
  return [{ part: "limits", state: "poor", found, hint }];
}

function checkBash(): Finding {
  const bash = Bun.which("bash");
  if (bash !== null) return { part: "bash", state: "good", found: bash };
  return { part: "bash", state: "missing", found: "no bash on the PATH", hint: "install bash" };
}

function checkBubblewrap(): Finding {
  if (bubblewrapWorks())
    return { part: "bubblewrap", state: "good", found: "isolates local commands" };
  const found =
    Bun.which("bwrap") === null ? "not installed" : "installed, but may not make namespaces here";
  const hint =
    "commands of a model need it: apt install bubblewrap, or --unsafe-local to go without";
  return { part: "bubblewrap", state: "poor", found, hint };
}
