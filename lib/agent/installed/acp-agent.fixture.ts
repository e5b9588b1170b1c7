// Owns a small agent that speaks the Agent Client Protocol on its standard streams, for tests; one variable says how it fails.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { type AgentContext, agent, methods, ndJsonStream } from "@agentclientprotocol/sdk";
import { z } from "zod";

const { TANDEM_GATEWAY, TANDEM_TOKEN, FAKE_ACP = "" } = process.env;
type Server = {
  readonly url: string;
  readonly headers: readonly { name: string; value: string }[];
};
const called = z.object({ function: z.object({ arguments: z.string() }) });
const message = z.object({ tool_calls: z.array(called).optional() });
const completion = z.object({ choices: z.array(z.object({ message })) });
const told = z.object({ result: z.object({ content: z.array(z.object({ text: z.string() })) }) });
const permission = z.object({ outcome: z.object({ optionId: z.string() }) });
let cwd = "";
let servers: readonly Server[] = [];

/** In the work tree, so that a test finds it in the patch. */
const note = (line: string) => appendFileSync(join(cwd, "seen.txt"), `${line}\n`);

async function post(url: string, headers: Record<string, string>, body: unknown): Promise<unknown> {
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return await answer.json();
}

/** One call of its model, and the command that was asked for. */
async function work(text: string): Promise<void> {
  const parameters = { type: "object", properties: { command: { type: "string" } } };
  const tools = [{ type: "function", function: { name: "bash", description: "", parameters } }];
  const messages = [{ role: "user", content: text }];
  const authorization = `Bearer ${TANDEM_TOKEN}`;
  const asked = { model: "any", messages, tools };
  const url = `${TANDEM_GATEWAY}/v1/chat/completions`;
  const { choices } = completion.parse(await post(url, { authorization }, asked));
  for (const call of choices[0]?.message.tool_calls ?? []) {
    const { command } = JSON.parse(call.function.arguments);
    Bun.spawnSync(["bash", "-c", command], { cwd });
  }
}

async function askWho({ url, headers }: Server): Promise<string> {
  const given = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
  const params = { name: "tandem_who", arguments: {} };
  const asked = { jsonrpc: "2.0", id: 1, method: "tools/call", params };
  const answer = await post(url, { ...given, "content-type": "application/json" }, asked);
  return told.parse(answer).result.content[0]?.text ?? "";
}

async function mayI(client: AgentContext, sessionId: string): Promise<string> {
  const options = [
    { optionId: "never", name: "No", kind: "reject_once" as const },
    { optionId: "yes", name: "Yes", kind: "allow_once" as const },
  ];
  const toolCall = { toolCallId: "one", title: "a command" };
  const request = { sessionId, toolCall, options };
  const given = await client.request(methods.client.session.requestPermission, request);
  return permission.parse(given).outcome.optionId;
}

if (FAKE_ACP === "prints a banner") process.stdout.write("Usage: fake --acp\n");
if (FAKE_ACP === "is not there") process.exit(127);
const app = agent({ name: "fake" })
  .onRequest(methods.agent.initialize, ({ params: { protocolVersion } }) => ({
    protocolVersion,
    agentCapabilities: { mcpCapabilities: { http: FAKE_ACP !== "has no MCP" } },
  }))
  .onRequest(methods.agent.session.new, ({ params }) => {
    cwd = params.cwd;
    servers = params.mcpServers as unknown as Server[];
    return { sessionId: "s1" };
  })
  .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
    if (FAKE_ACP === "refuses") throw new Error("there is no quota left");
    const [first] = params.prompt;
    note(`permission: ${await mayI(client, params.sessionId)}`);
    note(`servers: ${servers.length}`);
    for (const server of servers) note(`who: ${(await askWho(server)).split("\n")[0]}`);
    await work(first?.type === "text" ? first.text : "");
    const content = { type: "text" as const, text: "thinking …\nof é" };
    const update = { sessionUpdate: "agent_message_chunk" as const, content };
    await client.notify(methods.client.session.update, { sessionId: params.sessionId, update });
    if (FAKE_ACP === "breaks in its turn") process.exit(9);
    return { stopReason: "end_turn" as const };
  });
const output = new WritableStream<Uint8Array>({
  write: async (bytes) => void (await Bun.write(Bun.stdout, bytes)),
});
app.connect(ndJsonStream(output, Bun.stdin.stream()));
// Some programs do not end with their input.
if (FAKE_ACP === "goes on") setInterval(() => undefined, 1000);
