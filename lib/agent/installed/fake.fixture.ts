// Owns a small agent program for tests that speaks chat completions, and a place where it runs behind a scripted model.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openPort } from "../../model/port/port.ts";
import { localBackend } from "../../sandbox/local/local.ts";
import type { OpenOptions } from "../../sandbox/sandbox.ts";
import { SMALL_SETUP, taskPlace } from "../../sandbox/task.fixture.ts";
import type { AgentJob } from "../agent.ts";
import { jobOf, type Line, scripted } from "../job.fixture.ts";
import { installedAgent } from "./agent.ts";
import { type Program, readProgram } from "./program.ts";

/** A loop of calls and commands; with FAKE_STUBBORN it asks again for ever where it is refused, with FAKE_STATES it states exit codes. */
const SOURCE = `
const { TANDEM_GATEWAY, TANDEM_TOKEN, FAKE_STUBBORN, FAKE_STATES } = process.env;
const bash = { type: "function", function: { name: "bash", description: "", parameters: { type: "object", properties: { command: { type: "string" } } } } };
const messages = [{ role: "user", content: await Bun.file(process.argv[2]).text() }];
for (;;) {
  const answer = await fetch(TANDEM_GATEWAY + "/v1/chat/completions", {
    method: "POST",
    headers: { authorization: "Bearer " + TANDEM_TOKEN },
    body: JSON.stringify({ model: "any", messages, tools: [bash] }),
  });
  if (!answer.ok && FAKE_STUBBORN) { await Bun.sleep(50); continue; }
  if (!answer.ok) throw new Error(await answer.text());
  const { message } = (await answer.json()).choices[0];
  messages.push(message);
  if (!message.tool_calls?.length) break;
  for (const { id, function: { arguments: given } } of message.tool_calls) {
    const { stdout, stderr, exitCode } = Bun.spawnSync(["bash", "-c", JSON.parse(given).command]);
    const state = FAKE_STATES ? "Exit code " + exitCode + "\\n" : "";
    messages.push({ role: "tool", tool_call_id: id, content: state + stdout + stderr });
  }
}
console.log("the end");
`;

/** The text of its file; other fields over it. */
export function fakeProgram(fields: Readonly<Record<string, unknown>> = {}): string {
  const { env = {}, limits = {}, ...others } = fields;
  const top = {
    ...{ means: "a program for tests", version: "1", wire: "chat" },
    ...{ bin: "bun {{home}}/fake.ts", command: "{{bin}} {{prompt_file}}", ...others },
  };
  const line = ([name, value]: [string, unknown]) => `${name} = ${JSON.stringify(value)}`;
  const table = (name: string, values: object) =>
    [`[${name}]`, ...Object.entries(values).map(line)].join("\n");
  return [
    ...Object.entries(top)
      .filter(([, value]) => value !== undefined)
      .map(line),
    table("env", env as object),
    table("limits", limits as object),
    `[files]\n"fake.ts" = '''${SOURCE}'''`,
  ].join("\n");
}

/** A place for programs: `play` runs one behind a model that answers from a list. */
export async function programPlace() {
  const place = taskPlace();
  const port = await openPort({ dir: join(place.path, "p") });
  const task = place.task(SMALL_SETUP);
  const backend = localBackend({ cache_dir: place.cache_dir, hidden: [], unsafe_local: false });
  let made = 0;
  const written = (text: string): Program => {
    mkdirSync(join(place.path, "files"), { recursive: true });
    const path = join(place.path, "files", `fake${++made}.toml`);
    writeFileSync(path, text);
    return readProgram(path);
  };
  return {
    port,
    written,
    async play(
      text: string,
      lines: readonly Line[],
      fields: Partial<AgentJob> = {},
      around: Pick<OpenOptions, "program"> = {},
    ) {
      const open = {
        task,
        label: "x",
        purpose: "agent",
        gateway: { socket: port.socket },
        ...around,
      } as const;
      await using sandbox = await backend.open(open);
      const model = scripted(lines);
      const means = { openSandbox: async () => sandbox, openModel: async () => model, port };
      const result = await installedAgent(written(text))(jobOf({ ...means, ...fields }));
      return { result, asked: model.asked, shown: model.shown, sandbox };
    },
    async [Symbol.asyncDispose]() {
      await port[Symbol.asyncDispose]();
      place[Symbol.dispose]();
    },
  };
}
