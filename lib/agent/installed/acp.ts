// Owns driving a program over the Agent Client Protocol: one session, one prompt, every permission given.
import { client, methods, ndJsonStream, PROTOCOL_VERSION } from "@agentclientprotocol/sdk";
import { z } from "zod";
import { errorMessage, Fault } from "../../core/fault.ts";
import type { PortTool } from "../../model/port/contract.ts";

/** The two ends of a program's standard streams, as tools of the port that only the bridge in the sandbox calls. */
export type Bridge = {
  readonly tools: readonly PortTool[];
  readonly input: WritableStream<Uint8Array>;
  readonly output: ReadableStream<Uint8Array>;
  /** Nothing more will come in or go out. */
  end(): void;
};

const WAIT_MS = 30_000;
const session = z.looseObject({ sessionId: z.string() });

export function openBridge(): Bridge {
  const waiting: string[] = [];
  let wake = Promise.withResolvers<void>();
  let ended = false;
  let push: (bytes: Uint8Array) => void = () => undefined;
  let close: () => void = () => undefined;
  const output = new ReadableStream<Uint8Array>({
    start(controller) {
      push = (bytes) => controller.enqueue(bytes);
      close = () => controller.close();
    },
    // Who reads has had enough.
    cancel() {
      push = close = () => undefined;
    },
  });
  const end = () => {
    if (ended) return;
    ended = true;
    wake.resolve();
    close();
  };
  const tool = (name: string, call: PortTool["call"]): PortTool => ({
    ...{
      name,
      description: "for the bridge",
      parameters: { type: "object", properties: {} },
      call,
    },
  });
  return {
    tools: [
      tool("acp_in", async () => {
        if (waiting.length === 0 && !ended) await Promise.race([wake.promise, Bun.sleep(WAIT_MS)]);
        if (waiting.length === 0 && ended) throw new Error("the session is over");
        return waiting.splice(0).join("").trimEnd();
      }),
      tool("acp_out", async ({ line }) => {
        if (!ended && typeof line === "string")
          push(Buffer.from(`${Buffer.from(line, "base64")}\n`));
        return "";
      }),
      tool("acp_end", async () => {
        end();
        return "";
      }),
    ],
    input: new WritableStream({
      write(bytes) {
        waiting.push(Buffer.from(bytes).toString("utf8"));
        wake.resolve();
        wake = Promise.withResolvers();
      },
    }),
    output,
    end,
  };
}

export type AcpRequest = {
  readonly bridge: Bridge;
  readonly prompt: string;
  readonly cwd: string;
  /** The tools of the port; undefined when messaging is off. */
  readonly mcp: { readonly url: string; readonly token: string } | undefined;
};

/** Ends when the program has ended its turn. Throws Fault `agent_failed` with the program's words when it refuses. */
export async function promptOver({ bridge, prompt, cwd, mcp }: AcpRequest): Promise<void> {
  const app = client({ name: "tandem" })
    .onRequest(methods.client.session.requestPermission, ({ params: { options } }) => {
      const allowed = options.find(({ kind }) => kind.startsWith("allow")) ?? options[0];
      if (allowed === undefined) return { outcome: { outcome: "cancelled" as const } };
      return { outcome: { outcome: "selected" as const, optionId: allowed.optionId } };
    })
    .onNotification(methods.client.session.update, () => undefined);
  try {
    await app.connectWith(ndJsonStream(bridge.input, bridge.output), async (agent) => {
      const known = await agent.request(methods.agent.initialize, {
        protocolVersion: PROTOCOL_VERSION,
        clientCapabilities: {},
      });
      const takes = known.agentCapabilities?.mcpCapabilities?.http === true;
      const headers = [{ name: "Authorization", value: `Bearer ${mcp?.token}` }];
      const server = { type: "http" as const, name: "team", url: mcp?.url ?? "", headers };
      const mcpServers = takes && mcp !== undefined ? [server] : [];
      const made = await agent.request(methods.agent.session.new, { cwd, mcpServers });
      const { sessionId } = session.parse(made);
      const text = { type: "text" as const, text: prompt };
      await agent.request(methods.agent.session.prompt, { sessionId, prompt: [text] });
    });
  } catch (error) {
    throw new Fault("agent_failed", `the program does not do as ACP says: ${wordsOf(error)}`, {
      hint: "see that the command speaks the Agent Client Protocol on its standard streams",
      cause: error,
    });
  }
}

function wordsOf(error: unknown): string {
  const message = errorMessage(error);
  const data =
    typeof error === "object" && error !== null && "data" in error ? error.data : undefined;
  return data === undefined ? message : `${message} ${JSON.stringify(data)}`.slice(0, 500);
}
