// Owns the labels of what Tandem makes in an engine: whose it is, for which unit, until when, and whether that is over.
import { ownerGone, thisOwner } from "../../core/owner.ts";

export const MARK = "tandem=1";

export type Labels = Readonly<Record<string, string>>;

/** Labels for something that works for `key` and is of no use after `lifetime_ms`. */
export function labelsOf(key: string, lifetime_ms: number): Record<string, string> {
  return {
    tandem: "1",
    "tandem.run": key.split("/")[0] ?? key,
    "tandem.key": key,
    "tandem.owner": thisOwner(),
    "tandem.expires": new Date(Date.now() + lifetime_ms).toISOString(),
  };
}

export type LeftReason = "owner gone" | "expired";

/** Why something with these labels is left over; undefined while it may be in use. */
export function leftReason(labels: Labels, now = Date.now()): LeftReason | undefined {
  if (ownerGone(labels["tandem.owner"] ?? "")) return "owner gone";
  const expires = Date.parse(labels["tandem.expires"] ?? "");
  return expires <= now ? "expired" : undefined;
}
