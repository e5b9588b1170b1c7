// Owns how numbers of things, times and long texts are written everywhere.

/** The word for one, or for none and many: `noun(2, "pair")` is `pairs`. */
export function noun(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? one : many;
}

/** `1 pair`, `2 pairs`. */
export function plural(count: number, one: string, many?: string): string {
  return `${count} ${noun(count, one, many)}`;
}

/** At most `most` characters, with `…` where the rest was cut off; no character is cut in two. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = text.slice(0, Math.max(0, most - 1)).replace(/[\ud800-\udbff]$/, "");
  return `${kept.toWellFormed()}…`;
}

const [SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS] = [1000, 60_000, 3_600_000, 86_400_000];

/** As people say it: `85 ms`, `4.2 s`, `3 min 5 s`, `2 h 4 min`. */
export function duration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  if (ms < MINUTE_MS) return `${(ms / SECOND_MS).toFixed(1)} s`;
  const whole = Math.round(ms / SECOND_MS);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** An estimate, which deserves fewer digits: `40 s`, `3 min`, `2 h 5 min`. */
export function roughDuration(ms: number): string {
  const seconds = Math.ceil(ms / SECOND_MS);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Where there is little room: `42s`, `3m12s`, `2h05m`, `3d04h`. */
export function shortDuration(ms: number): string {
  const whole = (unit: number, of = Number.POSITIVE_INFINITY) => Math.floor((ms % of) / unit);
  const two = (number: number) => String(number).padStart(2, "0");
  if (ms < MINUTE_MS) return `${whole(SECOND_MS)}s`;
  if (ms < HOUR_MS) return `${whole(MINUTE_MS)}m${two(whole(SECOND_MS, MINUTE_MS))}s`;
  if (ms < DAY_MS) return `${whole(HOUR_MS)}h${two(whole(MINUTE_MS, HOUR_MS))}m`;
  return `${whole(DAY_MS)}d${two(whole(HOUR_MS, DAY_MS))}h`;
}

/** `a, b or c`. */
export function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
