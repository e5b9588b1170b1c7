// Owns a process whose files an engine does not see: it opens a sandbox with a gateway there, and prints what came through.
import { posix } from "node:path";
import { CLIENT, gatewayServer } from "../gateway.fixture.ts";
import { run } from "../task.fixture.ts";
import { DOCKER_DEFAULTS, dockerBackend } from "./docker.ts";

if (import.meta.main) {
  const [registry, cache_dir = "", dir = ""] = process.argv.slice(2);
  await using port = gatewayServer();
  process.stdout.write(`${port.socket}\n`);
  await new Promise((resolve) => process.stdin.once("data", resolve));
  const backend = dockerBackend({
    ...DOCKER_DEFAULTS,
    ...(registry ? { registry } : {}),
    cache_dir,
  });
  const task = { repo: "small_task", task_id: 1, dir, task_hash: "small" };
  const request = { task, label: "apart/x", purpose: "agent", gateway: port } as const;
  await using sandbox = await backend.open(request);
  const path = posix.join(sandbox.work_path, "client.pl");
  await sandbox.put(path, CLIENT);
  const { port: number } = new URL(sandbox.gateway_url ?? "");
  for (const what of ["echo 4194304", "events 100 5", "abort"])
    process.stdout.write((await run(sandbox, `perl '${path}' ${number} ${what}`)).text);
  for (let patience = 0; port.aborted() === 0 && patience < 200; patience++) await Bun.sleep(10);
  process.stdout.write(`${port.aborted()}\n`);
  process.stdin.destroy();
}
