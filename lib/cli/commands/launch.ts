// Owns the work of `launch`: starts workers elsewhere, ends them, and tells what has become of them.
import { UsageError } from "../../core/fault.ts";
import type { Crew, Outcome } from "../../launch/launcher.ts";
import { launcherName, loadLauncher } from "../../launch/registry.ts";
import type { Study } from "../../study/file.ts";
import { wholeNumber } from "../args.ts";
import type { LAUNCH_FLAGS } from "../flags/launch.ts";
import { launcherOptions } from "../launch-options.ts";
import type { Output } from "../output.ts";
import { type CommandContext, faultLine } from "../step.ts";

type Call = CommandContext<typeof LAUNCH_FLAGS>;

/** Does the work; returns the number of launches, hosts or workers that met a fault. */
export async function run(call: Call): Promise<number> {
  const { args, words, out, signal } = call;
  const [given, file, ...more] = words;
  if (given === undefined || file === undefined || more.length > 0)
    throw new UsageError("launch takes a launcher and a study: tandem launch slurm study.toml");
  const name = launcherName(given);
  const act = actOf(args);
  const options = launcherOptions(name, args);
  const { loadStudy } = await import("../../study/file.ts");
  const study = loadStudy(file, call.every("--set"));
  const launcher = await loadLauncher(name);
  const crew = await crewOf(call, study, act === "start" || act === "dry-run");
  if (act === "dry-run") out.text(launcher.render(crew, options));
  else if (act === "start") return told(out, await launcher.submit(crew, options, signal));
  else return told(out, await launcher[act](crew, options, signal), crew.queue);
  return 0;
}

type Act = "start" | "stop" | "status" | "dry-run";

function actOf(args: Call["args"]): Act {
  const acts = (["stop", "status", "dry-run"] as const).filter((act) => args[act] === true);
  if (acts.length < 2) return acts[0] ?? "start";
  throw new UsageError(`${acts.map((act) => `--${act}`).join(" and ")} do not go together`);
}

/** Who the workers are, and for those that begin, how. Throws UsageError. */
async function crewOf({ args, out }: Call, { name, arms }: Study, begins: boolean): Promise<Crew> {
  const { queueName } = await import("../../queue/keys.ts");
  const workers = wholeNumber("--workers", args.workers, 1);
  const { tandem, dir, queue = name } = args;
  const crew = {
    ...{ queue: queueName(queue), workers, folder: dir },
    tandem: tandem === undefined ? undefined : wordsOf(tandem),
  };
  if (!begins) return { ...crew, flags: [], secrets: [] };
  const { secretsOf } = await import("../../launch/needs.ts");
  const { variables, artifacts } = args;
  const more = variables?.split(",").map(checkedVariable) ?? [];
  const redis = await checkedRedis(args.redis, out);
  const concurrency = wholeNumber("-c", args.concurrency, 1);
  const flags = {
    "--redis": redis,
    "-c": concurrency,
    "--queue": crew.queue,
    "--artifacts": artifacts,
  };
  return {
    ...crew,
    flags: Object.entries(flags).flatMap(([flag, value]) =>
      value === undefined ? [] : [flag, String(value)],
    ),
    secrets: secretsOf({ arms, artifacts, more }, process.env),
  };
}

function wordsOf(command: string): string[] {
  const words = command.split(/\s+/).filter(Boolean);
  const [program, ...rest] = words;
  if (program === undefined) throw new UsageError("--tandem takes a command, such as npx tandem");
  return [program, ...rest];
}

function checkedVariable(name: string): string {
  const trimmed = name.trim();
  if (/^[A-Za-z_]\w*$/.test(trimmed)) return trimmed;
  throw new UsageError(`--variables takes names of variables after commas, not "${trimmed}"`);
}

async function checkedRedis(url: string | undefined, out: Output): Promise<string> {
  if (url === undefined)
    throw new UsageError("launch needs the queue's server: --redis redis://host:6379");
  const { checkedUrl } = await import("../../team/redis.ts");
  const { REDIS_PASSWORD } = await import("../../queue/password.ts");
  const { password, hostname } = checkedUrl(url);
  if (password !== "")
    throw new UsageError(
      `--redis holds a password, which would be seen by others: omit it, and set ${REDIS_PASSWORD} where the workers run`,
    );
  if (/^(localhost|127\..*|\[::1\])$/.test(hostname))
    out.warn(`${hostname} is a different machine for each worker that does not run on this one`);
  return url;
}

/** One row per worker, job or host; faults are warnings. Returns their number. */
function told(out: Output, { told, faults, text }: Outcome, asked?: string): number {
  if (text !== undefined) out.text(text);
  for (const row of told) out.emit(row);
  for (const fault of faults) out.warn(faultLine(fault));
  if (asked !== undefined && told.length + faults.length === 0)
    out.say(`no workers of the queue "${asked}" are there`);
  return faults.length;
}
