// Owns how requests read in messages to people.
import { hostname, userInfo } from "node:os";
import type { ControlRow } from "../../db/schema.ts";

/** Who asks here: user and host. */
export const asker = () =>
  `${process.env.USER || process.env.LOGNAME || userInfo().username}@${hostname()}`;

/** `study s is paused (joe@host, 2026-11-30 14:02 UTC)`, and the like for every request. */
export function requestLine(row: ControlRow): string {
  return `${requestText(row)} (${row.asked_by}, ${when(row.at)})`;
}

type Asked = Pick<ControlRow, "scope" | "name" | "unit" | "verb" | "concurrency">;

/** `study s is paused`. */
export function requestText(row: Asked): string {
  return `${subjectOf(row)} ${statusOf(row)}`;
}

const subjectOf = ({ scope, name, unit }: Asked) => unit ?? `${scope} ${name}`;

function statusOf({ verb, concurrency }: Asked): string {
  if (verb === "concurrency") return `has concurrency ${concurrency}`;
  return { pause: "is paused", resume: "is resumed", cancel: "is cancelled" }[verb];
}

/** `2026-11-30 14:02 UTC`. */
const when = (at: string) => `${at.slice(0, 16).replace("T", " ")} UTC`;
