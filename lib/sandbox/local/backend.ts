// Owns the backend `local` as the registry knows it: opening it, what doctor asks, and that it leaves nothing but folders.
import { asFault } from "../../core/fault.ts";
import type { Finding } from "../../core/finding.ts";
import type { BackendObject } from "../backend.ts";
import { type Network, networkLine } from "../network.ts";
import { tryGateway } from "./gateway.ts";
import { hostUser } from "./host-user.ts";
import { bubblewrapWorks } from "./isolation.ts";
import { countsOwnProcesses } from "./limits.ts";
import { localBackend } from "./local.ts";
import { assertLocalNetwork, LOCAL_NETWORKS } from "./networks.ts";

export const local: BackendObject<{ readonly network?: Network | undefined }> = {
  name: "local",
  open: ({ network }, place) => localBackend({ ...place, network }),
  check: async () => [checkBash(), checkBubblewrap(), ...limits(), ...(await checkGateway())],
  // Its sandboxes are scratch folders, which are found wherever any process made one.
  leftovers: async () => [],
  networkLine({ network }, { unsafe_local, needs_gateway = false }) {
    assertLocalNetwork({ network, unsafe_local }, needs_gateway);
    if (unsafe_local) return "network: the host's, for all commands (--unsafe-local)";
    return networkLine(LOCAL_NETWORKS, network, needs_gateway);
  },
};

/** Which limits of a sandbox hold here; none where nothing isolates. */
function limits(): Finding[] {
  if (!bubblewrapWorks()) return [];
  const user =
    hostUser() === undefined ? "your user, without privileges" : "a separate user for each sandbox";
  const counted = countsOwnProcesses();
  const held = [...(counted ? ["processes"] : []), "file size", "disk (watched)"];
  const found = `${user}; ${held.join(", ")}; not memory`;
  if (counted) return [{ part: "limits", state: "good", found }];
  const hint = "processes of one sandbox are counted from Linux 5.14 on: update, or use docker";
  return [{ part: "limits", state: "poor", found, hint }];
}

/** Whether agents' programs could call their model from inside; none where nothing isolates. */
async function checkGateway(): Promise<Finding[]> {
  if (!bubblewrapWorks()) return [];
  try {
    await tryGateway();
    const found = "sandboxes reach it on their own loopback, and nothing else";
    return [{ part: "gateway", state: "good", found }];
  } catch (error) {
    const { message } = asFault(error);
    const hint =
      "agents whose programs call their model from inside need it: install util-linux (nsenter), or use --backend docker";
    return [{ part: "gateway", state: "poor", found: message, hint }];
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
