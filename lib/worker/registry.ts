// Owns the registry of errands: every kind of work that another process can do, and performing one by its kind.
import { Fault } from "../core/fault.ts";
import { redactDeep } from "../core/redact.ts";
import type { Errand, Json, Site } from "../errands/errand.ts";

type Row = () => Promise<Pick<Errand<never, unknown>, "kind">>;

export const ERRANDS = {
  attempt: async () => (await import("../errands/attempt.ts")).attemptErrand,
  suite: async () => (await import("../errands/suite.ts")).suiteErrand,
  label: async () => (await import("../labels/errand.ts")).labelErrand,
} as const satisfies Readonly<Record<string, Row>>;

export type ErrandKind = keyof typeof ERRANDS;
export const ERRAND_KINDS = Object.keys(ERRANDS) as ErrandKind[];

/** Performs an errand with input and output as JSON, without secrets. Throws what it throws; see `carryFault`. */
export async function performErrand(kind: string, input: Json, site: Site): Promise<Json> {
  const errand = await errandOf(kind);
  const given = errand.input.safeParse(input);
  if (!given.success)
    throw new Fault("bad_file", `an errand ${kind} is not one: ${given.error.issues[0]?.message}`, {
      hint: "caller and worker must be of the same version",
    });
  const output = redactDeep(await errand.perform(given.data, site));
  return JSON.parse(JSON.stringify(errand.output.parse(output))) as Json;
}

/** What all that is performed has in common, whatever goes in and comes out. */
async function errandOf(kind: string): Promise<Errand<unknown, unknown>> {
  if (isKind(kind)) return (await ERRANDS[kind]()) as unknown as Errand<unknown, unknown>;
  throw new Fault("bad_file", `there is no errand ${kind}`, {
    hint: "caller and worker must be of the same version",
  });
}

function isKind(kind: string): kind is ErrandKind {
  return Object.hasOwn(ERRANDS, kind);
}
