// Owns one agent's way through the port: its token, its calls side by side, and why there are no more.
import type { Answer, Model, ModelRequest } from "../model.ts";
import { type SealedAsked, sealAsked } from "../request.ts";
import type { Clock } from "../retry.ts";
import { Refusal, type Said, type WireRequest } from "../wire/wire.ts";
import type { PortSession, PortTool } from "./contract.ts";
import { Memory } from "./memory.ts";
import { type Purpose, Purposes } from "./purposes.ts";
import { kindOf } from "./refused.ts";

/** A call, for as long as its answer has not been read whole: whoever asks the same meanwhile joins it. */
export type Call = {
  readonly said: Promise<Said>;
  /** How often it was asked for. */
  askings: number;
};

/** A request's call, by which it is told that its answer was read. */
export type Asking = { readonly key: string; readonly call: Call };

type Hearing = {
  readonly request: ModelRequest;
  readonly whose: Purpose;
  readonly answered: Promise<Answer>;
  /** When all calls before this one were heard. */
  readonly before: Promise<void>;
  readonly wire: string;
  readonly model: string;
};

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
  /** Ends when the calls so far have ended, and those with an answer were heard in the order in which they were asked. */
  private line: Promise<void> = Promise.resolve();
  private asked = 0;
  /** Steps that are not heard yet. */
  private open = 0;
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

  async heard(): Promise<void> {
    await this.line;
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
    const whose = this.purposes.of({ turns, tools });
    const request = { turns, tools, purpose: whose.purpose };
    const number = ++this.asked;
    const before = this.line;
    const answered = this.complete(request, before);
    // The program hears of it at once. The rest of us do in the order of the requests, as in a replay, which needs no time.
    const said = answered.then((answer) => {
      this.purposes.answered(answer, whose);
      return this.memory.said(answer, number);
    });
    said.catch((error: unknown) => this.fail(error));
    this.line = this.hear({ ...asked, request, whose, answered, before });
    const call = { said, askings: 0 };
    this.calls.set(asked.key, call);
    return call;
  }

  private async hear({ answered, before, whose, request, ...asked }: Hearing): Promise<void> {
    try {
      const answer = await answered.catch(() => undefined);
      await before;
      const { wire, model: asked_model } = asked;
      if (answer) this.own.on_answer?.({ ...whose, request, answer, wire, asked_model });
    } catch (error) {
      this.fail(error);
    } finally {
      if (whose.purpose === "step") this.open--;
    }
  }

  private async complete(request: ModelRequest, before: Promise<void>): Promise<Answer> {
    const beside = this.open;
    if (request.purpose === "step") this.open++;
    // One of those under way may be the last that is allowed.
    if (beside > 0 && this.own.allows?.(beside) === false) await before;
    if (this.over) throw this.failure;
    this.signal.throwIfAborted();
    this.own.check();
    const model = await this.model();
    const answer = await model.complete(request, this.signal);
    if (!this.over) this.failure = undefined;
    return answer;
  }

  private fail(error: unknown): undefined {
    if (this.over) return;
    this.failure = error;
    this.over = kindOf(error) === "over";
  }
}
