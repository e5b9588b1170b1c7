import { describe, expect, test } from "bun:test";
import { Fault } from "../../../core/fault.ts";
import { type Kind, openSeats, type Room } from "./seats.ts";

const room = (name: string, agents: number, suites = agents, together?: number): Room => ({
  ...{ name, agents, suites },
  ...(together === undefined ? {} : { together }),
});

/** Seats on these rooms; `suits` names those that have what is needed. */
function seatsOn(rooms: readonly Room[]) {
  const seats = openSeats<Room>();
  const take = (sandboxes = 1, { kind = "agents" as Kind, suits = "", among = () => rooms } = {}) =>
    seats.take({ kind, sandboxes, among, suits: ({ name }) => suits.includes(name) });
  return { seats, take };
}

/** Names in the order in which `n` places are taken. */
async function order(rooms: readonly Room[], n: number, how = {}): Promise<string> {
  const { take } = seatsOn(rooms);
  let names = "";
  for (let i = 0; i < n; i++) names += (await take(1, how)).room.name;
  return names;
}

describe("engines are taken", () => {
  const CASES: [title: string, rooms: Room[], n: number, how: object, expected: string][] = [
    ["by the room that they have", [room("a", 1), room("b", 2)], 3, {}, "bab"],
    ["by the share that is taken", [room("a", 4), room("b", 2)], 6, {}, "aabaab"],
    ["in their order between equals", [room("a", 2), room("b", 2)], 4, {}, "abab"],
    ["first where the image is", [room("a", 2), room("b", 2)], 4, { suits: "b" }, "bbaa"],
    ["each kind by itself", [room("a", 1, 4), room("b", 4, 1)], 5, { kind: "suites" }, "aaaab"],
  ];
  test.each(CASES)("%s", async (_, rooms, n, how, expected) => {
    expect(await order(rooms, n, how)).toBe(expected);
  });

  test("up to what their memory is enough for, of both kinds together", async () => {
    const { take, seats } = seatsOn([room("a", 4, 4, 2)]);
    await take(1);
    const other = await take(1, { kind: "suites" });
    let third = false;
    const waiting = take(1).then((seat) => {
      third = true;
      return seat;
    });
    await Bun.sleep(5);
    expect(third).toBe(false);
    other[Symbol.dispose]();
    expect((await waiting).room.name).toBe("a");
    expect(seats.used((await waiting).room)).toBe(2);
  });
});

describe("who waits", () => {
  test("has all places that belong together at once, or none: two that need two each never hold one each", async () => {
    const { take } = seatsOn([room("a", 3)]);
    const first = await take(2);
    const second = take(2);
    first[Symbol.dispose]();
    expect((await second).room.name).toBe("a");
  });

  test("for more than an engine has gets it when it is empty", async () => {
    const { take } = seatsOn([room("a", 2)]);
    const one = await take(1);
    const big = take(5);
    one[Symbol.dispose]();
    expect((await big).room.name).toBe("a");
  });

  test("goes first if what it needs is there, however late it came", async () => {
    const { take } = seatsOn([room("a", 1)]);
    const held = await take();
    const done: string[] = [];
    const other = take(1, { suits: "b" }).then((seat) => {
      done.push("other");
      seat[Symbol.dispose]();
    });
    const fitting = take(1, { suits: "a" }).then((seat) => {
      done.push("fitting");
      seat[Symbol.dispose]();
    });
    held[Symbol.dispose]();
    await Promise.all([other, fitting]);
    expect(done).toEqual(["fitting", "other"]);
  });

  test("leaves with its signal, and takes no place", async () => {
    const seats = openSeats<Room>();
    const a = room("a", 1);
    const stop = new AbortController();
    const want = { kind: "agents", sandboxes: 1, among: () => [a], suits: () => true } as const;
    const held = await seats.take(want);
    const waiting = seats.take({ ...want, signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    held[Symbol.dispose]();
    held[Symbol.dispose]();
    expect(seats.used(a)).toBe(0);
  });

  test("hears that there is no engine any more, and takes one that has come", async () => {
    const gone = new Fault("engine_gone", "none", { hint: "start one" });
    let among: readonly Room[] | Fault = [room("a", 1)];
    const { take, seats } = seatsOn([]);
    const how = { among: () => among as readonly Room[] };
    await take(1, how);
    const [first, second] = [take(1, how), take(1, how)];
    among = [room("b", 1)];
    seats.changed();
    expect((await first).room.name).toBe("b");
    among = gone as never;
    seats.changed();
    await expect(second).rejects.toBe(gone);
  });
});
