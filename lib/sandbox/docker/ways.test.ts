import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asFault, UsageError } from "../../core/fault.ts";
import { sha256 } from "../../core/files.ts";
import { describeWith, temporaryFolder } from "../../core/testing.ts";
import type { Address, SshAddress } from "./address.ts";
import { namedEngine } from "./contexts.ts";
import { type DockerPlace, dockerPlace, openRequest, run } from "./docker.fixture.ts";
import { dockerBackend } from "./docker.ts";
import { openEngine } from "./engine.ts";
import { makeCertificates, openSshd, type Sshd, tlsBefore, whyNoSshd } from "./ways.fixture.ts";

setDefaultTimeout(240_000);

const folder = temporaryFolder("tandem-ways");
afterAll(() => folder[Symbol.dispose]());
const engineAt = (address: Address) => openEngine({ named: { address, whose: "the engine x" } });
/** `code: message → hint` of what asking an engine throws. */
async function refusal(address: Address): Promise<string> {
  const error = await engineAt(address)
    .platform()
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  if (error instanceof UsageError) return `usage: ${error.message}`;
  const { code, message, hint } = asFault(error);
  expect(`${message}${hint}`).not.toContain("\n");
  return `${code}: ${message} → ${hint}`;
}

describe("TLS", () => {
  const certs = join(folder.path, "certs");
  const at = (name: string) => join(certs, name);
  const OURS = { ca: at("ca.pem"), cert: at("cert.pem"), key: at("key.pem") };
  beforeAll(() => makeCertificates(certs));
  const to = async (
    server: string,
    tls: object | undefined,
    check: (found: string) => void,
    host = "localhost",
  ) => {
    using way = await tlsBefore(certs, server);
    check(await refusal({ way: "tcp", host, port: way.port, ...(tls && { tls }) }));
  };

  const CASES: [title: string, server: string, tls: object | undefined, expected: string[]][] = [
    [
      "a certificate of the past",
      "expired",
      OURS,
      ["engine_gone", "its certificate has expired", "clocks"],
    ],
    ["one for another name", "elsewhere", OURS, ["its certificate is for another name"]],
    [
      "one of another authority",
      "server",
      { ...OURS, ca: at("stranger.pem") },
      ["not one of the given authority", "ca.pem"],
    ],
    [
      "a client without a certificate",
      "server",
      { ca: OURS.ca },
      ["it refuses this client's certificate", "cert.pem"],
    ],
    [
      "a file that is missing",
      "server",
      { ...OURS, cert: at("none.pem") },
      ["usage: the engine x: the client's certificate", "none.pem does not exist"],
    ],
    [
      "a client's certificate of the past",
      "server",
      { ...OURS, cert: at("past.pem") },
      ["usage: ", "past.pem has expired on 20"],
    ],
    [
      "a certificate that is none",
      "server",
      { ...OURS, ca: at("key.pem") },
      ["key.pem is not a certificate in PEM form"],
    ],
    ["a certificate without its key", "server", { ca: OURS.ca, cert: OURS.cert }, ["go together"]],
  ];
  test.each(CASES)(
    "%s is refused in one line that says what to do",
    async (_, server, tls, expected) => {
      await to(server, tls, (found) => {
        for (const part of expected) expect(found).toContain(part);
      });
    },
  );

  test("a server that speaks it not, a host that is not known, a port where nobody listens", async () => {
    const plain = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("") });
    const tls = OURS;
    expect(await refusal({ way: "tcp", host: "127.0.0.1", port: plain.port ?? 0, tls })).toContain(
      "it does not speak TLS",
    );
    await plain.stop(true);
    expect(await refusal({ way: "tcp", host: "nosuch.invalid", port: 2376, tls })).toContain(
      "its host is not known",
    );
    expect(await refusal({ way: "tcp", host: "127.0.0.1", port: 9, tls })).toContain(
      "ECONNREFUSED",
    );
  });

  describeWith("docker", "with good certificates", () => {
    let place: DockerPlace;
    beforeAll(() => {
      place = dockerPlace();
    });
    afterAll(() => place[Symbol.asyncDispose]());
    test("a sandbox behind it runs commands, and takes and gives files", async () => {
      using way = await tlsBefore(certs, "server");
      const address = { way: "tcp", host: "localhost", port: way.port, tls: OURS } as const;
      await works(place, address);
    });
  });
});

