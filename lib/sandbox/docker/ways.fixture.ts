// Owns ways to the real engine for tests: an sshd on loopback with keys of its own, and a server with certificates of its own.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { killQuietly } from "../kill.ts";

const ENGINE = "/var/run/docker.sock";

function ran(...command: readonly string[]): void {
  const done = Bun.spawnSync([...command], { stdout: "ignore", stderr: "pipe" });
  if (done.exitCode !== 0) throw new Error(`${command[0]}: ${done.stderr}`);
}

async function portOf(server: Server): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  return (server.address() as AddressInfo).port;
}

export type Sshd = Disposable & {
  readonly port: number;
  /** A configuration of ssh's with a host `box`, which is this server. */
  readonly config: string;
  /** A folder whose `ssh` uses that configuration, to be first on the PATH. */
  readonly bin: string;
  /** Writes the known hosts anew: the server's own key, another one, or none. */
  known(which: "own" | "other" | "none"): void;
  /** Ends all connections; new ones are taken. */
  cut(): void;
};

/** Why there can be no sshd here; undefined where it can. */
export function whyNoSshd(): string | undefined {
  if (process.getuid?.() !== 0) return "only root can start an sshd that takes root's login";
  return Bun.which("/usr/sbin/sshd") === null ? "no /usr/sbin/sshd" : undefined;
}

/** `more` are lines of the server's settings. */
export async function openSshd(folder: string, more = ""): Promise<Sshd> {
  const at = (name: string) => join(folder, name);
  for (const key of ["host", "other", "id"])
    ran("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", at(key));
  writeFileSync(at("authorized"), readFileSync(at("id.pub")), { mode: 0o600 });
  const probe = createServer();
  const port = await portOf(probe);
  probe.close();
  const lines = [
    ...[`Port ${port}`, "ListenAddress 127.0.0.1", `HostKey ${at("host")}`, "UsePAM no"],
    ...[`AuthorizedKeysFile ${at("authorized")}`, `PidFile ${at("pid")}`, "StrictModes no"],
    ...["PasswordAuthentication no", "KbdInteractiveAuthentication no", more],
  ];
  writeFileSync(at("sshd_config"), `${lines.join("\n")}\n`);
  const config = at("config");
  const client = [
    ...["Host box", "  HostName 127.0.0.1", `  Port ${port}`, "  User root"],
    ...[`  IdentityFile ${at("id")}`, "  IdentitiesOnly yes", "  IdentityAgent none"],
    ...[`  UserKnownHostsFile ${at("known_hosts")}`, "  GlobalKnownHostsFile /dev/null"],
    ...["  StrictHostKeyChecking yes"],
  ];
  writeFileSync(config, `${client.join("\n")}\n`);
  mkdirSync(at("bin"));
  writeFileSync(at("bin/ssh"), `#!/bin/sh\nexec /usr/bin/ssh -F ${config} "$@"\n`, { mode: 0o755 });
  mkdirSync("/run/sshd", { recursive: true });
  const server = Bun.spawn(["/usr/sbin/sshd", "-D", "-e", "-f", at("sshd_config")], {
    ...({ stdin: "ignore", stdout: "ignore", stderr: Bun.file(at("log")) } as const),
  });
  const known = (which: "own" | "other" | "none") => {
    const [kind, key] = readFileSync(at(`${which === "own" ? "host" : "other"}.pub`), "utf8").split(
      " ",
    );
    writeFileSync(
      at("known_hosts"),
      which === "none" ? "" : `[127.0.0.1]:${port} ${kind} ${key}\n`,
    );
  };
  known("own");
  await answers(port);
  return {
    ...{ port, config, bin: at("bin"), known },
    cut: () => killChildren(server.pid),
    [Symbol.dispose]: () => {
      if (server.exitCode !== null) return;
      killChildren(server.pid);
      server.kill("SIGKILL");
    },
  };
}

/** An sshd has one process, and its child, for each connection. */
function killChildren(pid: number): void {
  const path = `/proc/${pid}/task/${pid}/children`;
  // One that has ended meanwhile has none.
  const children = existsSync(path) ? readFileSync(path, "utf8").split(" ") : [];
  for (const child of children.map(Number).filter((one) => one > 0)) {
    killChildren(child);
    killQuietly(child);
  }
}

async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const socket = connect(port, "127.0.0.1").on("data", () => resolve(true));
    socket.on("error", () => resolve(false)).on("close", () => resolve(false));
    const isUp = await promise;
    socket.destroy();
    if (isUp) return;
    await Bun.sleep(50);
  }
  throw new Error("sshd does not come up");
}

/** Certificates of an authority in a folder: `ca.pem`, the client's `cert.pem` and `key.pem`, and servers by name. */
export function makeCertificates(folder: string): void {
  const at = (name: string) => join(folder, name);
  mkdirSync(folder, { recursive: true });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  for (const [ca, days] of [
    ["ca", "30"],
    ["stranger", "30"],
  ])
    ran(
      "openssl",
      "req",
      "-x509",
      ...key,
      "-keyout",
      at(`${ca}-key.pem`),
      "-out",
      at(`${ca}.pem`),
      "-days",
      `${days}`,
      "-subj",
      `/CN=${ca}`,
    );
  const make = (name: string, names: string, days: string) => {
    ran(
      "openssl",
      "req",
      ...key,
      "-keyout",
      at(`${name}-key.pem`),
      "-out",
      at("csr"),
      "-subj",
      `/CN=${name}`,
    );
    writeFileSync(at("ext"), names);
    const by = ["-CA", at("ca.pem"), "-CAkey", at("ca-key.pem"), "-CAcreateserial"];
    ran(
      "openssl",
      "x509",
      "-req",
      "-in",
      at("csr"),
      ...by,
      "-out",
      at(`${name}.pem`),
      "-days",
      days,
      "-extfile",
      at("ext"),
    );
  };
  const here = "subjectAltName=DNS:localhost,IP:127.0.0.1\n";
  make("server", here, "30");
  make("expired", here, "-1");
  make("elsewhere", "subjectAltName=DNS:elsewhere.example\n", "30");
  make("client", "extendedKeyUsage=clientAuth\n", "30");
  make("past", "extendedKeyUsage=clientAuth\n", "-1");
  for (const [from, to] of [
    ["client.pem", "cert.pem"],
    ["client-key.pem", "key.pem"],
  ] as const)
    writeFileSync(at(to), readFileSync(at(from)));
  chmodSync(at("key.pem"), 0o600);
}

/** A server with one of these certificates before the engine; it takes only clients of the authority. */
export async function tlsBefore(
  folder: string,
  name: string,
): Promise<Disposable & { port: number }> {
  const at = (file: string) => readFileSync(join(folder, file));
  const server = createTlsServer(
    {
      ...{ ca: at("ca.pem"), cert: at(`${name}.pem`), key: at(`${name}-key.pem`) },
      ...{ requestCert: true, rejectUnauthorized: true },
    },
    (inside) => {
      const outside = connect(ENGINE);
      inside.pipe(outside).pipe(inside);
      inside.on("error", () => outside.destroy()).on("close", () => outside.destroy());
      outside.on("error", () => inside.destroy());
    },
  );
  server.on("tlsClientError", () => undefined);
  const port = await portOf(server);
  return { port, [Symbol.dispose]: () => void server.close() };
}
