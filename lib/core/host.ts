// Owns which server an address names: its host in one spelling, whatever its port, scheme and path.
import { PUBLIC_HOSTS } from "./providers.ts";

/** A model and the address it is asked at, as configurations hold them. */
export type Asked = { readonly model: string | null; readonly base_url: string | null };

/** Other names of this machine, as addresses and as systems' lists of hosts have them. */
const THIS_MACHINE =
  /^(127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|(.+\.)?localhost|localhost\d?(\.localdomain\d?)?|ip6-(localhost|loopback))$/;
const MAPPED = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/;

/** `HTTP://u:p@GPU1.:8000/v1` → `gpu1`; every name of this machine → `localhost`. What is not an address stays as it is. */
export function hostOf(address: string): string {
  const hostname = URL.parse(address.trim())?.hostname ?? "";
  if (hostname === "") return address;
  const host = withoutMapping(hostname.toLowerCase().replace(/\.+$/, ""));
  return THIS_MACHINE.test(host) ? "localhost" : host;
}

/** The host that a model is asked at; null where there is none, or it is unknown. */
export function serverOf({ model, base_url }: Asked): string | null {
  return base_url === null ? publicHost(model) : hostOf(base_url);
}

/** The part of an address that distinguishes configurations: its host, and nothing where that is the provider's public one. */
export function ownServer(asked: Asked): string | null {
  const server = serverOf(asked);
  return asked.base_url === null || server === publicHost(asked.model) ? null : server;
}

function publicHost(model: string | null): string | null {
  const prefix = model?.slice(0, model.indexOf("/")) ?? "";
  return PUBLIC_HOSTS.get(prefix) ?? null;
}

/** An IPv4 address that is written as an IPv6 one. */
function withoutMapping(host: string): string {
  const [, high = "", low = ""] = MAPPED.exec(host) ?? [];
  if (low === "") return host;
  const words = [high, low].map((word) => Number.parseInt(word, 16));
  return words.flatMap((word) => [word >> 8, word & 255]).join(".");
}
