// Owns running one command in a local sandbox from a process with a home of its own: arguments and answer as JSON.

import { CLIENT, gatewayServer } from "../gateway.fixture.ts";
import { demoTask, run } from "../task.fixture.ts";
import { localBackend } from "./local.ts";

/** `dataset`: folder of the task; the others as {@link localBackend} takes them. */
export type IsolatedCall = {
  readonly cache_dir: string;
  readonly hidden: readonly string[];
  readonly task_dir: string;
  readonly commands: readonly string[];
  /** Whether a gateway's stand-in is there. */
  readonly with_gateway?: boolean;
};

if (import.meta.main) {
  const call: IsolatedCall = JSON.parse(process.argv[2] ?? "");
  const backend = localBackend({ ...call, unsafe_local: false });
  const task = { ...demoTask(), dir: call.task_dir };
  try {
    await using resources = new AsyncDisposableStack();
    const gateway = call.with_gateway ? resources.use(gatewayServer()) : undefined;
    const request = { task, label: "isolated", purpose: "agent" } as const;
    await using sandbox = await backend.open({ ...request, ...(gateway ? { gateway } : {}) });
    if (gateway) await sandbox.put("/patches/client.pl", CLIENT);
    for (const command of call.commands)
      process.stdout.write(`${JSON.stringify(await run(sandbox, command))}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify(error)}\n`);
  }
}
