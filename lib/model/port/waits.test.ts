import { describe, expect, test } from "bun:test";
import { Fault } from "../../core/fault.ts";
import { WIRE_NAMES } from "../wire/wire.ts";
import { ALIVE_MS, ASK_AGAIN_MS } from "./answer.ts";
import { answerOf, eventually, heldPort, WORDINGS } from "./held.fixture.ts";

const BUSY = { messages: 529, responses: 503, chat: 503, contents: 503 } as const;

describe.each(WIRE_NAMES)("on %s", (wire) => {
  const { path, body } = WORDINGS[wire];
  const opened = async (session = {}) => {
    const world = await heldPort(session);
    const ask = (stream: boolean, text = "hello", init = {}) =>
      world.post(path(stream), body(text, { stream }), init);
    return { world, ask };
  };

  test.each([true, false])(
    "S2: who waits is told to ask again, and joins the one call (stream: %p)",
    async (stream) => {
      const { world, ask } = await opened();
      await using _world = world;
      const first = ask(stream);
      const { resolve } = await world.next(1);
      expect(ASK_AGAIN_MS).toBeLessThanOrEqual(60_000);
      await world.clock.pass(ASK_AGAIN_MS);
      const { status, headers } = await first;
      expect([status, headers.get("retry-after"), headers.get("x-should-retry")]).toEqual([
        BUSY[wire],
        "1",
        "true",
      ]);
      const second = ask(stream);
      resolve(answerOf({ text: "Here I am." }));
      const answered = await second;
      expect(answered.status).toBe(200);
      expect(await answered.text()).toContain("Here I am.");
      expect(world.held).toHaveLength(1);
      // Its answer was read: the same words are a new question.
      const third = ask(stream);
      (await world.next(2)).resolve(answerOf({ text: "Once more." }));
      expect(await (await third).text()).toContain("Once more.");
    },
  );

  test("S2: who goes away while waiting and asks again has the answer of the one call", async () => {
    const { world, ask } = await opened();
    await using _world = world;
    const leaving = new AbortController();
    const first = ask(true, "hello", { signal: leaving.signal });
    const { resolve } = await world.next(1);
    leaving.abort();
    await expect(first).rejects.toThrow();
    resolve(answerOf({ text: "Still here." }));
    await eventually(() => world.exchanges.length === 1);
    expect(await (await ask(true)).text()).toContain("Still here.");
    expect(world.held).toHaveLength(1);
  });

  test("S2: who goes away in mid-answer and asks again has it whole", async () => {
    const { world, ask } = await opened();
    await using _world = world;
    const leaving = new AbortController();
    const first = ask(true, "hello", { signal: leaving.signal });
    // More than connections hold: the end of a short answer may be under way before anybody notices that its reader went.
    const text = `${"long ".repeat(10 ** 6)}end.`;
    (await world.next(1)).resolve(answerOf({ text }));
    const reader = (await first).body?.getReader();
    await reader?.read();
    leaving.abort();
    await Bun.sleep(10);
    expect(await (await ask(true)).text()).toContain("end.");
    expect(world.held).toHaveLength(1);
  });

  test("two who ask the same at once have one call; others go beside it, and are kept in their order", async () => {
    const { world, ask } = await opened();
    await using _world = world;
    const same = [ask(true), ask(true)];
    const first = await world.next(1);
    const other = ask(false, "something else");
    (await world.next(2)).resolve(answerOf({ text: "The other." }));
    expect(await (await other).text()).toContain("The other.");
    expect(world.exchanges).toEqual([]);
    first.resolve(answerOf({ text: "Both." }));
    for (const one of same) expect(await (await one).text()).toContain("Both.");
    await eventually(() => world.exchanges.length === 2);
    expect(world.exchanges.map(({ answer }) => answer.text)).toEqual(["Both.", "The other."]);
    expect(world.held).toHaveLength(2);
  });

  test("one beside which no other is allowed keeps the next waiting, and what failed does not", async () => {
    const { world, ask } = await opened({ allows: (under_way: number) => under_way < 1 });
    await using _world = world;
    const first = ask(false);
    const { reject } = await world.next(1);
    const second = ask(false, "something else");
    await Bun.sleep(10);
    expect(world.held).toHaveLength(1);
    reject(new Fault("model_request", "no", { hint: "do" }));
    expect((await first).status).toBe(400);
    (await world.next(2)).resolve(answerOf({ text: "Fine." }));
    expect((await second).status).toBe(200);
    world.admission[Symbol.dispose]();
    await world.admission.heard();
    expect(world.exchanges.map(({ answer }) => answer.text)).toEqual(["Fine."]);
  });

  const ENDS = [
    ["budget_reached", 403, true],
    ["provider_down", 403, true],
    ["context_too_long", 400, false],
    ["model_request", 400, false],
  ] as const;
  test.each(ENDS)(
    "S2: %s is said once and for all where it is final",
    async (code, status, is_final) => {
      const { world, ask } = await opened();
      await using _world = world;
      const fault = new Fault(code, "what happened", { hint: "do" });
      const first = ask(true);
      (await world.next(1)).reject(fault);
      const refused = await first;
      expect([refused.status, refused.headers.get("x-should-retry")]).toEqual([status, "false"]);
      expect(await refused.text()).toContain("what happened");
      expect(world.admission.failure).toBe(fault);
      const second = ask(false, "shorter");
      if (!is_final) (await world.next(2)).resolve(answerOf({ text: "Fine." }));
      const { status: then } = await second;
      expect(then).toBe(is_final ? status : 200);
      expect(world.admission.failure).toBe(is_final ? fault : undefined);
      expect(world.held).toHaveLength(is_final ? 1 : 2);
    },
  );
});

