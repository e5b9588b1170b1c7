import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { attemptRecord } from "../../db/ledger.fixture.ts";
import { openLedger } from "../../db/ledger.ts";
import { fill } from "../../db/queries/filled.fixture.ts";
import { addFault } from "../../db/verdicts.fixture.ts";
import { noteStep } from "../attempt/followed.ts";
import { temporaryFolder } from "../core/testing.ts";
import { openWork } from "../work/work.ts";
import { isOwnHost } from "./host.ts";
import { serveView, type View } from "./serve.ts";

// Pages with charts, on machines that may be busy.
setDefaultTimeout(60_000);

describe("a Host header", () => {
  const cases: [header: string | null, own: boolean][] = [
    ["127.0.0.1:8017", true],
    ["localhost:8017", true],
    ["LOCALHOST", true],
    ["[::1]:8017", true],
    ["192.168.1.5:8017", true],
    ["lab.example:8017", true],
    ["evil.example", false],
    ["evil.example:8017", false],
    ["127.0.0.1.evil.example", false],
    ["localhost.evil.example:8017", false],
    ["evil@127.0.0.1", false],
    ["[evil]:8017", false],
    ["", false],
    [null, false],
  ];
  test.each(cases)("%j: %p", (header, own) => expect(isOwnHost(header, "lab.example")).toBe(own));
});

