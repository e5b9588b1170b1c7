// Owns reading the times in foreign logs: seconds since 1970, or ISO 8601 with or without a zone.

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d+))?\s*(Z|[+-]\d\d:?\d\d)?$/;
/** Smaller numbers are not dates (clocks that start with the program), greater ones are milliseconds. */
const FIRST_S = 946_684_800;
const FIRST_MS = 1e11;
const LAST_MS = 4_102_444_800_000;

/**
 * The time in UTC, ISO 8601 with milliseconds; null when there is none, or it makes no sense. A time without a zone is
 * taken as UTC: CooperBench writes local time, and does not say in which zone.
 */
export function moment(value: unknown): string | null {
  if (typeof value === "number") return ofNumber(value);
  if (typeof value !== "string") return null;
  const match = ISO.exec(value.trim());
  if (!match) return /^\d{9,}(\.\d+)?$/.test(value) ? ofNumber(Number(value)) : null;
  const [, day, time, fraction = "", zone = "Z"] = match;
  const whole = `${day}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}${zone}`;
  return ofMilliseconds(Date.parse(whole));
}

function ofNumber(value: number): string | null {
  if (value < FIRST_S) return null;
  return ofMilliseconds(value < FIRST_MS ? Math.round(value * 1000) : value);
}

function ofMilliseconds(value: number): string | null {
  if (!Number.isFinite(value) || value < FIRST_S * 1000 || value > LAST_MS) return null;
  return new Date(value).toISOString();
}
