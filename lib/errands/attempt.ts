// Owns the errand `attempt`: agents on a pair, at a process without ledger, dataset and logs.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { AttemptRecord } from "../../db/attempts.ts";
import { agentNeeds } from "../agent/registry.ts";
import type { RunConfig } from "../attempt/config.ts";
import type { Programs } from "../attempt/plan.ts";
import { readRecorded } from "../attempt/recorded.ts";
import { attemptNow, type MadeAttempt } from "../attempt/unit.ts";
import { scratch } from "../core/files.ts";
import type { Backend } from "../sandbox/sandbox.ts";
import { agentHere, carriedAgent } from "./agent-file.ts";
import { folderEntries, packBundle } from "./bundle.ts";
import type { Errand, Site } from "./errand.ts";
import { carriedGateway, gatewayHere } from "./gateway.ts";
import { bundleFolder, bytesOf } from "./kept.ts";
import { carriedMailroom, mailroomHere } from "./mailroom.ts";
import { carriedPlace, carriedTask, hash, placeHere, taskHere } from "./task.ts";

const attempt = z.object({
  run: z.string(),
  repo: z.string(),
  task_id: z.number(),
  features: z.array(z.number()),
  try: z.number(),
});
const input = z.object({
  attempt,
  config: z.custom<RunConfig>((value) => typeof value === "object" && value !== null),
  task: carriedTask,
  /** The reference patch by its hash, for the agent that hands it in; null for others. */
  features: z.array(
    z.object({ feature_id: z.number(), description: z.string(), gold_patch: hash.nullable() }),
  ),
  agent: carriedAgent.nullable(),
  /** Hash of the bundle that a replay answers from. */
  recording: hash.nullable(),
  gateway: carriedGateway.nullable(),
  mailroom: carriedMailroom,
  place: carriedPlace,
});
/** Hash of a bundle: the attempt's files under `files/`, its rows in `record.json`, its patches under `patches/`. */
const output = z.object({ bundle: hash });

export type AttemptInput = z.infer<typeof input>;
export const FILES = "files/";
export const PATCHES = "patches/";
export const RECORD = "record.json";

export const attemptErrand: Errand<AttemptInput, z.infer<typeof output>> = {
  kind: "attempt",
  input,
  output,
  image: ({ place }) => place.image?.name,
  async perform(given, site) {
    const made = await make(given, site);
    await using space = scratch(site.folder, "attempt");
    const fresh = join(space.path, "fresh");
    mkdirSync(fresh);
    made.fill(fresh);
    return { bundle: await site.blobs.put(packed(fresh, made.record)) };
  },
};

async function make(given: AttemptInput, site: Site): Promise<MadeAttempt> {
  const { config, recording } = given;
  const task = await taskHere(site, given.task);
  const backend = await placeHere(site, given.place, task);
  const logs = recording === null ? undefined : await bundleFolder(site, recording);
  const replayed = logs !== undefined && config.replay_of !== null;
  const replay = replayed ? { log_dir: logs, run: config.replay_of } : undefined;
  const far = given.gateway === null ? undefined : await gatewayHere(site, given.gateway, replay);
  try {
    return await attemptNow({
      ...{ attempt: given.attempt, config, task, backend, signal: site.signal },
      features: await featuresHere(given, site),
      agent_path: given.agent === null ? undefined : await agentHere(site, given.agent),
      mailroom: await mailroomHere(site, given.mailroom),
      programs: await programsHere(site, given, backend),
      recorded:
        replay && readRecorded(replay.log_dir, config, { ...given.attempt, run: replay.run }),
      gateway: far?.gateway,
      say(progress) {
        site.say(progress());
        return () => site.say(progress());
      },
    });
  } finally {
    await far?.asking.flush();
  }
}

async function featuresHere({ features }: AttemptInput, { blobs }: Site) {
  return await Promise.all(
    features.map(async ({ gold_patch, ...feature }) => ({
      ...feature,
      gold_patch: gold_patch === null ? new Uint8Array() : await bytesOf(blobs, gold_patch),
    })),
  );
}

/** Installed by the performer itself, once for all its errands on the same backend. */
async function programsHere(
  site: Site,
  { config, place: { image: _, ...place } }: AttemptInput,
  backend: Backend,
): Promise<Programs | undefined> {
  if (agentNeeds(config.agent).needs_gateway !== true) return undefined;
  return await site.share(`programs ${JSON.stringify(place)}`, async () => {
    const { openPrograms } = await import("../attempt/programs.ts");
    return await openPrograms({ backend, cache_dir: join(site.folder, ".cache") });
  });
}

function packed(folder: string, { patches, ...record }: AttemptRecord): Uint8Array {
  const files = folderEntries(folder).map((entry) => ({ ...entry, path: `${FILES}${entry.path}` }));
  const named = new Map(patches.map(({ hash: name, bytes }) => [`${PATCHES}${name}`, bytes]));
  const rows = { path: RECORD, bytes: Buffer.from(JSON.stringify(record)) };
  return packBundle([...files, rows, ...[...named].map(([path, bytes]) => ({ path, bytes }))]);
}
