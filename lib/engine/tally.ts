// Owns counting the units of a call: those it was given, those it works on, those that have ended.

/** Units of one stage in this call. */
export type Counts = {
  readonly units: number;
  readonly ended: number;
  readonly under_way: number;
  readonly left: number;
};
export const NO_UNITS: Counts = { units: 0, ended: 0, under_way: 0, left: 0 };
export type Tally<U> = {
  readonly given: (units: readonly U[]) => void;
  readonly ended: (unit: U) => void;
  /** Counts units as under way while `work` goes on. */
  readonly during: <T>(units: readonly U[], work: () => Promise<T>) => Promise<T>;
  readonly counts: () => Counts;
};

/** A unit that is given again, say after a fault, no longer counts as ended. */
export function openTally<U>(keyOf: (unit: U) => string): Tally<U> {
  const ends = new Map<string, boolean>();
  let [ended, under_way] = [0, 0];
  const mark = (unit: U, end: boolean) => {
    const key = keyOf(unit);
    if (ends.get(key) === true) ended--;
    if (end) ended++;
    ends.set(key, end);
  };
  return {
    given(units) {
      for (const unit of units) mark(unit, false);
    },
    ended: (unit) => mark(unit, true),
    async during(units, work) {
      under_way += units.length;
      try {
        return await work();
      } finally {
        under_way -= units.length;
      }
    },
    counts: () => ({ units: ends.size, ended, under_way, left: ends.size - ended }),
  };
}