async function works(place: DockerPlace, address: Address): Promise<void> {
  const backend = dockerBackend({ ...place.options, engine: engineAt(address) });
  await using own = await backend.open(openRequest(place, "agent"));
  expect(await run(own, "cat; echo $((6 * 7)); exit 3")).toMatchObject({
    text: "42\n",
    exit_code: 3,
  });
  const bytes = new Uint8Array(3_000_000).map((_, index) => index % 251);
  await own.put("/tmp/some/file", bytes);
  expect(Buffer.compare((await own.get("/tmp/some/file")) ?? new Uint8Array(), bytes)).toBe(0);
  expect(await backend.suites?.()).toBeGreaterThan(0);
}

const noSshd = whyNoSshd();
if (noSshd !== undefined) process.stderr.write(`skipped: engines behind ssh: ${noSshd}\n`);
describe.skipIf(noSshd !== undefined)("ssh", () => {
  let sshd: Sshd;
  let box: SshAddress;
  const apart = (name: string) => {
    const path = join(folder.path, name);
    mkdirSync(path);
    return path;
  };
  beforeAll(async () => {
    sshd = await openSshd(apart("sshd"));
    box = { way: "ssh", host: "box", config: sshd.config };
  });
  afterAll(() => sshd[Symbol.dispose]());

  test("a key that changed, one that is not known, a host, a port, a socket and a key that are not there: one line each", async () => {
    sshd.known("other");
    expect(await refusal(box)).toMatch(
      /the host's key is another one than before → .*ssh-keygen -R/,
    );
    sshd.known("none");
    expect(await refusal(box)).toMatch(
      /the host's key is not known yet → connect once by hand \(ssh box\)/,
    );
    sshd.known("own");
    expect(await refusal({ ...box, host: "nosuch.invalid" })).toContain("its host is not known");
    expect(await refusal({ ...box, port: 9 })).toContain("its host takes no ssh there");
    expect(await refusal({ ...box, user: "nobody" })).toMatch(
      /accepts none of the keys .*`ssh nobody@box true`/,
    );
    expect(await refusal({ ...box, socket: "/nowhere.sock" })).toContain(
      "there is no socket /nowhere.sock on its machine",
    );
    expect(await refusal({ ...box, config: join(folder.path, "none") })).toContain("engine_gone");
  });

  describeWith("docker", "to the real engine", () => {
    let place: DockerPlace;
    beforeAll(() => {
      place = dockerPlace();
    });
    afterAll(() => place[Symbol.asyncDispose]());

    test("a sandbox behind it runs commands, and takes and gives files", async () => {
      await works(place, box);
    });

    test("a connection that was lost is a fault, and the next call opens another", async () => {
      const engine = engineAt(box);
      const backend = dockerBackend({ ...place.options, engine });
      await using own = await backend.open(openRequest(place));
      const working = run(own, "sleep 60", { timeout_ms: 90_000 });
      await Bun.sleep(500);
      sshd.cut();
      const fault = await working.then(() => undefined, asFault);
      // The container is still there: the shell's end is looked into over a new connection.
      expect(["engine_gone", "sandbox_failed", undefined]).toContain(fault?.code);
      // One that comes before ssh's end is seen may still meet it.
      const ask = () => engine.call("asking", (docker) => docker.ping());
      expect(await ask().catch(ask)).toBeDefined();
    });

    test("a host that forbids forwarding is asked as Docker's client asks it", async () => {
      using strict = await openSshd(
        apart("strict"),
        "AllowStreamLocalForwarding no\nAllowTcpForwarding no",
      );
      await works(place, { way: "ssh", host: "box", config: strict.config });
    });

    test("a program that has asked ends by itself, and leaves neither ssh nor socket", async () => {
      const script = `
        const { openEngine } = await import(${JSON.stringify(join(import.meta.dir, "engine.ts"))});
        console.log(await openEngine().platform());`;
      const TMPDIR = apart("tmp");
      const env = {
        ...process.env,
        TMPDIR,
        DOCKER_HOST: "ssh://box",
        PATH: `${sshd.bin}:${process.env.PATH}`,
      };
      const child = Bun.spawn([process.execPath, "-e", script], { env, stdout: "pipe" });
      expect(await new Response(child.stdout).text()).toMatch(/^\w+\/\w+\n$/);
      expect(await child.exited).toBe(0);
      const left = join(TMPDIR, `tandem-${process.getuid?.()}`, ".tmp");
      expect(existsSync(left) ? readdirSync(left) : []).toEqual([]);
    });
  });
});

