import { describe, expect, test } from "bun:test";
import { UsageError } from "../core/fault.ts";
import { temporaryFolder } from "../core/testing.ts";
import { download, expectWhole, fault, first, refusal, startHub, TREE } from "./hub.fixture.ts";

describe("a refusal", () => {
  const html = () => new Response("<html>sign in", { headers: { "content-type": "text/html" } });
  const cases = [
    ["401", "/revision/", () => refusal(401, "RepoNotFound"), "hub_auth", "HF_TOKEN"],
    ["403", "/resolve/", () => refusal(403, "GatedRepo"), "hub_auth", "terms"],
    [
      "404 repo",
      "/revision/",
      () => refusal(404, "RepoNotFound"),
      "hub_missing",
      "no such dataset",
    ],
    ["404 file", "/lite.json", () => refusal(404, "EntryNotFound"), "hub_missing", "lite.json"],
    ["400", "/tree/", () => refusal(400, "Bad"), "hub_gone", "400"],
    ["a web page", "/revision/", html, "hub_gone", "does not answer as a hub"],
    ["no commit", "/revision/", () => Response.json({}), "hub_gone", "does not answer as a hub"],
    ["no sizes", "/tree/", () => Response.json([{ type: "file", path: "a" }]), "hub_gone", "hub"],
  ] as const;
  test.each(cases)("%s is final", async (_, part, answer, code, words) => {
    using hub = startHub(TREE, { answer: first(part, answer) });
    using folder = temporaryFolder();
    const { error, sleeps } = await download(hub, folder.path);
    const { code: got, message, hint } = fault(error);
    expect({ got, sleeps }).toEqual({ got: code, sleeps: [] });
    expect(`${message} ${hint}`).toContain(words);
  });

  test.each([
    ["repo", { repo_id: "nobody/nothing" }, "nobody/nothing"],
    ["revision", { revision: "v9" }, "v9: no such revision"],
  ])("an unknown %s is named, with the known ids", async (_, extra, words) => {
    using hub = startHub(TREE);
    using folder = temporaryFolder();
    const { error } = await download(hub, folder.path, extra);
    expect(fault(error).code).toBe("hub_missing");
    expect(fault(error).message).toContain(words);
    expect(fault(error).hint).toContain(
      "CodeConflict/cooperbench-dataset, cooperbench/cooperbench",
    );
  });

  test.each([
    { repo_id: "../.." },
    { repo_id: "no-slash" },
    { endpoint: "ftp://hub" },
    { endpoint: "hub" },
    { concurrency: 0 },
  ])("%j is a usage error", async (extra) => {
    using hub = startHub(TREE);
    using folder = temporaryFolder();
    expect((await download(hub, folder.path, extra)).error).toBeInstanceOf(UsageError);
    expect(hub.seen).toEqual([]);
  });
});

describe("a passing failure", () => {
  const inTen = () => new Date(Date.now() + 10_000).toUTCString();
  const cases = [
    ["429 with seconds", 429, () => ({ "retry-after": "7" }), 7000, 8750],
    ["429 with a date", 429, () => ({ "retry-after": inTen() }), 5000, 12_500],
    ["429 with a window", 429, () => ({ ratelimit: '"api";r=0;t=55' }), 55_000, 68_750],
    ["429 alone", 429, () => ({}), 1000, 1250],
    ["500", 500, () => ({}), 1000, 1250],
    ["503 with seconds", 503, () => ({ "retry-after": "3" }), 3000, 3750],
    ["408", 408, () => ({}), 1000, 1250],
  ] as const;
  const stages = ["/revision/", "/tree/", "/resolve/"];
  const table = cases.flatMap((one) => stages.map((stage) => [one[0], stage, one] as const));
  test.each(table)("%s at %s is waited out", async (_, stage, [, status, headers, least, most]) => {
    using hub = startHub(TREE, { answer: first(stage, () => refusal(status, "x", headers())) });
    using folder = temporaryFolder();
    const { sleeps, error } = await download(hub, folder.path);
    expect(error).toBeUndefined();
    expect(sleeps).toHaveLength(1);
    expect(sleeps[0]).toBeWithin(least, most + 1);
    expectWhole(folder.path);
  });

  test.each([
    ["429", "hub_rate_limited", {}, 5],
    ["503", "hub_gone", {}, 5],
    ["429", "hub_rate_limited", { "retry-after": "3600" }, 0],
  ] as const)("%s for ever ends as %s (%j)", async (status, code, headers, waits) => {
    using hub = startHub(TREE, { answer: () => refusal(Number(status), "x", headers) });
    using folder = temporaryFolder();
    const { sleeps, error } = await download(hub, folder.path);
    expect({ code: fault(error).code, waits: sleeps.length }).toEqual({ code, waits });
    expect(fault(error).hint).toContain("it continues where it stopped");
  });

  test("waits grow, and no hub at all ends as hub_gone", async () => {
    using folder = temporaryFolder();
    const gone = startHub(TREE);
    gone[Symbol.dispose]();
    const { sleeps, error } = await download(gone, folder.path);
    expect(fault(error).code).toBe("hub_gone");
    expect(sleeps.map((ms) => Math.floor(Math.log2(ms / 1000)))).toEqual([0, 1, 2, 3, 4]);
  });

  test("one lane's failure ends the others", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `a_task/${index + 10}`);
    const tree = Object.fromEntries(names.map((name) => [name, name]));
    using hub = startHub(tree, { answer: first("a_task/10", () => refusal(403, "GatedRepo")) });
    using folder = temporaryFolder();
    const { error } = await download(hub, folder.path, { concurrency: 2 });
    expect(fault(error).code).toBe("hub_auth");
    const asked = hub.seen.length;
    await Bun.sleep(30);
    expect(hub.seen).toHaveLength(asked);
  });
});
