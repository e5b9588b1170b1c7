// Owns looking at the backend that sandboxes would run on.
import { bubblewrapWorks } from "../sandbox/isolation.ts";
import type { BackendName } from "../sandbox/open.ts";
import type { Finding } from "./checks.ts";

/** Findings about the chosen backend; `missing` when it could not work at all. */
export async function checkBackend(backend: BackendName): Promise<Finding[]> {
  switch (backend) {
    case "local":
      return [checkBash(), checkBubblewrap()];
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
