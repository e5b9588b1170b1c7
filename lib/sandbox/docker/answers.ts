// Owns what an engine's error is: no answer at all, a disk that is full, or a refusal in its own words.
import { errorMessage, Fault, UsageError } from "../../core/fault.ts";
import { addressText, type Named } from "./address.ts";
import { type Place, troubleIn } from "./trouble.ts";

/** The way to an engine: which it is, and what ssh has said on it. */
export type Way = { readonly named: Named; readonly words: string };

/**
 * What an engine's error is to Tandem: no HTTP status means that no engine answered. Of one that does not answer it says
 * what stands in the way, where that is known.
 */
export function engineFault(what: string, error: unknown, way?: Way): Error {
  if (error instanceof Fault || error instanceof UsageError) return error;
  const words = wordsOf(error);
  if (/no space left on device|disk quota exceeded/i.test(words))
    return new Fault("disk_full", `${what}: ${words}`, {
      hint: "free space where the engine keeps its images (docker system df), or lower --keep-images",
      cause: error,
    });
  if (statusOf(error) === undefined || ONLY_TLS.test(words)) return goneFault(what, error, way);
  return new Fault("sandbox_failed", `${what}: the engine refused: ${words}`, {
    hint: "see the engine's message; `docker info` and its log may show more",
    cause: error,
  });
}

const ONLY_TLS = /HTTP request to an HTTPS server/i;
const NOWHERE: Place = { at: "the address", host: "HOST" };

function goneFault(what: string, error: unknown, way: Way | undefined): Fault {
  const place = way && placeOf(way);
  const words = wordsOf(error);
  const trouble = troubleIn(`${codeOf(error)} ${words}\n${way?.words ?? ""}`, place ?? NOWHERE);
  const why = trouble?.is ?? lastLine(way?.words) ?? lastLine(words) ?? words;
  const who = way?.named.whose === undefined ? "" : ` of ${way.named.whose} (${place?.at})`;
  return new Fault("engine_gone", `${what}: the container engine${who} does not answer: ${why}`, {
    hint: trouble?.hint ?? hintFor(way?.named, place),
    cause: error,
  });
}

function hintFor(named: Named | undefined, place: Place | undefined): string {
  if (named?.whose === undefined || named.whose === "DOCKER_HOST")
    return "start it and check that `docker info` answers; DOCKER_HOST can name another engine, such as Podman's socket";
  return `start it and check that \`docker -H ${place?.at} info\` answers`;
}

function placeOf({ named: { address } }: Way): Place {
  const at = addressText(address);
  if (address.way !== "ssh") return { at, host: at };
  const { user, host, port } = address;
  const options = port === undefined ? "" : `-p ${port} `;
  return { at, host: `${options}${user === undefined ? "" : `${user}@`}${host}` };
}

/** Of what a program said the last line says why it ended. */
function lastLine(words: string | undefined): string | undefined {
  return words
    ?.split("\n")
    .findLast((line) => line.trim() !== "")
    ?.trim();
}

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

/** Whether the engine answered with one of these HTTP statuses. */
export function refusedWith(error: unknown, ...statuses: readonly number[]): boolean {
  const status = statusOf(error instanceof Fault ? error.cause : error);
  return status !== undefined && statuses.includes(status);
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}

/** The engine's own message without dockerode's frame around it. */
export function wordsOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "json" in error) {
    const { json } = error;
    if (typeof json === "object" && json !== null && "message" in json)
      return String(json.message).trim();
  }
  return errorMessage(error).trim();
}
