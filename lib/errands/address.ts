// Owns addresses with passwords: they travel without, and get their password back from the performer's own environment.
import { Fault } from "../core/fault.ts";
import { redact } from "../core/redact.ts";

/** The address as it may travel. */
export function withoutPassword(address: string): string {
  const url = URL.parse(address);
  if (url === null || url.password === "") return redact(address);
  url.password = HIDDEN;
  return redact(url.href);
}

const HIDDEN = "hidden";

type Sources = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly argv?: readonly string[];
};

/**
 * The reverse of {@link withoutPassword}: the password is that of the same server and user in any variable or argument of this
 * process. Throws Fault `code` where none names it.
 */
export function withPassword(
  address: string,
  code: "mailbox_gone" | "model_auth",
  { env = process.env, argv = process.argv }: Sources = {},
): string {
  const url = URL.parse(address);
  if (url?.password !== HIDDEN) return address;
  const own = [...Object.values(env), ...argv].flatMap((text) => URL.parse(text ?? "") ?? []);
  const found = own.find((one) => one.password !== "" && placeOf(one) === placeOf(url));
  if (found === undefined)
    throw new Fault(code, `this machine has no password for ${url.protocol}//${url.host}`, {
      hint: `passwords do not travel: set a variable of the worker, of any name, to the whole address of ${url.host}`,
    });
  url.password = found.password;
  return url.href;
}

function placeOf({ protocol, username, host }: URL): string {
  return `${protocol}//${username}@${host}`;
}
