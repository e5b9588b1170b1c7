// Owns one engine of several: its backend, whether it answers, and what is owed to it for the time that it did not.
import { asFault, errorMessage, Fault } from "../../../core/fault.ts";
import type { DockerBackend } from "../docker.ts";
import type { Engine } from "../engine.ts";
import type { EngineSpec } from "./file.ts";
import type { Room } from "./seats.ts";

/** How long an engine that does not answer is left out: doubled each time that it still does not. */
export type Patience = { readonly first_ms: number; readonly longest_ms: number };
export const PATIENCE: Patience = { first_ms: 15_000, longest_ms: 5 * 60_000 };
const ASK_MS = 30_000;

export type MemberOptions = {
  readonly spec: EngineSpec;
  readonly engine: Engine;
  readonly backend: DockerBackend;
  /** Sandboxes that its memory is enough for. */
  readonly together: number | undefined;
  readonly patience: Patience;
  /** Called when it has come or gone. */
  readonly changed: () => void;
  readonly say: (message: string) => void;
};

export class Member implements Room {
  readonly name: string;
  readonly agents: number;
  readonly suites: number;
  readonly together: number | undefined;
  readonly engine: Engine;
  readonly backend: DockerBackend;
  /** Names of images that it has in another version than the others, or cannot have, and why. */
  readonly unfit = new Map<string, Fault>();
  private readonly options: MemberOptions;
  private down: Fault | undefined;
  private broken = Promise.withResolvers<never>();
  private asking: Promise<boolean> | undefined;
  private owed: (() => Promise<void>)[] = [];

  constructor(options: MemberOptions) {
    const { spec, engine, backend, together } = options;
    this.options = options;
    [this.name, this.agents, this.suites] = [spec.name, spec.agents, spec.suites];
    [this.engine, this.backend, this.together] = [engine, backend, together];
    this.broken.promise.catch(() => undefined);
  }

  /** Why it is left out at the moment; undefined while it answers. */
  get gone(): Fault | undefined {
    return this.down;
  }

  /** Works on the engine, and ends when it is found gone, whoever finds it. Throws what the work throws. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.down !== undefined) throw this.down;
    const working = work();
    working.catch(() => undefined);
    try {
      return await Promise.race([working, this.broken.promise]);
    } catch (error) {
      if (error instanceof Fault && error.code === "engine_gone") this.lose(error);
      throw error;
    }
  }

  /** What could not be removed while it was gone; it is when the engine is back. */
  owe(removal: () => Promise<void>): void {
    this.owed.push(removal);
  }

  /** Whether it answers now. */
  async ask(): Promise<boolean> {
    this.asking ??= this.askNow().finally(() => {
      this.asking = undefined;
    });
    return await this.asking;
  }

  private lose(fault: Fault): void {
    if (this.down !== undefined) return;
    this.down = fault;
    this.options.say(`engine ${this.name} is left out for now: ${fault.message}`);
    this.broken.reject(fault);
    this.askLater(this.options.patience.first_ms);
    this.options.changed();
  }

  private askLater(wait_ms: number): void {
    const again = async () => {
      if (this.down === undefined || (await this.ask())) return;
      this.askLater(Math.min(wait_ms * 2, this.options.patience.longest_ms));
    };
    setTimeout(again, wait_ms).unref();
  }

  private async askNow(): Promise<boolean> {
    try {
      await this.engine.call("asking whether it is there", (docker) => docker.ping(), {
        timeout_ms: ASK_MS,
      });
    } catch (error) {
      this.lose(asFault(error));
      return false;
    }
    if (this.down !== undefined) await this.comeBack();
    return true;
  }

  private async comeBack(): Promise<void> {
    this.down = undefined;
    this.broken = Promise.withResolvers<never>();
    this.broken.promise.catch(() => undefined);
    this.options.say(`engine ${this.name} answers again`);
    this.options.changed();
    for (const removal of this.owed.splice(0))
      await removal().catch((error: unknown) =>
        this.options.say(`engine ${this.name}: ${errorMessage(error)}`),
      );
  }
}
