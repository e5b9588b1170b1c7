// Owns the shape of a row in the table of settings.
import type { Kind } from "./kinds.ts";

/** Parts of a study's file; `arm` is that of [defaults] and of each [arms.NAME]. */
export const SECTIONS = [
  ...(["arm", "budget", "sandbox", "concurrency"] as const),
  ...(["retries", "messages", "evaluation"] as const),
] as const;
export type Section = (typeof SECTIONS)[number];

/** What each section is about. */
export const ABOUT: Readonly<Record<Section, string>> = {
  arm: "how attempts are made",
  budget: "money",
  sandbox: "where commands and suites run",
  concurrency: "how much runs at a time",
  retries: "faults that may be temporary",
  messages: "how agents reach each other",
  evaluation: "the tests",
};

/** What must be there for a setting to mean anything. */
export type Need = "model" | "sandbox" | "partners";

/** One row; its name in the table is the library's, with its unit. */
export type Setting = {
  readonly section: Section;
  readonly kind: Kind;
  readonly unit?: string;
  /** As it is written. Absent: there is no value until one is given; `otherwise` explains what that means. */
  readonly default?: string | number | boolean | readonly string[];
  readonly otherwise?: string;
  /** Where there is no default: a value as it may be written. */
  readonly example?: string | number | boolean;
  readonly needs?: readonly Need[];
  /** For a backend's setting: the backends that take it; none is named when all do. */
  readonly backends?: readonly string[];
  /** Name on the command line, without dashes; absent: only studies have it. */
  readonly flag?: string;
  readonly alias?: string;
  /** Placeholder for a value in help, when its kind does not give one. */
  readonly hint?: string;
  /** In the study's section, when it is not the row's name. */
  readonly key?: string;
  /**
   * Whether it decides what an attempt does and is therefore kept in the run's frozen configuration and in its hash.
   * `always`: by its own name. `made`: what is made from it is kept. `when changed`: as `always`, but a configuration
   * with the default has the hash that it had before the setting was: for every row added after the first version.
   * A default of these may never change: earlier runs that do not mention it were made with it.
   * `server`: as `always`, but only the host of an address distinguishes configurations.
   */
  readonly identity?: "always" | "made" | "when changed" | "server";
  /** What it is, or what being on means; `off` is what being off means. */
  readonly help: string;
  readonly off?: string;
};
export type Settings = Readonly<Record<string, Setting>>;

/** `docker: memory of a sandbox, in MiB`: what the setting is, for whoever gives a value. */
export function meaningOf({ backends = [], help, unit }: Omit<Setting, "section">): string {
  const where = backends.length === 0 ? "" : `${backends.join(", ")}: `;
  return `${where}${help}${unit === undefined ? "" : `, in ${unit}`}`;
}
