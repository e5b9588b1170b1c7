import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { connect } from "node:net";
import { join } from "node:path";
import { openLedger } from "../../db/ledger.ts";
import { fill } from "../../db/queries/filled.fixture.ts";
import { temporaryFolder } from "../core/testing.ts";
import { serveView, type View } from "../site/serve.ts";
import { openSteering } from "./steering.ts";

// On machines that may be busy.
setDefaultTimeout(60_000);

const KEY = "coop-a/alpha_task/task1/features_1_2";
const BROKEN = "coop-a/beta_task/task0/features_4_7";

describe("the live view that may be steered", () => {
  const folder = temporaryFolder("tandem-steer");
  const path = join(folder.path, "ledger.sqlite");
  const ledger = openLedger(path);
  const stop = new AbortController();
  const about = { ledger, log_dir: join(folder.path, "logs") };
  let steering: Awaited<ReturnType<typeof openSteering>>;
  let view: View;
  let bare: View;
  beforeAll(async () => {
    fill(ledger);
    steering = await openSteering({ ...about, runs: ["coop-a", "solo-a"], patience_ms: 600 });
    const served = { ...about, policy: "union", hostname: "127.0.0.1", port: 0 } as const;
    view = serveView({ ...served, steering, signal: stop.signal });
    bare = serveView({ ...served, signal: stop.signal });
  });
  afterAll(async () => {
    await view[Symbol.asyncDispose]();
    await bare[Symbol.asyncDispose]();
    await steering[Symbol.asyncDispose]();
    ledger.close();
    folder[Symbol.dispose]();
  });

  const post = (to: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${view.url}${to}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-tandem-token": steering.token, ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const said = async (answer: Response) => [answer.status, (await answer.text()).trim()];
  const asked = () => ledger.controls.all().map(({ name, verb, unit }) => [name, verb, unit]);

  const PAUSE = { do: "pause", name: "coop-a" };
  const REFUSED: [
    what: string,
    headers: Record<string, string>,
    body: unknown,
    status: number,
    words: string,
  ][] = [
    ["no token", { "x-tandem-token": "" }, PAUSE, 403, "the token is wrong: it was printed when"],
    ["another token", { "x-tandem-token": "x".repeat(32) }, PAUSE, 403, "the token is wrong"],
    ["another site", { origin: "http://evil.example" }, PAUSE, 403, "only the view's own pages"],
    ["a sandboxed page", { origin: "null" }, PAUSE, 403, "only the view's own pages"],
    ["another port of this machine", { origin: "http://127.0.0.1:1" }, PAUSE, 403, "own pages"],
    ["a page elsewhere", { "sec-fetch-site": "cross-site" }, PAUSE, 403, "only the view's own"],
    ["a form", { "content-type": "text/plain" }, PAUSE, 415, "a request must be JSON"],
    ["what is no JSON", {}, "{", 400, "this is not JSON"],
    ["too much", {}, JSON.stringify({ ...PAUSE, keys: ["a".repeat(70_000)] }), 413, "65536 bytes"],
    ["a list", {}, [PAUSE], 400, "the request: "],
    ["an unknown verb", {}, { do: "explode", name: "coop-a" }, 400, "do: "],
    ["an unknown field", {}, { ...PAUSE, force: true }, 400, "force"],
    ["an unknown run", {}, { ...PAUSE, name: "coop-b" }, 400, 'did you mean "coop-a"?'],
    ["a run that is not shown", {}, { ...PAUSE, name: "solo-b" }, 400, "does not show solo-b"],
    [
      "an unknown pair",
      {},
      { do: "cancel", name: "coop-a", keys: ["coop-a/x_task/task1/features_1_2"] },
      400,
      "unknown pair",
    ],
    ["what is done", {}, { do: "cancel", name: "coop-a", keys: [KEY] }, 400, "it is done"],
    ["no number", {}, { do: "concurrency", name: "coop-a" }, 400, "how many attempts"],
    [
      "too small a number",
      {},
      { do: "concurrency", name: "coop-a", concurrency: 0 },
      400,
      "concurrency: ",
    ],
  ];
  test.each(REFUSED)("refuses %s, and asks nothing", async (_, headers, body, status, words) => {
    const [code, text] = await said(await post("steer", body, headers));
    expect([code, String(text).includes(words), String(text).split("\n").length]).toEqual([
      status,
      true,
      1,
    ]);
    expect(asked()).toEqual([]);
  });

  const RAW: [what: string, host: string, method: string, status: number][] = [
    ["a name that is not ours", "evil.example", "POST", 421],
    ["a question before a request of another site", "127.0.0.1", "OPTIONS", 405],
    ["a GET", "127.0.0.1", "GET", 404],
    ["a PUT", "127.0.0.1", "PUT", 405],
  ];
  test.each(RAW)("answers %s with a refusal", async (_, host, method, status) => {
    const { hostname, port } = new URL(view.url);
    const socket = connect(Number(port), hostname);
    const head = `x-tandem-token: ${steering.token}\r\nOrigin: http://${host}\r\ncontent-type: application/json`;
    socket.write(
      `${method} /steer HTTP/1.1\r\nHost: ${host}\r\n${head}\r\ncontent-length: 2\r\nConnection: close\r\n\r\n{}`,
    );
    let answer = "";
    for await (const chunk of socket.setEncoding("utf8")) answer += chunk;
    expect(answer).toStartWith(`HTTP/1.1 ${status}`);
    expect(answer.toLowerCase()).not.toContain("access-control");
  });

  test("without --steer is read-only, and says how it would not be", async () => {
    const answer = await fetch(`${bare.url}steer`, { method: "POST", body: "{}" });
    expect(await said(answer)).toEqual([405, expect.stringContaining("--steer")]);
    const page = await (await fetch(bare.url)).text();
    for (const part of ["data-ask=", "x-tandem-token"]) expect(page).not.toContain(part);
  });

  test("has its token in no page", async () => {
    for (const path of ["", "pairs.html", "under-way.html", `pairs/${KEY}.html`]) {
      const page = await (await fetch(view.url + path)).text();
      expect(page.length).toBeGreaterThan(100);
      expect(page).not.toContain(steering.token);
    }
  });

  test("shows what it refused, with why", async () => {
    const page = await (await fetch(`${view.url}under-way.html`)).text();
    expect(page).toContain("refused: say how many attempts at a time");
  });

  test("asks what ctl and retry ask, in the name of who serves it, and shows it", async () => {
    expect(await said(await post("steer", PAUSE, { origin: new URL(view.url).origin }))).toEqual([
      200,
      "asked: run coop-a is paused",
    ]);
    await post("steer", { do: "concurrency", name: "coop-a", concurrency: 7 });
    await post("steer", { do: "resume", name: "coop-a" });
    await post("steer", { do: "cancel", name: "coop-a", keys: [BROKEN] });
    expect(asked()).toEqual([
      ["coop-a", "pause", null],
      ["coop-a", "concurrency", null],
      ["coop-a", "resume", null],
      ["coop-a", "cancel", BROKEN],
    ]);
    expect(ledger.controls.all()[0]?.asked_by).toEndWith(" (view)");
    expect(await said(await post("steer", { do: "retry", name: "coop-a" }))).toEqual([
      200,
      "2 units of coop-a queued again",
    ]);
    expect(
      ledger.faults
        .open()
        .every(({ unit, requeued_at }) => unit !== BROKEN || requeued_at !== null),
    ).toBe(true);
    const page = (await (await fetch(`${view.url}under-way.html`)).text()).replaceAll(
      /<[^>]+>/g,
      " ",
    );
    for (const part of [
      "retry coop-a",
      "run coop-a is paused",
      "asked: no process works on it now",
    ])
      expect(page).toContain(part);
  });

  test("keeps annotations, shows them escaped, and removes them", async () => {
    const note = "<script>alert(1)</script> \u202eabc";
    const about = { attempt_key: KEY, by: "ada" };
    expect(await said(await post("annotate", { ...about, note, label: "odd" }))).toEqual([
      200,
      "annotation 1 is kept",
    ]);
    const read = async () => await (await fetch(`${view.url}pairs/${KEY}.html`)).text();
    const page = await read();
    for (const part of ["&lt;script&gt;alert(1)&lt;/script&gt; ⟨U+202E⟩abc", "odd", "<b>ada</b>"])
      expect(page).toContain(part);
    const CASES: [body: object, status: number, words: string][] = [
      [{ ...about }, 400, "give a label or a note"],
      [
        { ...about, attempt_key: "coop-a/alpha_task/task1/features_9_10", note },
        400,
        "unknown attempt",
      ],
      [
        { ...about, attempt_key: "solo-b/alpha_task/task1/features_1_2", note },
        400,
        "does not show",
      ],
      [{ ...about, message: 99, note }, 400, "has no message 99"],
      [{ ...about, measure: "speech act", label: "plan" }, 400, "the number of a message"],
      [{ ...about, note: "a".repeat(20_001) }, 400, "note: "],
      [{ ...about, remove: 7 }, 400, "ada has no annotation 7"],
      [{ ...about, remove: 1, by: "bob" }, 400, "bob has no annotation 1"],
    ];
    for (const [body, status, words] of CASES)
      expect(await said(await post("annotate", body))).toEqual([
        status,
        expect.stringContaining(words),
      ]);
    expect(await said(await post("annotate", { ...about, remove: 1 }))).toEqual([
      200,
      "annotation 1 is removed",
    ]);
    expect(await read()).not.toContain("alert(1)");
  });

  test("waits for a ledger that is held, answers others meanwhile, and then says so", async () => {
    using other = openLedger(path);
    other.query("BEGIN IMMEDIATE");
    try {
      const began = performance.now();
      const late = post("steer", PAUSE);
      await Bun.sleep(150);
      expect((await fetch(`${view.url}under-way.html`)).status).toBe(200);
      expect(performance.now() - began).toBeLessThan(2000);
      expect(await said(await late)).toEqual([503, expect.stringContaining("[ledger_locked]")]);
    } finally {
      other.query("ROLLBACK");
    }
    expect((await post("steer", PAUSE)).status).toBe(200);
  });
});

describe("a token of one's own", () => {
  const CASES: [value: string, refused: boolean][] = [
    ["short", true],
    ["with a space in it, long enough", true],
    ["abcdefghijklmnop", false],
  ];
  test.each(CASES)("%p", async (value, refused) => {
    using folder = temporaryFolder("tandem-token");
    const path = join(folder.path, "ledger.sqlite");
    openLedger(path).close();
    process.env.TANDEM_VIEW_TOKEN = value;
    try {
      const opening = openSteering({ ledger: { path }, log_dir: folder.path });
      if (refused) return await expect(opening).rejects.toThrow("16 characters or more");
      await using steering = await opening;
      expect([steering.token, steering.is_new]).toEqual([value, false]);
    } finally {
      delete process.env.TANDEM_VIEW_TOKEN;
    }
  });
});
