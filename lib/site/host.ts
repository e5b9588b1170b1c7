// Owns which names the live view answers to: a page of another site must not reach it through that site's own name.
import { isIP } from "node:net";

/**
 * Whether a request's Host header may be answered. DNS rebinding needs a name whose address the attacker changes: so
 * addresses pass, and of names only localhost and the one that the server was told to listen on.
 */
export function isOwnHost(header: string | null, listening: string): boolean {
  const name = hostName(header ?? "");
  if (name === undefined) return false;
  return isIP(name) !== 0 || name === "localhost" || name === listening.toLowerCase();
}

/** The name without its port; undefined when there is none or it cannot be read. */
function hostName(header: string): string | undefined {
  const bracketed = /^\[([0-9a-fA-F:.]+)\](?::\d+)?$/.exec(header);
  if (bracketed) return bracketed[1];
  return /^([A-Za-z0-9.-]+)(?::\d+)?$/.exec(header)?.[1]?.toLowerCase();
}

/**
 * Whether a request that changes something comes from a page of this server, or from a program: browsers name the page's
 * origin with every POST, and a page cannot choose it.
 */
export function isOwnOrigin(headers: Headers): boolean {
  const origin = headers.get("origin");
  return origin === null || origin === `http://${headers.get("host")}`;
}

/** Whether only this machine reaches a server that listens there. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
