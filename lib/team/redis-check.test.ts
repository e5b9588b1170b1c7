import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { place } from "../../scripts/cli.fixture.ts";
import { Fault, UsageError } from "../core/fault.ts";
import { describeWith, temporaryFolder } from "../core/testing.ts";
import { checkRedis } from "../doctor/checks.ts";
import { openMailroom } from "./mailroom.ts";
import { freePort } from "./own-server.ts";
import { testServer } from "./redis.fixture.ts";
import { checkRedisServer } from "./redis-check.ts";

setDefaultTimeout(60_000);
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

const troubleOf = (url: string) =>
  checkRedisServer(url).then(
    () => undefined,
    (error: unknown) => error,
  );

/** What is said of it, the hint too; never more than a line each. */
async function saidOf(url: string): Promise<string> {
  const error = await troubleOf(url);
  if (!(error instanceof Fault || error instanceof UsageError))
    throw error ?? new Error("it works");
  const said = error instanceof Fault ? `${error.message} (${error.hint})` : error.message;
  expect(said).not.toContain("\n");
  expect(said.length).toBeLessThan(500);
  return said;
}

/** A server of another kind: says this at once, or to what it is sent. */
function speaker(says: { readonly open?: string; readonly data?: string; readonly end?: boolean }) {
  const say = (socket: { write(text: string): unknown; end(): unknown }, text?: string) => {
    if (text !== undefined) socket.write(text);
    if (says.end === true) socket.end();
  };
  const server = Bun.listen({
    ...{ hostname: "127.0.0.1", port: 0 },
    socket: {
      open: (socket) => say(socket, says.open),
      data: (socket) => say(socket, says.data),
    },
  });
  stack.defer(() => server.stop(true));
  return `redis://127.0.0.1:${server.port}`;
}

describe("A25: who is no Redis server", () => {
  const CASES: [name: string, url: () => string | Promise<string>, words: RegExp][] = [
    [
      "HTTP",
      () => speaker({ data: "HTTP/1.1 400 Bad Request\r\n\r\n" }),
      /not a Redis server.*HTTP/,
    ],
    ["SSH", () => speaker({ open: "SSH-2.0-OpenSSH_9.6\r\n" }), /not a Redis server/],
    ["one that hangs up", () => speaker({ end: true }), /closes the connection.*rediss/],
    [
      "nobody",
      async () => `redis://127.0.0.1:${await freePort()}`,
      /no Redis server answers.*REFUSED.*start/,
    ],
    [
      "an unknown host",
      () => "redis://no-such-host.invalid:6379",
      /host .*cannot be resolved.*spelling/,
    ],
    [
      "a cluster's node that sends elsewhere",
      () => speaker({ data: "-MOVED 3999 10.0.0.9:6381\r\n" }),
      /part of a cluster.*MOVED 3999/,
    ],
  ];
  test.each(CASES)("%s", async (_, url, words) => {
    const said = await saidOf(await url());
    expect(said).toMatch(words);
    if (!/REFUSED/.test(said)) expect(said).not.toContain("start the server");
  });

  test.each(["abc", "1.5", "-1", "0/1", "٣"])("the database %p is none", async (database) => {
    expect(await saidOf(`redis://127.0.0.1:1/${database}`)).toContain("must look like redis://");
  });
});

