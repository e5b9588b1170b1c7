// Owns the refusals that the statistics share: what a level, a count or a value must be.

/** Throws RangeError unless 0 < level < 1. */
export function checkLevel(level: number): void {
  if (!(level > 0 && level < 1)) throw new RangeError(`level ${level} must be between 0 and 1`);
}

/** Throws RangeError unless `count` is whole and at least `least`. */
export function checkCount(name: string, count: number, least: number): void {
  if (!Number.isSafeInteger(count) || count < least)
    throw new RangeError(`${name} ${count} must be a whole number, ${least} or more`);
}

/** Throws RangeError unless every value is a finite number. */
export function checkFinite(name: string, values: readonly number[]): void {
  const bad = values.find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw new RangeError(`${name} ${bad} must be a finite number`);
}
