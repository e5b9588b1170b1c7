import { describe, expect, test } from "bun:test";
import { SharedWork } from "./shared.ts";

/** Work that the test ends; `starts` counts, `stopped` tells of the signal it was given. */
function controlled() {
  const ends: PromiseWithResolvers<string>[] = [];
  const signals: AbortSignal[] = [];
  const shared = new SharedWork<string>();
  return {
    signals,
    end: (index = 0) => ends[index]?.resolve(`result ${index}`),
    fail: (index = 0) => ends[index]?.reject(new Error(`failure ${index}`)),
    get: (key: string, signal?: AbortSignal) =>
      shared.get(
        key,
        (given) => {
          signals.push(given);
          const end = Promise.withResolvers<string>();
          ends.push(end);
          return end.promise;
        },
        signal,
      ),
  };
}

describe("shared work", () => {
  test("runs once a key, for all who wait and for those who come later", async () => {
    const work = controlled();
    const waiting = [work.get("a"), work.get("a"), work.get("b")];
    work.end(0);
    work.end(1);
    expect(await Promise.all(waiting)).toEqual(["result 0", "result 0", "result 1"]);
    expect(await work.get("a")).toBe("result 0");
    expect(work.signals).toHaveLength(2);
  });

  test("a failure reaches all who wait, and is tried again", async () => {
    const work = controlled();
    const waiting = [work.get("a"), work.get("a")];
    work.fail(0);
    for (const one of await Promise.allSettled(waiting))
      expect(one).toMatchObject({ status: "rejected", reason: { message: "failure 0" } });
    const again = work.get("a");
    work.end(1);
    expect(await again).toBe("result 1");
  });

  test("one caller's abort leaves the others their result", async () => {
    const work = controlled();
    const stop = new AbortController();
    const [leaving, staying] = [work.get("a", stop.signal), work.get("a")];
    stop.abort(new Error("I leave"));
    await expect(leaving).rejects.toThrow("I leave");
    expect(work.signals[0]?.aborted).toBe(false);
    work.end(0);
    expect(await staying).toBe("result 0");
  });

  test("the last caller's abort stops the work, and the next caller starts anew", async () => {
    const work = controlled();
    const stops = [new AbortController(), new AbortController()];
    const waiting = stops.map(({ signal }) => work.get("a", signal));
    for (const stop of stops) stop.abort(new Error("all leave"));
    await Promise.allSettled(waiting);
    expect(work.signals[0]?.aborted).toBe(true);
    const again = work.get("a");
    work.end(1);
    expect(await again).toBe("result 1");
  });
});
