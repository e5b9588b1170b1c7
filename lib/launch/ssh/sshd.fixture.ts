// Owns an ssh server on loopback for tests: its own port, host key, user key and configuration, and a configuration for the client.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder, WIDE_PATH } from "../../core/testing.ts";
import { freePort } from "../../team/own-server.ts";

const SERVER = Bun.which("sshd", { PATH: WIDE_PATH }) ?? "sshd";

export type SshServer = AsyncDisposable & {
  readonly path: string;
  readonly port: number;
  /** For the client's -F: the hosts `here` and `there` are this server; `stranger` has an unknown key, `closed` no server. */
  readonly config: string;
};

/** A server that lets this user in, whose home is `path`/home. */
export async function sshServer(): Promise<SshServer> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder("tandem-sshd"));
  const at = (name: string) => join(folder.path, name);
  mkdirSync(at("home"));
  // The server refuses to start as root without the folder that its package makes at boot.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  for (const key of ["host", "user"]) makeKey(at(key));
  const port = await freePort();
  writeFileSync(at("sshd_config"), serverConfig(at, port));
  writeFileSync(at("known"), `tandem-test ${readFileSync(at("host.pub"), "utf8")}`);
  writeFileSync(at("nobody"), "");
  writeFileSync(at("config"), clientConfig(at, port));
  const child = Bun.spawn([SERVER, "-D", "-e", "-f", at("sshd_config")], {
    ...{ stdin: "ignore", stdout: "ignore", stderr: Bun.file(at("log")) },
  });
  stack.defer(async () => {
    child.kill();
    await child.exited;
  });
  await untilLetIn(at("config"), at("log"));
  const held = stack.move();
  return {
    ...{ path: folder.path, port, config: at("config") },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

type At = (name: string) => string;

function makeKey(path: string): void {
  const made = Bun.spawnSync(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path]);
  if (!made.success) throw new Error(`ssh-keygen: ${made.stderr}`);
}

function serverConfig(at: At, port: number): string {
  return `ListenAddress 127.0.0.1
Port ${port}
HostKey ${at("host")}
PidFile none
AuthorizedKeysFile ${at("user.pub")}
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
SetEnv HOME=${at("home")}
ForceCommand cd ${at("home")} && echo a login script says hello && exec sh -c "$SSH_ORIGINAL_COMMAND"
`;
}

function clientConfig(at: At, port: number): string {
  return `Host closed
  HostName 127.0.0.1
  Port 1
Host stranger
  UserKnownHostsFile ${at("nobody")}
Host here there stranger
  HostName 127.0.0.1
  Port ${port}
  HostKeyAlias tandem-test
  IdentityFile ${at("user")}
  IdentitiesOnly yes
  UserKnownHostsFile ${at("known")}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
`;
}

async function untilLetIn(config: string, log: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const asked = ["ssh", "-F", config, "-o", "BatchMode=yes", "here", "true"];
    const { success, stderr } = Bun.spawnSync(asked);
    if (success) return;
    if (tries > 100)
      throw new Error(`the test's sshd lets nobody in: ${stderr}${readFileSync(log, "utf8")}`);
    await Bun.sleep(100);
  }
}
