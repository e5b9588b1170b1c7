// Owns one agent's way through the port: its token, its calls one after the other, and why there are no more.
import type { Answer, Model, ModelRequest } from "../model.ts";
import { type SealedAsked, sealAsked } from "../request.ts";
import type { Clock } from "../retry.ts";
import { Refusal, type Said, type WireRequest } from "../wire/wire.ts";
import type { PortSession, PortTool } from "./contract.ts";
import { Memory } from "./memory.ts";
import { Purposes } from "./purposes.ts";
import { kindOf } from "./refused.ts";

/** A call, for as long as its answer has not been read whole: whoever asks the same meanwhile joins it. */
export type Call = {
  readonly said: Promise<Said>;
  /** How often it was asked for. */
  askings: number;
};

/** A request's call, by which it is told that its answer was read. */
export type Asking = { readonly key: string; readonly call: Call };

/** What one agent may have under way: requests, and bytes of bodies that are being read. */
const MOST = { requests: 512, bytes: 256 * 2 ** 20 } as const;

export class Session {
  readonly token = `tandem-${crypto.getRandomValues(Buffer.alloc(32)).toString("base64url")}`;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  failure: unknown;
  private readonly own: PortSession;
  private readonly ending = new AbortController();
  private readonly memory = new Memory();
  private readonly purposes: Purposes;
  private readonly calls = new Map<string, Call>();
  private line: Promise<unknown> = Promise.resolve();
  private last: SealedAsked | undefined;
  private opened: Promise<Model> | undefined;
  private over = false;
  private readonly reading = { requests: 0, bytes: 0 };

  constructor(own: PortSession, clock: Clock) {
    this.own = own;
    this.clock = clock;
    this.signal = AbortSignal.any([own.signal, this.ending.signal]);
    this.purposes = new Purposes(own.offers_tools ?? false);
  }

  get tools(): readonly PortTool[] {
    return this.own.tools;
  }

  /** Aborts what is under way. */
  end(): void {
    this.ending.abort(new Error("the agent's time at the gateway is over"));
  }

  readonly model = (): Promise<Model> => {
    this.opened ??= this.own.openModel();
    return this.opened;
  };

  /** The call that answers this request: the one under way where the same was asked before and its answer was not read yet. */
  ask(asked: WireRequest, wire: string): Asking {
    const turns = this.memory.restored(asked.request.turns);
    const { tools } = asked.request;
    const sealed = sealAsked({ turns, tools }, this.last);
    this.last = sealed;
    const { key } = sealed;
    const call = this.calls.get(key) ?? this.begin({ key, sealed, wire, model: asked.model });
    call.askings++;
    return { key, call };
  }

  /** An answer that was read whole: the same request is a new call from now on. */
  delivered({ key, call }: Asking): void {
    if (this.calls.get(key) === call) this.calls.delete(key);
  }

  /** Takes part of what the agent may have under way; throws Refusal when that is used up. */
  room(bytes: number): Disposable {
    if (this.reading.requests >= MOST.requests || this.reading.bytes + bytes > MOST.bytes)
      throw new Refusal("try again", "too many requests of this agent at once");
    this.reading.requests++;
    this.reading.bytes += bytes;
    return {
      [Symbol.dispose]: () => {
        this.reading.requests--;
        this.reading.bytes -= bytes;
      },
    };
  }

  private begin(asked: {
    readonly key: string;
    readonly sealed: SealedAsked;
    readonly wire: string;
    readonly model: string;
  }): Call {
    const { tools } = asked.sealed;
    const turns = asked.sealed.turns.map(({ turn }) => turn);
    const request = { turns, tools, purpose: this.purposes.of({ turns, tools }) };
    // One after the other: an agent's calls are recorded, metered and replayed in their order.
    const answered = this.line.then(() => this.complete(request));
    const said = answered.then((answer) => {
      const { wire, model: asked_model } = asked;
      this.own.on_answer?.({ request, answer, wire, asked_model });
      return this.memory.said(answer);
    });
    this.line = said.catch((error: unknown) => this.fail(error));
    const call = { said, askings: 0 };
    this.calls.set(asked.key, call);
    return call;
  }

  private async complete(request: ModelRequest): Promise<Answer> {
    if (this.over) throw this.failure;
    this.signal.throwIfAborted();
    this.own.check();
    const model = await this.model();
    const answer = await model.complete(request, this.signal);
    this.failure = undefined;
    return answer;
  }

  private fail(error: unknown): void {
    if (this.over) return;
    this.failure = error;
    this.over = kindOf(error) === "over";
  }
}
