// Owns the errand `suite`: one feature's tests on one tree, run once; what its result means is decided by whoever sends it.
import { z } from "zod";
import { redactBytes, redactDeep } from "../core/redact.ts";
import { SUITE_MARKS, SUITE_OUTCOMES } from "../core/vocabulary.ts";
import { openLanes } from "../eval/lanes.ts";
import { type RanSuite, type RunSuite, runsHere } from "../eval/run-once.ts";
import type { Backend } from "../sandbox/sandbox.ts";
import { carriedAsFault, carriedFault, carryFault } from "./carry.ts";
import { claimNumber } from "./claim.ts";
import type { Errand, Send } from "./errand.ts";
import { bytesOf } from "./kept.ts";
import { openOutgoing } from "./outgoing.ts";
import {
  carriedPlace,
  carriedTask,
  carryPlace,
  carryTask,
  hash,
  placeHere,
  taskHere,
} from "./task.ts";

const input = z.object({
  task: carriedTask,
  place: carriedPlace,
  feature_id: z.number(),
  tree: z.string(),
  /** Hashes of patches: from the base to the tree, and of the tests. */
  diff: hash,
  tests_patch: hash,
  timeout_ms: z.number(),
  label: z.string(),
  /** With no other suite of the same engine under way at the performer. */
  alone: z.boolean(),
});
const count = z.number().int().nonnegative();
const output = z.object({
  outcome: z.enum(SUITE_OUTCOMES),
  marks: z.array(z.enum(SUITE_MARKS)),
  exit_code: z.number().nullable(),
  ...{ passed: count, failed: count, skipped: count, errors: count },
  tests: z.array(
    z.custom<RanSuite["found"]["tests"][number]>((value) => typeof value === "object"),
  ),
  /** Hash of the output, zstd-compressed. */
  output: hash,
  duration_ms: z.number(),
  timed_out: z.boolean(),
  read: z.boolean(),
  not_removed: z.array(carriedFault),
});

/** The performer's slots limit how many run at a time. */
const MANY = 1_000;

export const suiteErrand: Errand<z.infer<typeof input>, z.infer<typeof output>> = {
  kind: "suite",
  input,
  output,
  image: ({ place }) => place.image?.name,
  async perform({ task: carried, place, alone, ...job }, site) {
    const task = await taskHere(site, carried);
    const backend = await placeHere(site, place, task);
    const [diff, tests_patch] = await Promise.all([
      bytesOf(site.blobs, job.diff),
      bytesOf(site.blobs, job.tests_patch),
    ]);
    site.say({ doing: "testing", cost_usd: 0, tokens: 0, agents: [] });
    const run = runsHere(backend, openLanes(MANY, backend.name));
    const whole = { ...job, task, diff, tests_patch, signal: site.signal };
    const { found, not_removed } = await run({ job: whole, alone, suite_key: "" });
    const { output: text, marks, tests, ...verdict } = found;
    const clean = redactBytes(text);
    return {
      ...{ ...verdict, marks: [...marks], tests: [...tests] },
      output: await site.blobs.put(await Bun.zstdCompress(clean)),
      not_removed: not_removed.map(carryFault),
    };
  },
};

/** Has suites run by other processes; undefined where there is no way to them. */
export function suitesElsewhere(send: Send | undefined, backend: Backend): RunSuite | undefined {
  if (send === undefined) return undefined;
  return async ({ job, alone, suite_key }) => {
    const { task, diff, tests_patch, signal, ...rest } = job;
    const outgoing = openOutgoing();
    const given = redactDeep({
      ...{
        ...rest,
        alone,
        task: carryTask(task, outgoing),
        place: await carryPlace(backend, task),
      },
      diff: outgoing.add(`the tree of ${rest.label}`, diff),
      tests_patch: outgoing.add(`the tests of ${rest.label}`, tests_patch),
    });
    const { output, blobs } = await send(suiteErrand, {
      ...{ unit: `suite ${suite_key}`, claim: claimNumber(), input: given },
      ...{ bytes: outgoing.bytes, signal, on_progress: () => undefined },
      // No lease rests on it: its result is kept under what it was made of.
      on_delivery: () => undefined,
      answer: async () => null,
    });
    const { not_removed, output: packed, ...verdict } = output;
    const text = Bun.zstdDecompressSync(new Uint8Array(await bytesOf(blobs, packed)));
    const found = { ...verdict, output: new Uint8Array(text) };
    return { found, not_removed: not_removed.map(carriedAsFault) };
  };
}
