// Owns what stands between this machine and an engine: from errors and ssh's own words to what it is, and what to do.

/** `is` is absent where the words say it best. */
export type Trouble = { readonly is?: string | undefined; readonly hint: string };

/** Where it happened: `at` is the address as it is written, `host` what ssh is called with. */
export type Place = { readonly at: string; readonly host: string };

type Row = {
  readonly seen: RegExp;
  readonly is?: string;
  readonly hint: (place: Place) => string;
};

const byHand = ({ host }: Place) => `\`ssh ${host} true\` must work without a question`;

/** The first that fits; what an engine or a program says is only ever looked at, never believed to be more. */
const ROWS: readonly Row[] = [
  {
    seen: /there is no socket/,
    hint: () =>
      "start Docker there, or name the socket that it has: ssh://HOST/run/user/1000/docker.sock",
  },
  {
    seen: /connect to host .* refused/i,
    is: "its host takes no ssh there",
    hint: ({ at }) => `start sshd on it, or correct the port in ${at}`,
  },
  {
    seen: /posix_spawn 'ssh'|ENOENT.*\bssh\b|executable not found in \$PATH: "ssh"/i,
    is: "this machine has no ssh",
    hint: () => "install OpenSSH's client",
  },
  {
    seen: /could not resolve hostname|ENOTFOUND|EAI_AGAIN|no such host/i,
    is: "its host is not known",
    hint: ({ at }) => `check the name of the host in ${at}`,
  },
  {
    seen: /host identification has changed/i,
    is: "the host's key is another one than before",
    hint: ({ host }) =>
      `if the machine was set up anew, remove the old key (ssh-keygen -R), connect once by hand (ssh ${host}), then run again; if not, somebody may stand in between`,
  },
  {
    seen: /host key verification failed|no .*host key is known/i,
    is: "the host's key is not known yet",
    hint: ({ host }) => `connect once by hand (ssh ${host}), compare the key, then run again`,
  },
  {
    seen: /unprotected private key|bad permissions/i,
    is: "ssh refuses a key that others can read",
    hint: () => "chmod 600 the file of the key",
  },
  {
    seen: /permission denied.{0,80}(docker|\.sock)|EACCES/i,
    is: "this user may not use its socket",
    hint: () => "add the user to the group docker on the engine's machine, and log in anew",
  },
  {
    seen: /permission denied|too many authentication failures|no supported authentication/i,
    is: "the host accepts none of the keys that ssh offers",
    hint: (place) => `load the key (ssh-add) or name it in ssh's settings: ${byHand(place)}`,
  },
  {
    seen: /docker: (command )?not found|command not found: docker|unknown command.{0,20}docker|docker: No such file/i,
    is: "there is no docker on its machine",
    hint: () => "install Docker there",
  },
  {
    seen: /CERT_HAS_EXPIRED|certificate has expired/i,
    is: "its certificate has expired",
    hint: () => "give the engine a new certificate, and compare the clocks of both machines",
  },
  {
    seen: /CERT_NOT_YET_VALID|not yet valid/i,
    is: "its certificate is not valid yet",
    hint: () => "compare the clocks of both machines",
  },
  {
    seen: /ALTNAME_INVALID|does not match certificate/i,
    is: "its certificate is for another name",
    hint: ({ at }) => `name the engine as its certificate does, in place of ${at}`,
  },
  {
    seen: /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|self.signed certificate|unable to (verify|get)|CERT_UNTRUSTED/i,
    is: "its certificate is not one of the given authority",
    hint: () => "name the ca.pem that signed it (DOCKER_CERT_PATH, or ca in the file of engines)",
  },
  {
    seen: /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE|ACCESS)|alert (certificate|bad certificate|unknown ca)/i,
    is: "it refuses this client's certificate",
    hint: () => "name cert.pem and key.pem that its authority signed (DOCKER_CERT_PATH)",
  },
  {
    seen: /WRONG_VERSION_NUMBER|wrong version number|packet length too long/i,
    is: "it does not speak TLS",
    hint: ({ at }) => `unset DOCKER_TLS_VERIFY, or correct the port in ${at}`,
  },
  {
    seen: /HTTP request to an HTTPS server/i,
    is: "it speaks TLS only",
    hint: () => "set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or give ca, cert and key",
  },
  {
    seen: /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|timed out|no route to host|unreachable/i,
    is: "its host cannot be reached",
    hint: ({ at }) => `check that ${at} is up, and that no firewall stands in between`,
  },
];

/** What words of an error, or of ssh, show; undefined when they show nothing that is known. */
export function troubleIn(words: string, place: Place): Trouble | undefined {
  const row = ROWS.find(({ seen }) => seen.test(words));
  return row && { is: row.is, hint: row.hint(place) };
}
