// Owns what a backend is to the rest of the program: one object that opens it, looks at it and clears up behind it.
import type { Finding } from "../core/finding.ts";
import type { Backend } from "./sandbox.ts";

/** What every backend is told besides its own options. */
export type Place = {
  /** Folder for what is kept between calls. */
  readonly cache_dir: string;
  /** Folders of this machine that a model's commands must not see. */
  readonly hidden: readonly string[];
  /** The user accepts that a model's commands run here although nothing isolates them. */
  readonly unsafe_local: boolean;
  /** What people should know while sandboxes are used: an engine that is left out. */
  readonly say?: ((message: string) => void) | undefined;
};
/** A file of several engines, for a backend that has such. */
export type Engines = { readonly engines?: string | undefined };
/** That file. */
export type EnginesFile = { readonly engines: string };

/** Something of Tandem's that a dead process left where the backend keeps its sandboxes. */
export type Leftover = {
  readonly kind: string;
  readonly id: string;
  /** The unit it worked for. */
  readonly key: string;
  readonly owner: string;
  readonly reason: string;
  /** It may have been removed already: that is not an error. */
  remove(): Promise<void>;
};
export type LeftoversRequest = Engines & {
  /** Also what running processes use. */
  readonly all: boolean;
  /** Called when there is no engine to ask, and that does no harm. */
  readonly say: (message: string) => void;
};

/** A backend under a name of the registry; `Options` are the values of its settings, where they are said. */
export type BackendObject<Options> = {
  readonly name: string;
  /** Throws UsageError for options that it cannot honour. */
  open(options: Options, place: Place): Backend;
  /** Over the engines of a file, for a backend that has such. Throws UsageError for a file that does not name engines. */
  openMany?(options: Options, place: Place & EnginesFile): Promise<Backend>;
  /** Whether it could work here: one finding a part. Throws UsageError for a file that does not name engines. */
  check(where?: Engines): Promise<readonly Finding[]>;
  /** What was left in it. Throws Fault `engine_gone` when an engine that should answer does not. */
  leftovers(request: LeftoversRequest): Promise<readonly Leftover[]>;
  /**
   * What a plan says of the networks of its sandboxes. Throws UsageError where agents with these needs cannot have the
   * network asked for.
   */
  networkLine(options: Options, place: Pick<Place, "unsafe_local"> & AgentNetwork): string;
};

/** Whether agents call their model from inside. */
export type AgentNetwork = { readonly needs_gateway?: boolean };
