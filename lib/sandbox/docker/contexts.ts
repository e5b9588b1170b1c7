// Owns which engine is meant where nobody names one: DOCKER_HOST, else a context of Docker's, else the usual socket.
import { accessSync, existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { errorMessage, UsageError } from "../../core/fault.ts";
import { sha256 } from "../../core/files.ts";
import { type Named, parseAddress, type TlsFiles } from "./address.ts";

type Env = Readonly<Record<string, string | undefined>>;

const Config = z.looseObject({ currentContext: z.string().optional() });
const Meta = z.looseObject({
  Endpoints: z.looseObject({
    docker: z.looseObject({ Host: z.string(), SkipTLSVerify: z.boolean().optional() }),
  }),
});

const WAY_OUT = "set DOCKER_HOST to name the engine without it";

/**
 * The engine that the environment names, as Docker's own client finds it. Throws UsageError for an address that is none, a
 * context that is not there, and files that cannot be read.
 */
export function namedEngine(env: Env = process.env): Named {
  const host = env.DOCKER_HOST ?? "";
  if (host !== "" && host !== "unix://")
    return { address: parseAddress(host, "DOCKER_HOST", tlsOf(env)), whose: "DOCKER_HOST" };
  const folder = dockerFolder(env);
  const wanted = host === "" ? env.DOCKER_CONTEXT || currentContext(folder) : undefined;
  if (wanted === undefined || wanted === "" || wanted === "default")
    return { address: { way: "socket", path: usualSocket() }, whose: undefined };
  return contextEngine(folder, wanted);
}

function dockerFolder(env: Env): string {
  return env.DOCKER_CONFIG || join(homedir(), ".docker");
}

/** As Docker's client: any value of DOCKER_TLS_VERIFY asks for TLS, and the files stand in one folder. */
function tlsOf(env: Env): TlsFiles | undefined {
  const { DOCKER_TLS_VERIFY: verify = "", DOCKER_CERT_PATH: path = "" } = env;
  if (verify === "" && path === "") return undefined;
  if (verify === "" && !(env.DOCKER_HOST ?? "").endsWith(":2376")) return undefined;
  return filesIn(path || dockerFolder(env));
}

function filesIn(folder: string): TlsFiles {
  const at = (name: string) => join(folder, name);
  return { ca: at("ca.pem"), cert: at("cert.pem"), key: at("key.pem") };
}

function usualSocket(): string {
  if (process.platform === "win32") return "//./pipe/docker_engine";
  const own = join(homedir(), ".docker", "run", "docker.sock");
  try {
    accessSync(own);
    return own;
  } catch {
    return "/var/run/docker.sock";
  }
}

function currentContext(folder: string): string | undefined {
  const path = join(folder, "config.json");
  return existsSync(path) ? parsed(path, Config).currentContext : undefined;
}

function contextEngine(folder: string, name: string): Named {
  const whose = `the Docker context "${name}"`;
  const path = join(folder, "contexts", "meta", sha256(name), "meta.json");
  if (!existsSync(path))
    throw new UsageError(`${whose} is not there: see \`docker context ls\`, or ${WAY_OUT}`);
  const { Host, SkipTLSVerify } = parsed(path, Meta).Endpoints.docker;
  if (SkipTLSVerify === true)
    throw new UsageError(`${whose} skips the check of certificates, which is refused: ${WAY_OUT}`);
  return { address: parseAddress(Host, whose, contextTls(folder, name)), whose };
}

/** Docker stores only those that were given. */
function contextTls(folder: string, name: string): TlsFiles | undefined {
  const all = filesIn(join(folder, "contexts", "tls", sha256(name), "docker"));
  const here = Object.entries(all).filter(([, path]) => path !== undefined && existsSync(path));
  return here.length === 0 ? undefined : Object.fromEntries(here);
}

function parsed<T>(path: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    const [why] = error instanceof z.ZodError ? ["it has another form"] : [errorMessage(error)];
    throw new UsageError(`${path} cannot be read (${why}): ${WAY_OUT}`);
  }
}
