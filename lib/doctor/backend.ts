// Owns looking at the backend that sandboxes would run on.
import { asFault } from "../fault.ts";
import { bubblewrapWorks } from "../sandbox/isolation.ts";
import type { BackendName } from "../sandbox/open.ts";
import type { Finding } from "./checks.ts";

/** Findings about the chosen backend; `missing` when it could not work at all. */
export async function checkBackend(backend: BackendName): Promise<Finding[]> {
  switch (backend) {
    case "local":
      return [checkBash(), checkBubblewrap()];
    case "docker":
      return [await checkEngine()];
  }
}

/** Whether an engine answers, and what it is. */
async function checkEngine(): Promise<Finding> {
  const { openEngine } = await import("../sandbox/docker/engine.ts");
  try {
    const info = await openEngine().call("asking the engine what it is", (docker) => docker.info());
    const { ServerVersion, OSType, Architecture, NCPU, MemTotal } = info;
    const memory = `${(MemTotal / 1024 ** 3).toFixed(1)} GiB`;
    const found = `engine ${ServerVersion}, ${OSType}/${Architecture}, ${NCPU} CPUs, ${memory}`;
    return { part: "docker", state: "good", found };
  } catch (error) {
    const { message, hint } = asFault(error);
    return { part: "docker", state: "missing", found: message, hint };
  }
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
