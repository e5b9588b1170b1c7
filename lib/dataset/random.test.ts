import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { UsageError } from "../core/fault.ts";
import { describeWith, testData } from "../core/testing.ts";
import { CPythonRandom } from "./random.ts";

const range = (length: number) => Array.from({ length }, (_, i) => i);

describe("equal to CPython", () => {
  const heads: [seed: number | bigint, floats: number[], bits: bigint[]][] = [
    [
      0,
      [0.8444218515250481, 0.7579544029403025],
      [0n, 173879092n, 5407006266n, 8963783824838420066n, 1092065034664182788646272353144n],
    ],
    [
      -42,
      [0.6394267984578837, 0.025010755222666936],
      [0n, 1051802512n, 958682846n, 1890702223848595625n, 704511047883023533822611041645n],
    ],
    [
      2 ** 32,
      [0.11299430095636409, 0.41782886486292836],
      [0n, 98019085n, 6922290953n, 14062563923815490048n, 1231649958305733179221445831393n],
    ],
    [
      -(10n ** 40n),
      [0.34753796566513817, 0.7605339873511711],
      [0n, 1019749208n, 6433126950n, 17143635131242133323n, 1212311371222781095063168142374n],
    ],
    [
      2n ** 20000n + 3n,
      [0.637561172827894, 0.6855582842237892],
      [1n, 1142351643n, 7138443900n, 11007016407837466471n, 289384874748175543072811644881n],
    ],
  ];
  test.each(heads)("floats, then 1, 32, 33, 64 and 100 bits of seed %#", (seed, floats, bits) => {
    const random = new CPythonRandom(seed);
    expect(floats.map(() => random.random())).toEqual(floats);
    expect([1, 32, 33, 64, 100].map((k) => random.getrandbits(k))).toEqual(bits);
  });

  test("the 2000th float, after several refills of the state", () => {
    const random = new CPythonRandom(42);
    const floats = range(2000).map(() => random.random());
    expect(floats.at(-1)).toBe(0.30176443514420326);
  });

  test("zero bits draw nothing", () => {
    const random = new CPythonRandom(0);
    expect(random.getrandbits(0)).toBe(0n);
    expect(random.random()).toBe(0.8444218515250481);
  });

  test("randbelow up to 53 bits", () => {
    const random = new CPythonRandom(5);
    const bounds = [1, 2, 7, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1];
    const expected = [0, 1, 6, 124576495, 3609267711, 673671309, 4224999580621183];
    expect(bounds.map((n) => random.randbelow(n))).toEqual(expected);
  });

  /** Either side of the size from which CPython keeps a set instead of a pool: 21 + 4 ** ceil(log(3k, 4)). */
  const limits: [total: number, k: number, sum: number][] = [
    [85, 17, 637],
    [86, 17, 632],
    [85, 20, 787],
    [86, 20, 811],
    [85, 21, 866],
    [86, 21, 864],
    [277, 22, 2211],
    [278, 22, 2211],
    [277, 64, 7456],
    [278, 64, 7895],
    [277, 65, 7514],
    [278, 65, 7928],
    [277, 84, 9989],
    [278, 84, 10773],
    [277, 85, 10007],
    [278, 85, 10968],
    [1045, 86, 39849],
    [1046, 86, 43510],
  ];
  test.each(limits)("%p items, sample of %p: the pool's limit", (total, k, sum) => {
    const drawn = new CPythonRandom(42).sample(range(total), k);
    expect(drawn.reduce((all, one) => all + one, 0)).toBe(sum);
  });

  const samples: [seed: number, total: number, k: number, drawn: number[]][] = [
    [42, 652, 5, [114, 25, 281, 250, 228]],
    [7, 5, 5, [2, 1, 3, 0, 4]],
    [3, 10, 0, []],
    [2, 21, 5, [1, 2, 19, 11, 5]],
    [2, 22, 5, [1, 2, 11, 5, 21]],
    [5, 85, 6, [79, 32, 45, 67, 3, 59]],
    [2, 86, 6, [7, 11, 10, 46, 21, 85]],
  ];
  test.each(samples)("seed %p: %p items, sample of %p", (seed, total, k, drawn) => {
    expect(new CPythonRandom(seed).sample(range(total), k)).toEqual(drawn);
  });

  const ends: [total: number, head: number[], tail: number[], checksum: number][] = [
    [1045, [948, 764, 547], [602, 173, 679], 16330252],
    [1046, [948, 764, 547], [933, 900, 788], 15198417],
  ];
  test.each(ends)(
    "sample of 250 from %p, either side of the pool's limit",
    (total, head, tail, checksum) => {
      const drawn = new CPythonRandom(9).sample(range(total), 250);
      expect(drawn.slice(0, 3)).toEqual(head);
      expect(drawn.slice(-3)).toEqual(tail);
      expect(drawn.reduce((sum, value, i) => sum + i * value, 0)).toBe(checksum);
    },
  );

  const shuffles: [seed: number, shuffled: number[]][] = [
    [42, [7, 3, 2, 8, 5, 6, 9, 4, 0, 1]],
    [0, [0, 2, 1]],
    [190, [0]],
  ];
  test.each(shuffles)("shuffle with seed %p", (seed, shuffled) => {
    const list = range(shuffled.length);
    new CPythonRandom(seed).shuffle(list);
    expect(list).toEqual(shuffled);
  });
});