test.each(WIRE_NAMES)(
  "%s shows signs of life in a whole answer that is waited for again, and breaks off where none comes",
  async (wire) => {
    await using world = await heldPort();
    const { path, body } = WORDINGS[wire];
    const waits = async (text: string, n: number) => {
      const first = world.post(path(false), body(text));
      const call = await world.next(n);
      await world.clock.pass(ASK_AGAIN_MS);
      await (await first).text();
      const second = await world.post(path(false), body(text));
      expect([second.status, second.headers.get("content-type")]).toEqual([
        200,
        "application/json",
      ]);
      await world.clock.pass(ALIVE_MS);
      return { call, second };
    };
    const good = await waits("hello", 1);
    good.call.resolve(answerOf({ text: "Here I am." }));
    const text = await good.second.text();
    expect(text).toStartWith("  ");
    expect(JSON.stringify(JSON.parse(text))).toContain("Here I am.");
    const bad = await waits("and then?", 2);
    bad.call.reject(new Fault("budget_reached", "no money left", { hint: "do" }));
    await expect(bad.second.text()).rejects.toThrow();
    const told = await world.post(path(false), body("and then?"));
    expect([told.status, await told.text()]).toEqual([403, expect.stringContaining("no money")]);
  },
);

test.each(["messages", "responses", "chat"] as const)(
  "%s shows signs of life in a stream that waits again",
  async (wire) => {
    await using world = await heldPort();
    const { path, body } = WORDINGS[wire];
    const ask = () => world.post(path(true), body("hello", { stream: true }));
    const first = ask();
    const { reject } = await world.next(1);
    await world.clock.pass(ASK_AGAIN_MS);
    await (await first).text();
    const second = await ask();
    const reader = second.body?.pipeThrough(new TextDecoderStream()).getReader();
    const sign = /ping|keepalive|: waiting/;
    expect((await reader?.read())?.value).toMatch(sign);
    await world.clock.pass(ALIVE_MS);
    expect((await reader?.read())?.value).toMatch(sign);
    reject(new Fault("budget_reached", "no money left", { hint: "do" }));
    expect((await reader?.read())?.value).toContain("no money left");
    expect((await reader?.read())?.done).toBe(true);
  },
);

describe("what ends an agent", () => {
  const { path, body } = WORDINGS.messages;

  test("S2: what the check throws refuses the call before it is made, and is remembered", async () => {
    const limit = new Error("limit reached: steps");
    await using world = await heldPort({
      check() {
        throw limit;
      },
    });
    const { status } = await world.post(path(false), body("hello"));
    expect({ status, held: world.held.length }).toEqual({ status: 403, held: 0 });
    expect(world.admission.failure).toBe(limit);
  });

  test("S4: the end of an admission ends its calls, and its token is one of nobody", async () => {
    await using world = await heldPort();
    const other = world.admit();
    const first = world.post(path(false), body("hello"), { token: other.token });
    const { signal } = await world.next(1);
    other[Symbol.dispose]();
    expect((await first).status).toBe(403);
    expect(signal.aborted).toBe(true);
    const later = await world.post(path(false), body("hello"), { token: other.token });
    expect(later.status).toBe(401);
  });

  test("S4: an abort of the attempt ends its calls", async () => {
    const attempt = new AbortController();
    await using world = await heldPort({ signal: attempt.signal });
    const first = world.post(path(false), body("hello"));
    await world.next(1);
    attempt.abort(new Error("stopped by hand"));
    expect(await (await first).text()).toContain("stopped by hand");
  });
});
