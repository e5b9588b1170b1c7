// Owns the tools by which an agent program talks to its partners: over MCP, and as shell commands of the same names.
import type { PortTool } from "../../model/port/contract.ts";
import type { Mailbox } from "../../team/mailbox.ts";
import { MOST_MESSAGE_BYTES } from "../../team/message-size.ts";
import type { AgentJob } from "../agent.ts";
import { deliver } from "../deliver.ts";
import { mailTexts } from "../mail.ts";
import type { Posted } from "../send-message.ts";

/** MCP clients give up on a tool that says nothing for a minute. */
const LONGEST_WAIT_MS = 45_000;

export type ChannelJob = Pick<AgentJob, "agent_id" | "partners" | "signal" | "clock"> & {
  readonly mailbox: Mailbox;
  /** The longest wait that the configuration allows, in milliseconds. */
  readonly message_wait_ms: number;
  /** The agent's step that is under way, from 1. */
  readonly step: () => number;
  readonly on_sent: (messages: number) => void;
  readonly on_received: (messages: number) => void;
};
type Args = Readonly<Record<string, unknown>>;
type Channel = Pick<PortTool, "description" | "parameters"> & {
  /** The words that tell an agent how the shell command is called. */
  readonly usage: string;
  readonly act: (job: ChannelJob, args: Args) => Promise<string>;
};

const text = { type: "string", description: "the message" };
const NOTHING = { type: "object", properties: {} };

/** Every channel's tool; the order is that of the instructions. */
export const CHANNELS = {
  tandem_send: {
    description: "Send a message to one partner. Shows what you have received since.",
    usage: 'AGENT "TEXT"',
    parameters: {
      type: "object",
      properties: {
        to: { type: "string", description: "the partner's name, such as agent2" },
        text,
        wait: { type: "boolean", description: "wait for the answer, up to 45 s" },
      },
      required: ["to", "text"],
    },
    act: (job, args) => send(job, wordOf(args, "to"), args),
  },
  tandem_broadcast: {
    description: "Send a message to all partners. Shows what you have received since.",
    usage: '"TEXT"',
    parameters: { type: "object", properties: { text }, required: ["text"] },
    act: (job, args) => send(job, "all", args),
  },
  tandem_inbox: {
    description: "Show the messages that you have received since you last looked.",
    usage: "",
    parameters: NOTHING,
    act: async () => "",
  },
  tandem_wait: {
    description: "Wait until a message comes, up to 45 s, and show it.",
    usage: "[SECONDS]",
    parameters: {
      type: "object",
      properties: { seconds: { type: "number", description: "45 unless told" } },
    },
    act: wait,
  },
  tandem_who: {
    description: "Show who you are, who your partners are, and which of them have finished.",
    usage: "",
    parameters: NOTHING,
    act: who,
  },
} as const satisfies Readonly<Record<string, Channel>>;
export type ChannelName = keyof typeof CHANNELS;
export const CHANNEL_NAMES = Object.keys(CHANNELS) as ChannelName[];

/** The channels of one agent. Each answer ends with what has come for it, and who has ended: mail need not be asked for. */
export function channelTools(job: ChannelJob): PortTool[] {
  let line: Promise<unknown> = Promise.resolve();
  return Object.entries<Channel>(CHANNELS).map(([name, { description, parameters, act }]) => ({
    ...{ name, description, parameters },
    call(args, signal) {
      const stopped = AbortSignal.any([job.signal, signal]);
      // One after the other: a program may call several tools at once, and their order is what a replay follows.
      const told = line.then(async () => {
        stopped.throwIfAborted();
        const said = await act({ ...job, signal: stopped }, args);
        return (
          [said, await mail(job)].filter((part) => part !== "").join("\n\n") || "[no new message]"
        );
      });
      line = told.catch(() => undefined);
      return told;
    },
  }));
}

async function mail(job: ChannelJob): Promise<string> {
  const { received, texts } = await mailTexts(job);
  job.on_received(received);
  return texts.join("\n");
}

async function send(job: ChannelJob, to: string, args: Args): Promise<string> {
  const posted = postedOf(to, wordOf(args, "text"), args.wait === true);
  const left_ms = Math.min(job.message_wait_ms, LONGEST_WAIT_MS);
  const { sent, notes } = await deliver([posted], {
    // What is called belongs to the answer before.
    ...{ job, mailbox: job.mailbox, step: Math.max(1, job.step() - 1), left_ms },
  });
  job.on_sent(sent);
  return notes.join("\n");
}

function postedOf(to: string, content: string, waits: boolean): Posted {
  const bytes = Buffer.from(content);
  const whole = { to, wait: waits, content };
  if (bytes.length <= MOST_MESSAGE_BYTES) return whole;
  const kept = new TextDecoder().decode(bytes.subarray(0, MOST_MESSAGE_BYTES), { stream: true });
  return { ...whole, content: kept, size_bytes: bytes.length };
}

async function wait(job: ChannelJob, args: Args): Promise<string> {
  const asked_ms = args.seconds === undefined ? LONGEST_WAIT_MS : Number(args.seconds) * 1000;
  if (!(asked_ms >= 0)) throw new RangeError("seconds must be a number, at least 0");
  const timeout_ms = Math.min(asked_ms, LONGEST_WAIT_MS, job.message_wait_ms);
  const { agent_id, signal, partners } = job;
  const awakening = await job.mailbox.wait(agent_id, { timeout_ms, signal, partners });
  if (awakening === "message") return "";
  return awakening === "timeout"
    ? `[no message within ${Math.round(timeout_ms / 1000)} s]`
    : "[no message will come: your partners have finished]";
}

async function who({ agent_id, partners, mailbox }: ChannelJob): Promise<string> {
  const finished = await mailbox.finished();
  const lines = partners.map((id) => `${id}: ${finished.has(id) ? "has finished" : "is at work"}`);
  return [`You are ${agent_id}. Your partners:`, ...lines].join("\n");
}

function wordOf(args: Args, name: string): string {
  const value = args[name];
  if (typeof value === "string" && value.trim() !== "") return value;
  throw new RangeError(`${name} is missing: it must be a text`);
}
