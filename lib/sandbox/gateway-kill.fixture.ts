// Owns a process that holds a sandbox with a gateway until it is killed: cache_dir, task's dir and image's registry as arguments.
import { gatewayServer } from "./gateway.fixture.ts";
import { loadBackend } from "./registry.ts";

if (import.meta.main) {
  const [name = "", cache_dir = "", dir = "", registry] = process.argv.slice(2);
  const port = gatewayServer();
  const backend = (await loadBackend(name)).open(registry === undefined ? {} : { registry }, {
    cache_dir,
    hidden: [],
    unsafe_local: false,
  });
  const task = { repo: "small_task", task_id: 1, dir, task_hash: "small" };
  const sandbox = await backend.open({ task, label: "killed/x", purpose: "agent", gateway: port });
  void sandbox.exec("sleep 9999", { timeout_ms: 1e6 });
  process.stdout.write(`${port.socket}\n`);
  setInterval(() => undefined, 1000);
}
