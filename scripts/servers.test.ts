import { expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { anthropicServer } from "../lib/model/wire/servers.fixture.ts";
import { build, CLAUDE, KEYS, playing, rows, submit } from "./agents.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(180_000);

const serve = () =>
  anthropicServer(playing(({ features }) => [build(features[0] ?? 0), (scene) => submit(scene)]));
const argsOf = (base_url: string, ...more: string[]) => [
  ...[
    "-n",
    "a",
    "-m",
    CLAUDE,
    "--base-url",
    base_url,
    "-r",
    "demo_task",
    "--unsafe-local",
    ...more,
  ],
];
/** Any host leads to this server: requests for other hosts go through it as through a proxy. */
const via = (base_url: string) => ({
  ...KEYS,
  ...{ HTTP_PROXY: new URL(base_url).origin, NO_PROXY: "127.0.0.1,localhost" },
});
const OTHER = "http://gpu2.lab:8000/v1";

test("A15: a server on another port answers the run's next pairs; what is done is not asked again", async () => {
  using here = place();
  {
    await using first = serve();
    const { code } = await here.call("run-pair", argsOf(first.base_url, "--limit", "1"), {
      env: KEYS,
    });
    expect([code, first.served.requests]).toEqual([0, 4]);
  }
  await using second = serve();
  const moved = second.base_url.replace("127.0.0.1", "LOCALHOST.");
  const called = await here.call("run-pair", argsOf(moved, "--limit", "2"), { env: KEYS });
  expect({ code: called.code, asked: second.served.requests }).toEqual({ code: 0, asked: 4 });
  expect(jsonLines(called.stdout)).toHaveLength(2);
  const servers = rows(here.at("ledger.sqlite"), "SELECT DISTINCT server FROM attempts");
  expect(servers).toEqual([{ server: "localhost" }]);
});

test("A15: the cache has the answers of a server that came back on another port", async () => {
  using here = place();
  {
    await using first = serve();
    await here.call("run-pair", argsOf(first.base_url, "--cache", "-f", "1,2"), { env: KEYS });
  }
  await using second = serve();
  const args = argsOf(second.base_url, "--cache", "-f", "1,2", "-n", "b");
  expect(await here.call("run-pair", args, { env: KEYS })).toMatchObject({ code: 0 });
  expect(second.served.requests).toBe(0);
});

test("A15: another host is refused by both names; said to be the same, it goes on and the report names both", async () => {
  using here = place();
  await using server = serve();
  const call = (...args: string[]) =>
    here.call("run-pair", argsOf(...(args as [string])), { env: via(server.base_url) });
  expect(await call(server.base_url, "--limit", "1")).toMatchObject({ code: 0 });
  const refused = await call(OTHER, "--limit", "2");
  expect({ ...refused, asked: server.served.requests }).toMatchObject({
    ...{ code: 2, stdout: "", asked: 4 },
    stderr: expect.stringMatching(/made with the server localhost, not gpu2\.lab: .*--same-server/),
  });
  expect(refused.stderr.trim().split("\n")).toHaveLength(1);
  expect(await call(OTHER, "--limit", "2", "--same-server")).toMatchObject({ code: 0 });
  expect(server.served.requests).toBe(8);
  const servers = rows(
    here.at("ledger.sqlite"),
    "SELECT server FROM attempts ORDER BY attempt_key",
  );
  expect(servers).toEqual([{ server: "localhost" }, { server: "gpu2.lab" }]);
  const sentence = /attempts of a were made with servers on several hosts.*: .*localhost \(1\)/;
  const report = await here.call("report", ["--format", "md"]);
  expect(report.stdout.replaceAll("\\", "")).toMatch(sentence);
  expect(report.stdout).toContain("gpu2.lab (1)");
  const { stdout } = await here.call("report", ["--json", "--parts", "provenance"]);
  expect(stdout).toContain("gpu2.lab: 1 attempts");
});

test("A15: a study asks the same question, and same_server answers it", async () => {
  using here = place();
  await using server = serve();
  const study = (base_url: string, more = "") => {
    const lines = [
      'name = "s"',
      '[pairs]\nkeys = ["demo_task/task1/features_1_2"]',
      `[arms.a]\nmodel = "${CLAUDE}"\nbase_url = "${base_url}"\n${more}`,
      "[sandbox]\nunsafe_local = true",
    ];
    writeFileSync(here.at("study.toml"), lines.join("\n"));
    const args = ["-f", here.at("study.toml"), "run"];
    return here.call("pipeline", args, { env: via(server.base_url) });
  };
  expect(await study(server.base_url)).toMatchObject({ code: 0 });
  const refused = await study(OTHER);
  expect([refused.code, refused.stderr.trim().split("\n").length]).toEqual([2, 1]);
  for (const word of ["localhost", "gpu2.lab", "same_server = true"])
    expect(refused.stderr).toContain(word);
  expect((await study(OTHER, "same_server = true")).stderr).toContain("1 done before");
  expect(server.served.requests).toBe(4);
  expect(await study(OTHER, "same_server = false")).toMatchObject({ code: 0 });
  expect(server.served.requests).toBe(8);
  const runs = rows(here.at("ledger.sqlite"), "SELECT run FROM runs ORDER BY run");
  expect(runs).toEqual([{ run: "s-a" }, { run: "s-a+2" }]);
});
