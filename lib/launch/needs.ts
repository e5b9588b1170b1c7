// Owns which variables the workers of a study read: keys of its models, the password of the queue's server, keys of a store for results.
import { rowOf } from "../model/names.ts";
import { REDIS_PASSWORD } from "../queue/password.ts";
import type { Secret } from "./launcher.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Models = readonly {
  readonly model?: string | undefined;
  readonly base_url?: string | undefined;
}[];
type Asked = {
  /** Arms of the study. */
  readonly arms: Models;
  /** Where results are stored, if not at the queue's server. */
  readonly artifacts: string | undefined;
  /** Further names, which the caller gives. */
  readonly more: readonly string[];
};

/** As S3's clients read them; the first of each that is set here, or the first. */
const STORE_KEYS = [
  ["S3_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"],
  ["S3_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"],
] as const;
const STORE_PLACES = ["S3_ENDPOINT", "S3_REGION", "AWS_REGION", "AWS_SESSION_TOKEN"];

/** By name, each once. What is needed comes first. */
export function secretsOf({ arms, artifacts, more }: Asked, env: Environment): Secret[] {
  const store = artifacts === undefined ? [] : STORE_KEYS.map((names) => ofThese(names, env));
  const needed = [...arms.flatMap((arm) => modelKey(arm, env, true)), ...store, ...more];
  const loose = [
    ...arms.flatMap((arm) => modelKey(arm, env, false)),
    ...(artifacts === undefined ? [] : STORE_PLACES),
    REDIS_PASSWORD,
  ];
  return [
    ...[...new Set(needed)].map((name) => ({ name, needed: true })),
    ...[...new Set(loose)]
      .filter((name) => !needed.includes(name))
      .map((name) => ({ name, needed: false })),
  ];
}

/** A server of one's own may need no key. */
function modelKey(
  { model, base_url }: Models[number],
  env: Environment,
  needed: boolean,
): string[] {
  if (model === undefined) return [];
  const { keys, own_server } = rowOf(model);
  const isNeeded = own_server !== true && base_url === undefined;
  return keys.length === 0 || isNeeded !== needed ? [] : [ofThese(keys, env)];
}

function ofThese(names: readonly string[], env: Environment): string {
  return names.find((name) => (env[name] ?? "").trim() !== "") ?? names[0] ?? "";
}