describe("refusals", () => {
  test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("seed %p", (seed) => {
    expect(() => new CPythonRandom(seed)).toThrow(UsageError);
  });
  const random = new CPythonRandom(1);
  const calls: [string, () => unknown][] = [
    ["more than there is", () => random.sample([1, 2], 3)],
    ["fewer than none", () => random.sample([1, 2], -1)],
    ["half an item", () => random.sample([1, 2], 0.5)],
    ["below zero", () => random.randbelow(0)],
    ["below a number too large to be exact", () => random.randbelow(2 ** 53)],
    ["negative bits", () => random.getrandbits(-1)],
  ];
  test.each(calls)("%s", (_, call) => {
    expect(call).toThrow(RangeError);
  });
});

type Vectors = {
  sample: { seed: number; population: number; k: number; sample: number[] }[];
  shuffle: { seed: number; n: number; shuffled: number[] }[];
  float_then_bits: { seed: number; random: number[] }[];
};

describeWith("data", "all vectors", () => {
  const text = () => Bun.file(join(testData?.vectors ?? "", "cpython-random.json")).text();

  test("samples and shuffles", async () => {
    const vectors: Vectors = JSON.parse(await text());
    expect([vectors.sample.length, vectors.shuffle.length]).toEqual([48, 12]);
    for (const { seed, population, k, sample } of vectors.sample)
      expect(new CPythonRandom(seed).sample(range(population), k)).toEqual(sample);
    for (const { seed, n, shuffled } of vectors.shuffle) {
      const list = range(n);
      new CPythonRandom(seed).shuffle(list);
      expect(list).toEqual(shuffled);
    }
  });

  test("floats, then bits", async () => {
    const source = await text();
    const vectors: Vectors = JSON.parse(source);
    expect(vectors.float_then_bits.length).toBe(2);
    for (const [index, { seed, random: floats }] of vectors.float_then_bits.entries()) {
      const random = new CPythonRandom(seed);
      expect(floats.map(() => random.random())).toEqual(floats);
      for (const [k, bits] of exactBits(source, index)) expect(random.getrandbits(k)).toBe(bits);
    }
  });
});

/** The `[k, bits]` pairs of one entry read from the text, because 64 bits do not survive JSON.parse. */
function exactBits(source: string, index: number): [number, bigint][] {
  const entry = source.split('"getrandbits_k":')[index + 1] ?? "";
  const list = entry.slice(0, entry.indexOf("]]"));
  const pairs = [...list.matchAll(/\[(\d+), (\d+)/g)];
  expect(pairs.length).toBe(8);
  return pairs.map(([, k = "", bits = ""]) => [Number(k), BigInt(bits)]);
}
