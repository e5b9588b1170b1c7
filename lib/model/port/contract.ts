// Owns what the port is to those who open it and who admit agents to it.
import type { Answer, Model, ModelRequest } from "../model.ts";
import type { Clock } from "../retry.ts";
import type { Purpose } from "./purposes.ts";

export type Port = AsyncDisposable & {
  /** Absolute path of the Unix socket on this machine, in a folder of its own that only this user opens. */
  readonly socket: string;
  /** Admits one agent of an attempt; the token is useless the moment the admission is disposed. */
  readonly admit: (session: PortSession) => Admission;
};

export type Admission = Disposable & {
  readonly token: string;
  /** Why the last call that ended has no answer; undefined after an answer. What is final stays, and refuses every later call. */
  readonly failure: unknown;
  /** Ends when no call is under way any more, and each that was answered was heard. */
  readonly heard: () => Promise<void>;
};

export type PortSession = {
  /** Called once, at the first call of a program. Metering, limits, budgets, retries, throttling, recording are the model's. */
  readonly openModel: () => Promise<Model>;
  /** Served over MCP at /mcp and by `POST /tools/NAME`; none when messaging is off. */
  readonly tools: readonly PortTool[];
  /** Before each call: throws what ends the agent (a limit reached, an abort). */
  readonly check: () => void;
  /** Whether a call may go out beside so many steps that are under way; else it waits until they are heard. Absent: always. */
  readonly allows?: (under_way: number) => boolean;
  /** Hears each answered call, in the order in which they were asked. */
  readonly on_answer?: (exchange: PortExchange) => void;
  /** Aborts the calls under way. */
  readonly signal: AbortSignal;
  /** Whether the program offers tools to its model: then a call without any is a side call from the first on. */
  readonly offers_tools?: boolean;
};

/** An answered call; `purpose` is "step", or "side" for titles, summaries and the like. */
export type PortExchange = Purpose & {
  readonly request: ModelRequest;
  readonly answer: Answer;
  /** The wire's name, and the model that the program named, in place of which the run's own answered. */
  readonly wire: string;
  readonly asked_model: string;
};

export type PortTool = {
  readonly name: string;
  readonly description: string;
  /** A JSON schema of an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Throws Error for arguments or a state that it cannot serve: its message is told to the model. Answers soon after the signal. */
  readonly call: (args: Readonly<Record<string, unknown>>, signal: AbortSignal) => Promise<string>;
};

export type PortOptions = {
  /** A folder for the socket, made when it is missing. Its path may have about 80 characters: sockets' names are short. */
  readonly dir: string;
  readonly clock?: Clock;
};
