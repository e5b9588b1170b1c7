// Owns what the live view lets itself be asked: only with its token, only from its own pages or a program, only small JSON.
import { createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { asFault, UsageError } from "../core/fault.ts";
import { isOwnOrigin } from "./host.ts";
import type { Said } from "./steer.ts";

/** What steers and annotates: whoever serves the view says how, so that it is the same as its commands do. */
export type Steering = {
  readonly token: string;
  /** Who asks here: user and host. */
  readonly by: string;
  /** Does what was asked, and says it in one line. Throws UsageError for what cannot be asked, Fault for a ledger that is held. */
  readonly steer: (asked: SteerAsk) => Promise<Done>;
  readonly annotate: (asked: AnnotateAsk) => Promise<Done>;
};
/** `note` is what the page keeps of it, where the ledger's requests do not tell. */
export type Done = { readonly said: string; readonly note?: Pick<Said, "what" | "state"> };

const name = z.string().min(1).max(1000);
const steerAsk = z.strictObject({
  do: z.enum(["pause", "resume", "cancel", "concurrency", "retry"]),
  /** A study or a run. */
  name,
  keys: z.array(name).max(10_000).exactOptional(),
  concurrency: z.int().min(1).max(10_000).exactOptional(),
});
const annotateAsk = z.strictObject({
  attempt_key: name,
  /** A message's number; absent: the attempt. */
  message: z.int().min(1).exactOptional(),
  measure: name.exactOptional(),
  label: z.string().max(1000).nullable().exactOptional(),
  note: z.string().max(20_000).exactOptional(),
  by: z.string().max(200).exactOptional(),
  /** An annotation to take back, by its number; nothing else is said then. */
  remove: z.int().min(1).exactOptional(),
});
export type SteerAsk = z.infer<typeof steerAsk>;
export type AnnotateAsk = z.infer<typeof annotateAsk>;

/** Paths that take a POST. */
export const POSTS = { steer: steerAsk, annotate: annotateAsk } as const;
export type PostPath = keyof typeof POSTS;
export const isPost = (path: string | undefined): path is PostPath =>
  path !== undefined && Object.hasOwn(POSTS, path);

export const TOKEN_HEADER = "x-tandem-token";
const MOST_BYTES = 64 * 1024;

export type PostAnswer = {
  readonly status: number;
  readonly said: string;
  readonly note?: Said;
};

/** Answers a POST; every refusal is one line. */
export async function answerPost(
  request: Request,
  path: PostPath,
  steering: Steering | undefined,
): Promise<PostAnswer> {
  if (steering === undefined)
    return refuse(405, "this view only shows: start it with --steer to steer and annotate");
  const { headers } = request;
  const site = headers.get("sec-fetch-site");
  if (!isOwnOrigin(headers) || (site !== null && site !== "same-origin"))
    return refuse(403, "only the view's own pages may ask");
  if (!sameToken(headers.get(TOKEN_HEADER), steering.token))
    return refuse(403, "the token is wrong: it was printed when the view started");
  if (!/^application\/json\s*(;|$)/i.test(headers.get("content-type") ?? ""))
    return refuse(415, "a request must be JSON");
  const text = await bodyOf(request);
  if (text === undefined) return refuse(413, `a request may have ${MOST_BYTES} bytes at most`);
  const parsed = jsonOf(text);
  if (parsed === undefined) return refuse(400, "this is not JSON");
  return await does({ path, parsed, steering });
}

async function does({
  path,
  parsed,
  steering,
}: {
  readonly path: PostPath;
  readonly parsed: unknown;
  readonly steering: Steering;
}): Promise<PostAnswer> {
  const at = new Date().toISOString();
  try {
    const done =
      path === "steer"
        ? await steering.steer(checked(POSTS.steer, parsed))
        : await steering.annotate(checked(POSTS.annotate, parsed));
    const note = done.note && { at, by: steering.by, ...done.note };
    return { status: 200, said: done.said, ...(note && { note }) };
  } catch (error) {
    const { said, status } = refusal(error);
    if (path !== "steer" || status !== 400) return refuse(status, said);
    const what = wordsOf(parsed);
    return { status, said, note: { at, by: steering.by, what, state: `refused: ${said}` } };
  }
}

function checked<T>(form: z.ZodType<T>, value: unknown): T {
  const parsed = form.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(`${issue?.path.join(".") || "the request"}: ${issue?.message}`);
}

/** A ledger that another program holds is no fault of the request: it may be asked again. */
function refusal(error: unknown): { status: number; said: string } {
  if (error instanceof UsageError) return { status: 400, said: error.message };
  const { code, message, hint } = asFault(error);
  const status = code === "ledger_locked" ? 503 : 500;
  return { status, said: `${message} [${code}] → ${hint}` };
}

/** What was asked, for the list of what was refused; whatever it was. */
function wordsOf(parsed: unknown): string {
  const {
    do: verb,
    name: subject,
    keys,
  } = z
    .looseObject({ do: z.string().catch("?"), name: z.string().catch("?"), keys: z.unknown() })
    .catch({ do: "?", name: "?", keys: undefined })
    .parse(parsed);
  const about = Array.isArray(keys) ? keys.map(String).join(" ") : subject;
  return `${verb} ${about}`.slice(0, 200);
}

const refuse = (status: number, said: string): PostAnswer => ({ status, said });

/** Compares without telling by its time how much of a token is right. */
function sameToken(given: string | null, token: string): boolean {
  const [one, other] = [given ?? "", token].map((text) =>
    createHash("sha256").update(text).digest(),
  ) as [Buffer, Buffer];
  return given !== null && timingSafeEqual(one, other);
}

/** The body as text; undefined as soon as it is too large. */
async function bodyOf(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get("content-length") ?? 0) > MOST_BYTES) return undefined;
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    size += part.length;
    if (size > MOST_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