describe("what is meant where nobody names an engine", () => {
  const config = join(folder.path, "docker");
  const meta = (name: string) => join(config, "contexts", "meta", sha256(name));
  beforeAll(() => {
    for (const [name, docker] of [
      ["far", { Host: "ssh://me@far" }],
      ["blind", { Host: "tcp://far:2376", SkipTLSVerify: true }],
    ] as const) {
      mkdirSync(meta(name), { recursive: true });
      writeFileSync(
        join(meta(name), "meta.json"),
        JSON.stringify({ Name: name, Endpoints: { docker } }),
      );
    }
    writeFileSync(
      join(config, "config.json"),
      JSON.stringify({ auths: {}, currentContext: "far" }),
    );
  });
  const far = {
    address: { way: "ssh", host: "far", user: "me" },
    whose: 'the Docker context "far"',
  };
  const plain = { way: "tcp", host: "h", port: 2375 };

  const CASES: [env: Record<string, string>, expected: object | string][] = [
    [{}, far],
    [{ DOCKER_CONTEXT: "far" }, far],
    [{ DOCKER_CONTEXT: "default" }, { address: { way: "socket" }, whose: undefined }],
    [{ DOCKER_CONTEXT: "near" }, 'the Docker context "near" is not there'],
    [{ DOCKER_CONTEXT: "blind" }, "skips the check of certificates, which is refused"],
    [
      { DOCKER_HOST: "tcp://h:2375", DOCKER_CONTEXT: "near" },
      { address: plain, whose: "DOCKER_HOST" },
    ],
    [{ DOCKER_HOST: "h:80" }, { address: { ...plain, port: 80 } }],
    [
      { DOCKER_HOST: "tcp://h", DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/c" },
      { address: { port: 2376, tls: { ca: "/c/ca.pem", cert: "/c/cert.pem", key: "/c/key.pem" } } },
    ],
    [
      { DOCKER_HOST: "ssh://me@[::1]:2222/run/d.sock" },
      { address: { way: "ssh", host: "::1", user: "me", port: 2222, socket: "/run/d.sock" } },
    ],
    [{ DOCKER_HOST: "unix:///run/x.sock" }, { address: { way: "socket", path: "/run/x.sock" } }],
    [{ DOCKER_HOST: "unix://run/x.sock" }, "its path must begin with /"],
    [{ DOCKER_HOST: "ssh://me:word@h" }, "a password does not belong in it"],
    [{ DOCKER_HOST: "ssh://-oProxyCommand=x" }, "is not a name"],
    [{ DOCKER_HOST: "ssh://h/a b;c" }, "the path of its socket may have"],
    [{ DOCKER_HOST: "tcp://h/path" }, "it has no path"],
    [{ DOCKER_HOST: "gopher://h" }, "it begins with gopher:"],
  ];
  test.each(CASES)("%j", (env, expected) => {
    const named = () => namedEngine({ DOCKER_CONFIG: config, ...env });
    if (typeof expected === "string") expect(named).toThrow(expected);
    else expect(named()).toMatchObject(expected);
  });

  test("a configuration that is broken is named, and a way out", () => {
    const broken = join(folder.path, "broken");
    mkdirSync(broken);
    writeFileSync(join(broken, "config.json"), "{");
    expect(() => namedEngine({ DOCKER_CONFIG: broken })).toThrow(
      /config.json cannot be read .*DOCKER_HOST/,
    );
  });
});
