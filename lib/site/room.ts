// Owns what all requests of the live view share: the pages of the ledger's present state, work under way, who listens for changes.
import type { Ledger } from "../../db/ledger.ts";
import { readSteps, stampOf } from "../attempt/followed.ts";
import { lastRequests } from "../control/show.ts";
import { readStatus, type Status } from "../status/status.ts";
import { lastStep } from "./attempt-under-way.ts";
import type { Html } from "./html.ts";
import { pagePath } from "./links.ts";
import { type Pages, type PagesOptions, readPages } from "./pages.ts";
import { type Kit, openKit } from "./plot.ts";
import type { Steering } from "./posts.ts";
import type { Said } from "./steer.ts";
import { underWaySection, withUnderWay } from "./under-way.ts";

/** A look at work under way is as good as new for so long, however many ask. */
const STATUS_MS = 1000;
/** How long and how silent work goes on is shown anew at least so often, while there is any. */
const SILENCE_MS = 10_000;
const REQUESTS_SHOWN = 8;
const SAID_SHOWN = 5;

export type RoomOptions = Omit<PagesOptions, "live" | "steer"> & {
  /** The ledger as it is now, where `ledger` may be a copy that gets out of date. */
  readonly current?: () => Ledger;
  /** Present where whoever has its token may steer and annotate. */
  readonly steering?: Steering | undefined;
  readonly signal: AbortSignal;
};

/** `stamp` is another one once the page is. */
export type FollowedPage = { readonly stamp: string; readonly text: () => string };

export class Room {
  private readonly options: RoomOptions;
  private readonly listeners = new Set<ReadableStreamDefaultController<string>>();
  private pages: Promise<Pages> | undefined;
  private kit: Promise<Kit> | undefined;
  private overview: Promise<string> | undefined;
  private ledger: Ledger;
  private version: number;
  private results: string;
  private looked: { readonly at: number; readonly status: Status } | undefined;
  private told_at = 0;
  private said: readonly Said[] = [];
  readonly steering: Steering | undefined;

  constructor(options: RoomOptions) {
    this.options = options;
    this.steering = options.steering;
    this.ledger = options.ledger;
    this.version = this.ledger.pages.version();
    this.results = this.ledger.pages.results();
  }

  /** Pages are kept until results change: not for heartbeats. */
  read(): Promise<Pages> {
    this.look();
    const { ledger, steering } = this;
    this.pages ??= readPages({
      ...this.options,
      ledger,
      live: true,
      steer: steering !== undefined,
    });
    return this.pages;
  }

  async readOverview(): Promise<string> {
    const pages = await this.read();
    this.kit ??= openKit();
    const kit = await this.kit;
    this.overview ??= pages.overview(kit);
    return withUnderWay(await this.overview, await this.underWay());
  }

  async readPair(attempt_key: string): Promise<string | undefined> {
    const pages = await this.read();
    const conflicts = await pages.conflicts([attempt_key], this.options.signal);
    return pages.pair(attempt_key, conflicts.get(attempt_key));
  }

  /**
   * The page of an attempt that is being made, and has no other yet or will have another, with what says whether it changed.
   * Undefined where none is: also while a finished one is evaluated.
   */
  async readUnderWay(path: string): Promise<FollowedPage | undefined> {
    const unit = this.status().units.find(
      ({ unit: key, step }) => step === "run" && pagePath(key) === path,
    );
    if (unit === undefined) return undefined;
    const { log_dir } = this.options;
    const pages = await this.read();
    const steps = unit.agents.map(({ steps: n }) => n).join();
    return {
      stamp: `${stampOf(log_dir, unit.unit)}/${steps}`,
      text: () => pages.underWay(unit, readSteps(log_dir, unit.unit).lines),
    };
  }

  /** The section of work under way as it is now. */
  async underWay(): Promise<Html> {
    const { site } = await this.read();
    const { runs, log_dir } = this.options;
    const status = this.status();
    const last = status.units.flatMap(({ unit }) => {
      const line = lastStep(readSteps(log_dir, unit).lines);
      return line === undefined ? [] : [[unit, line] as const];
    });
    return underWaySection({
      status,
      rates: new Map(site.runs.map(({ name, rate }) => [name, rate])),
      requests: lastRequests(this.ledger, { runs, most: REQUESTS_SHOWN }),
      last: new Map(last),
      steer: this.steering && { studies: this.ledger.runs.studies(), said: this.said },
    });
  }

  private status(): Status {
    this.look();
    const now = Date.now();
    if (this.looked === undefined || now - this.looked.at > STATUS_MS)
      this.looked = { at: now, status: readStatus(this.ledger, { now, runs: this.options.runs }) };
    return this.looked.status;
  }

  look(): void {
    const ledger = this.options.current?.() ?? this.ledger;
    const version = ledger.pages.version();
    if (ledger === this.ledger && version === this.version) return;
    [this.ledger, this.version, this.looked] = [ledger, version, undefined];
    const results = ledger.pages.results();
    const changed = results !== this.results;
    if (changed) this.forget();
    this.results = results;
    this.tell(changed ? "changed" : "beat");
  }

  /** The same without a request: what is wrong with the ledger is reported to the next request. */
  glance(): void {
    try {
      this.look();
      const { units = [], processes = [] } = this.looked?.status ?? {};
      const silent = Date.now() - this.told_at > SILENCE_MS;
      if (silent && units.length + processes.length > 0) this.tell("beat");
    } catch {
      this.forget();
    }
  }

  private forget(): void {
    this.pages = undefined;
    this.overview = undefined;
  }

  /** Notes what was asked here and is in no ledger. */
  note(said: Said): void {
    this.said = [said, ...this.said].slice(0, SAID_SHOWN);
    this.tell("beat");
  }

  /** `changed`: results are others, and so every page. `beat`: only work under way. */
  private tell(event: "changed" | "beat"): void {
    this.told_at = Date.now();
    this.say(`event: ${event}\ndata: ${this.version}\n\n`);
  }

  say(text: string): void {
    for (const listener of this.listeners) listener.enqueue(text);
  }

  events(): ReadableStream<string> {
    let own: ReadableStreamDefaultController<string> | undefined;
    return new ReadableStream({
      start: (controller) => {
        own = controller;
        this.listeners.add(controller);
        controller.enqueue("retry: 2000\n\n");
      },
      cancel: () => {
        if (own !== undefined) this.listeners.delete(own);
      },
    });
  }

  close(): void {
    for (const listener of this.listeners) listener.close();
    this.listeners.clear();
  }
}
