// Owns the cases of gathering: who is in which batch, and whose error is whose.
import { expect, test } from "bun:test";
import { openBatch } from "./batch.ts";

test("what is asked for within a moment is done at once, what comes later by itself", async () => {
  const batches: string[][] = [];
  const ask = openBatch<string>(async (items) => void batches.push([...items]));
  await Promise.all([ask("a"), ask("b"), ask("c")]);
  await ask("d");
  expect(batches).toEqual([["a", "b", "c"], ["d"]]);
});

test("an error is everybody's who is in the batch, and nobody else's", async () => {
  const ask = openBatch<string>(async (items) => {
    if (items.includes("bad")) throw new Error("broken");
  });
  const came = await Promise.allSettled([ask("good"), ask("bad")]);
  expect(came.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await ask("later")).toBeUndefined();
});