describe("the live view", () => {
  const folder = temporaryFolder("tandem-view");
  const path = join(folder.path, "ledger.sqlite");
  const log_dir = join(folder.path, "logs");
  const ledger = openLedger(path);
  const stop = new AbortController();
  let view: View;
  beforeAll(() => {
    fill(ledger);
    mkdirSync(log_dir);
    writeFileSync(join(folder.path, "secret"), "secret");
    writeFileSync(join(log_dir, "secret"), "secret");
    view = serveView({
      ledger,
      log_dir,
      policy: "union",
      hostname: "127.0.0.1",
      port: 0,
      signal: stop.signal,
    });
  });
  afterAll(async () => {
    await view[Symbol.asyncDispose]();
    ledger.close();
    folder[Symbol.dispose]();
  });

  const cases: [method: string, target: string, host: string, status: number, holds: string][] = [
    ["GET", "/", "localhost", 200, "<h1>"],
    ["GET", "/index.html", "127.0.0.1", 200, "<h1>"],
    ["GET", "/pairs.html", "127.0.0.1", 200, 'id="pairs"'],
    ["GET", "/grid.html", "127.0.0.1", 200, 'id="grid"'],
    ["GET", "/pairs/coop-a/alpha_task/task1/features_1_2.html", "127.0.0.1", 200, "features 1 + 2"],
    ["GET", "/pairs/coop-a/beta_task/task0/features_4_7.html", "127.0.0.1", 200, "still no image"],
    ["GET", "/pairs/coop-a/alpha_task/task1/features_1_9.html", "127.0.0.1", 404, "no such page"],
    ["GET", "/side/alpha_task/task1/features_1_2.html", "127.0.0.1", 200, "side by side"],
    ["GET", "/side/beta_task/task0/features_4_7.html", "127.0.0.1", 404, "no such page"],
    ["GET", "/secret", "127.0.0.1", 404, "no such page"],
    ["GET", "/../secret", "127.0.0.1", 404, "no such page"],
    ["GET", "/pairs/../../secret", "127.0.0.1", 404, "no such page"],
    ["GET", "/%2e%2e/secret", "127.0.0.1", 404, "no such page"],
    ["GET", "/..%2fsecret", "127.0.0.1", 404, "no such page"],
    ["GET", "/pairs/%ff", "127.0.0.1", 404, "no such page"],
    ["GET", "/", "evil.example", 421, "not an address of the live view"],
    ["GET", "/events", "evil.example", 421, "not an address of the live view"],
    ["POST", "/", "127.0.0.1", 405, "read-only"],
    ["DELETE", "/pairs.html", "127.0.0.1", 405, "read-only"],
  ];
  test.each(cases)("%s %s for %s: %d", async (method, target, host, status, holds) => {
    const answer = await ask(
      view.url,
      `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toStartWith(`HTTP/1.1 ${status}`);
    expect(answer).toContain(holds);
    expect(answer).not.toContain("secret\r\n");
  });

  test("may ask its own server for changes, and nobody else", async () => {
    const text = await (await fetch(view.url)).text();
    expect(text).toContain("connect-src &#39;self&#39;");
    expect(text).toContain("EventSource");
  });

  test("tells of a change by another process, and shows it", async () => {
    const events = await fetch(`${view.url}events`, { signal: AbortSignal.timeout(60_000) });
    const stream = events.body;
    if (stream === null) throw new Error("a stream of events");
    const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
    const added = "solo-a/alpha_task/task1/features_1_2~7";
    expect(await (await fetch(`${view.url}pairs.html`)).text()).not.toContain("features_1_2~7");
    using other = openLedger(path);
    other.attempts.put([attemptRecord(added)]);
    let heard = "";
    while (!heard.includes("event: changed")) heard += (await reader.read()).value ?? "";
    await reader.cancel();
    expect(await (await fetch(`${view.url}pairs.html`)).text()).toContain("features_1_2~7");
  });

  test("shows processes, what is asked of runs, and workers with their load, images and faults", async () => {
    using other = openLedger(path);
    expect(await (await fetch(view.url)).text()).toContain("Nothing is under way; 1 open fault.");
    const [run] = other.runs.all();
    if (run === undefined) throw new Error("a run");
    const asked = { scope: "run", name: run.run, asked_by: "me@host" } as const;
    other.controls.ask([
      { ...asked, verb: "pause" },
      { ...asked, verb: "cancel", unit: `${run.run}/alpha_task/task1/features_1_2` },
    ]);
    const fault = { code: "engine_gone", count: 2, message: "gone", last_at: "2026-01-01" };
    other.workers.heard({
      ...{ queue: "s", worker: "w<1>", host: "far", pid: 7, version: "0.1.0", slots: 4, busy: 3 },
      ...{ units: 12, images: ["a:1", "b:2"], faults: [fault], state: "refused" },
      ...{ note: "it runs Tandem 0.0.9", started_at: new Date().toISOString() },
    });
    const text = (await (await fetch(view.url)).text()).replaceAll(/<[^>]+>/g, " ");
    for (const part of [
      ...["Under way", "paused, 1 cancelled", "me@host", "w&lt;1&gt;", "3 of 4", "engine_gone 2"],
      "refused it runs Tandem 0.0.9",
    ])
      expect(text).toContain(part);
  });

  test("Live: an attempt under way has a page, which grows; one that a fault broke off keeps its steps", async () => {
    using other = openLedger(path);
    const unit = "coop-a/alpha_task/task1/features_8_9";
    const note = (step: number) =>
      noteStep(log_dir, unit, {
        ...{ step, asked_at: new Date().toISOString(), model_ms: 5, cost_usd: null },
        ...{ input_tokens: 1, output_tokens: 1, cache_read_tokens: 0, cache_write_tokens: 0 },
        turns: [{ role: "assistant", content: `<b>thought ${step}</b>`, step }],
        agent_id: "agent1",
      });
    const page = `${view.url}pairs/${unit}.html`;
    expect((await fetch(page)).status).toBe(404);
    {
      using work = openWork({ ledger: other, command: "test" });
      const [held] = work.claim([{ unit, run: "coop-a", step: "run" }], () => false);
      if (typeof held !== "object") throw new Error("a claim");
      note(1);
      await Bun.sleep(1100); // A look at what is under way is as good as new for a second.
      const first = await fetch(page);
      expect(await first.text()).toContain("&lt;b&gt;thought 1&lt;/b&gt;");
      const headers = { "x-tandem-stamp": first.headers.get("x-tandem-stamp") ?? "" };
      expect((await fetch(page, { headers })).status).toBe(204);
      note(2);
      const more = await fetch(page, { headers });
      expect([more.status, (await more.text()).includes("thought 2")]).toEqual([200, true]);
      const overview = await (await fetch(view.url)).text();
      expect(overview).toContain("agent1, step 2: &lt;b&gt;thought 2&lt;/b&gt;");
      addFault(other, unit);
      held.fail();
    }
    await Bun.sleep(1100);
    const broken = await (await fetch(page)).text();
    for (const part of ["Steps until it was broken off", "thought 2", "a fault prevented it"])
      expect(broken).toContain(part);
  });

  test("ends its streams when it is told to end", async () => {
    const other = new AbortController();
    const second = serveView({
      ledger,
      log_dir,
      policy: "union",
      hostname: "127.0.0.1",
      port: 0,
      signal: other.signal,
    });
    const events = await fetch(`${second.url}events`);
    other.abort();
    expect(await events.text()).toContain("retry:");
    await second[Symbol.asyncDispose]();
    await expect(fetch(second.url)).rejects.toThrow();
  });

  test("says so when it cannot listen", () => {
    const port = Number(new URL(view.url).port);
    expect(() =>
      serveView({
        ledger,
        log_dir,
        policy: "union",
        hostname: "127.0.0.1",
        port,
        signal: stop.signal,
      }),
    ).toThrow("cannot listen");
  });
});

/** The bytes of a request as they are: clients tidy paths and hosts. */
async function ask(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(request);
  let answer = "";
  for await (const chunk of socket.setEncoding("utf8")) answer += chunk;
  return answer;
}