describeWith("redis", "A25: a Redis server that cannot be used", () => {
  test("has no such database, and another one is not taken for it", async () => {
    await using server = await testServer();
    for (const url of [`${server.url}/99`, `${server.url}/16`, `${server.url}?db=99`]) {
      expect(await saidOf(url)).toMatch(/has no database \d+: .*16/);
      await expect(openMailroom({ kind: "redis", url })).rejects.toBeInstanceOf(UsageError);
    }
    for (const good of ["", "/", "/0", "/15"])
      expect(await checkRedisServer(`${server.url}${good}`)).toMatch(/^\d/);
  });

  test("wants a password, or another", async () => {
    await using server = await testServer({ password: "sesame" });
    for (const user of ["", ":wrong@", "nobody:sesame@"])
      expect(await saidOf(`redis://${user}127.0.0.1:${server.port}`)).toMatch(
        /refuses the user or password/,
      );
  });

  const RIGHTS: [rules: string, words: RegExp][] = [
    ["~* &* +@connection +info", /does not permit.*eval/],
    ["~* &* +@all -eval", /does not permit.*eval/],
    ["~* &* +@all -rpush", /does not permit/],
    ["~other:* &* +@all", /does not permit/],
    ["~* resetchannels +@all", /does not permit.*channel/],
  ];
  test.each(RIGHTS)("does not permit enough: %s", async (rules, words) => {
    await using server = await testServer({ lines: [`user poor on >word ${rules}`] });
    expect(await saidOf(`redis://poor:word@127.0.0.1:${server.port}`)).toMatch(words);
  });

  /** What is said of a server with these arguments, once it is up and says what it is. */
  async function saidOfServer(word: string, ...args: readonly string[]): Promise<string> {
    const port = await freePort();
    using folder = temporaryFolder("tandem-redis");
    const own = ["--bind", "127.0.0.1", "--port", `${port}`, "--dir", folder.path];
    const server = Bun.spawn(["redis-server", ...own, ...args], {
      stdout: "ignore",
      stderr: "ignore",
    });
    try {
      // Until it listens, nobody answers; the test's own deadline ends it.
      for (;;) {
        const said = await saidOf(`redis://127.0.0.1:${port}`);
        if (said.includes(word)) return said;
        await Bun.sleep(10);
      }
    } finally {
      server.kill("SIGKILL");
      await server.exited;
    }
  }

  test("is a cluster's", async () => {
    expect(await saidOfServer("cluster", "--cluster-enabled", "yes")).toContain(
      "part of a cluster",
    );
  });

  test("is a replica", async () => {
    await using main = await testServer();
    const said = await saidOfServer("replica", "--replicaof", "127.0.0.1", `${main.port}`);
    expect(said).toContain("is a replica");
  });

  test("speaks TLS with a certificate that nobody vouches for, or only one of both", async () => {
    const folder = temporaryFolder("tandem-tls");
    stack.defer(() => folder[Symbol.dispose]());
    const [key, certificate] = ["key.pem", "cert.pem"].map((name) => join(folder.path, name));
    const made = Bun.spawnSync(
      ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key ?? ""].concat([
        "-out",
        certificate ?? "",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
      ]),
      { stderr: "ignore" },
    );
    expect(made.success).toBe(true);
    const port = await freePort();
    await using plain = await testServer({
      lines: [
        ...[`tls-port ${port}`, `tls-cert-file ${certificate}`, `tls-key-file ${key}`],
        ...[`tls-ca-cert-file ${certificate}`, "tls-auth-clients no"],
      ],
    });
    expect(await saidOf(`rediss://localhost:${port}`)).toMatch(
      /certificate of the Redis server at localhost:\d+ is not trusted: self.signed.*NODE_EXTRA_CA_CERTS/,
    );
    expect(await saidOf(`redis://127.0.0.1:${port}`)).toMatch(/closes the connection.*rediss/);
    expect(await saidOf(plain.url.replace("redis:", "rediss:"))).toMatch(/TLS/);
    const found = await checkRedis(`rediss://localhost:${port}`);
    expect(found).toMatchObject({ state: "poor", found: expect.stringContaining("not trusted") });
  });

  test("is refused before the first pair by run-pair, and told by doctor", async () => {
    await using server = await testServer({
      lines: ["user poor on >word ~* &* +@connection +info"],
    });
    using here = place();
    const CASES = [
      [`${server.url}/99`, "has no database 99", 2],
      [`redis://poor:word@127.0.0.1:${server.port}`, "does not permit", 2],
      [speaker({ data: "HTTP/1.1 400 Bad Request\r\n\r\n" }), "not a Redis server", 1],
    ] as const;
    for (const [url, words, exit] of CASES) {
      const run = ["-n", "r", "-r", "demo_task", "-f", "1,2", "-a", "gold", "--redis", url];
      const { code, stdout, stderr } = await here.call("run-pair", run);
      expect({ code, stdout, said: stderr.split(words).length - 1, stderr }).toEqual({
        ...{ code: exit, stdout: "", said: 1, stderr },
      });
      const looked = await here.call("doctor", ["--redis", url, "--json"]);
      expect(looked.stdout).toContain(words);
    }
  });
});
