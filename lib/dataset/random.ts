// Owns random numbers that equal CPython's: the seeded sampler must repeat published draws bit for bit.
import { UsageError } from "../core/fault.ts";

const SIZE = 624;
const SHIFT = 397;
const TWO_32 = 2 ** 32;

/**
 * CPython 3's `random.Random(seed)` for whole-number seeds, bit-equal to it.
 * Sources: Matsumoto and Nishimura 1998 (MT19937, with the 2002 `init_by_array`); CPython's documented
 * mapping of its output to floats, bits and choices (3.11 and later).
 */
export class CPythonRandom {
  readonly #state = new Uint32Array(SIZE);
  #position = SIZE;

  /** The sign of `seed` is ignored, as in CPython. Throws UsageError for fractions and unsafe numbers. */
  constructor(seed: number | bigint) {
    seedByArray(this.#state, wordsOf(checkedSeed(seed)));
  }

  /** A float in [0, 1) with 53 random bits. */
  random(): number {
    const high = this.#bits(27);
    const low = this.#bits(26);
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** A whole number of `k` random bits; `k` = 0 draws nothing and gives 0. Throws RangeError for `k` < 0. */
  getrandbits(k: number): bigint {
    if (!Number.isSafeInteger(k) || k < 0)
      throw new RangeError(`getrandbits(${k}): k must be a whole number`);
    let result = 0n;
    for (let filled = 0; filled < k; filled += 32)
      result |= BigInt(this.#bits(Math.min(32, k - filled))) << BigInt(filled);
    return result;
  }

  /** A whole number in [0, n), for 1 ≤ `n` ≤ 2^53 − 1. Throws RangeError otherwise. */
  randbelow(n: number): number {
    if (!Number.isSafeInteger(n) || n < 1)
      throw new RangeError(`randbelow(${n}): n must be 1 or more`);
    const width = bitLength(n);
    let draw = this.#wideBits(width);
    while (draw >= n) draw = this.#wideBits(width);
    return draw;
  }

  /** `k` different places of `population`, in draw order. Throws RangeError unless 0 ≤ `k` ≤ its length. */
  sample<T>(population: readonly T[], k: number): T[] {
    const total = population.length;
    if (!Number.isInteger(k) || k < 0 || k > total)
      throw new RangeError(`cannot sample ${k} of ${total}`);
    const places = total <= poolLimit(k) ? this.#fromPool(total, k) : this.#fromSet(total, k);
    return places.map((place) => itemAt(population, place));
  }

  /** Shuffles in place. */
  shuffle<T>(list: T[]): void {
    for (let last = list.length - 1; last > 0; last--) {
      const other = this.randbelow(last + 1);
      const moved = itemAt(list, last);
      list[last] = itemAt(list, other);
      list[other] = moved;
    }
  }

  #fromPool(total: number, k: number): number[] {
    const pool = Array.from({ length: total }, (_, place) => place);
    return Array.from({ length: k }, (_, drawn) => {
      const left = total - drawn;
      const index = this.randbelow(left);
      const place = itemAt(pool, index);
      pool[index] = itemAt(pool, left - 1);
      return place;
    });
  }

  #fromSet(total: number, k: number): number[] {
    const places = new Set<number>();
    while (places.size < k) places.add(this.randbelow(total));
    return [...places];
  }

  /** The top `k` bits of the next word, 1 ≤ k ≤ 32. */
  #bits(k: number): number {
    return this.#word() >>> (32 - k);
  }

  /** `k` bits as a number, 1 ≤ k ≤ 53; the first word drawn is the low one. */
  #wideBits(k: number): number {
    if (k <= 32) return this.#bits(k);
    const low = this.#bits(32);
    return this.#bits(k - 32) * TWO_32 + low;
  }

  #word(): number {
    if (this.#position === SIZE) {
      twist(this.#state);
      this.#position = 0;
    }
    return temper(wordAt(this.#state, this.#position++));
  }
}

/** CPython copies the population to a pool up to this length, and keeps a set of draws above it. */
function poolLimit(k: number): number {
  const smallSet = 21;
  if (k <= 5) return smallSet;
  let table = 1;
  while (table < 3 * k) table *= 4;
  return smallSet + table;
}

function checkedSeed(seed: number | bigint): bigint {
  if (typeof seed === "number" && !Number.isSafeInteger(seed))
    throw new UsageError(`seed ${seed} must be a whole number between -(2^53 - 1) and 2^53 - 1`);
  const whole = BigInt(seed);
  return whole < 0n ? -whole : whole;
}

/** 32-bit words, lowest first; zero is one word. */
function wordsOf(value: bigint): Uint32Array {
  const words = [Number(value & 0xffffffffn)];
  for (let rest = value >> 32n; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return Uint32Array.from(words);
}

function seedByWord(state: Uint32Array, word: number): void {
  state[0] = word;
  for (let i = 1; i < SIZE; i++) state[i] = Math.imul(1812433253, folded(state, i - 1)) + i;
}

function seedByArray(state: Uint32Array, key: Uint32Array): void {
  seedByWord(state, 19650218);
  let i = 1;
  const step = (factor: number, added: number) => {
    state[i] = (wordAt(state, i) ^ Math.imul(folded(state, i - 1), factor)) + added;
    i++;
    if (i < SIZE) return;
    state[0] = wordAt(state, SIZE - 1);
    i = 1;
  };
  for (let count = 0; count < Math.max(SIZE, key.length); count++) {
    const j = count % key.length;
    step(1664525, wordAt(key, j) + j);
  }
  for (let count = 1; count < SIZE; count++) step(1566083941, -i);
  state[0] = 0x80000000;
}

function folded(state: Uint32Array, index: number): number {
  const word = wordAt(state, index);
  return word ^ (word >>> 30);
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < SIZE; i++) {
    const next = wordAt(state, (i + 1) % SIZE);
    const joined = (wordAt(state, i) & 0x80000000) | (next & 0x7fffffff);
    const odd = (next & 1) === 1 ? 0x9908b0df : 0;
    state[i] = wordAt(state, (i + SHIFT) % SIZE) ^ (joined >>> 1) ^ odd;
  }
}

function temper(word: number): number {
  let mixed = word ^ (word >>> 11);
  mixed ^= (mixed << 7) & 0x9d2c5680;
  mixed ^= (mixed << 15) & 0xefc60000;
  return (mixed ^ (mixed >>> 18)) >>> 0;
}

function bitLength(n: number): number {
  return n < TWO_32 ? 32 - Math.clz32(n) : 64 - Math.clz32(Math.floor(n / TWO_32));
}

/** Reads inside the bounds, which the compiler cannot know; anything else is a defect of this file. */
function wordAt(words: Uint32Array, index: number): number {
  const word = words[index];
  if (word === undefined) throw new RangeError(`no word ${index}`);
  return word;
}

/** The same for a list; `T` may include undefined, so the index is what is checked. */
function itemAt<T>(list: readonly T[], index: number): T {
  if (index < 0 || index >= list.length) throw new RangeError(`no item ${index}`);
  return list[index] as T;
}
