// Owns which parts of the host's system a sandbox is built of: its folders, and of /etc the files that programs need.
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { foldersAbove } from "./mounts.ts";
import type { Network } from "./network.ts";

/** Folders as they are, or as the links that they are on the host. */
const FOLDERS = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
/** Where whole systems keep what /usr holds elsewhere. */
const MORE = ["/nix/store", "/gnu/store", "/var/lib/gems", "/sys/devices/system/cpu"];

/** Names in /etc; `*` stands for any end. Nothing of it tells who uses the host, or holds keys. */
const OF_ETC = [
  ...["ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld-musl-*", "alternatives"],
  ...["localtime", "timezone", "locale.conf", "locale.alias", "default/locale", "terminfo"],
  ...["os-release", "lsb-release", "debian_version", "alpine-release", "redhat-release"],
  ...["mime.types", "magic", "magic.mime", "inputrc", "bash.bashrc", "services", "protocols"],
  ...["ssl/certs", "ssl/cert.pem", "ssl/openssl.cnf", "ssl1.1/certs", "ca-certificates"],
  ...["pki/tls/certs", "pki/tls/cert.pem", "pki/tls/openssl.cnf", "pki/ca-trust/extracted"],
  ...["pki/java", "crypto-policies", "java*", "fonts", "perl", "python*", "R", "xml", "sgml"],
  ...["ImageMagick-*", "OpenCL", "mono", "lua", "julia"],
];
/** What finds and trusts others; settings of package managers too, unless they hold a key. */
const OF_ETC_WITH_NETWORK = ["resolv.conf", "hosts", "nsswitch.conf", "gai.conf", "host.conf"];
const PACKAGE_SETTINGS = ["pip.conf", "npmrc", "gitconfig"];
const KEY = /:\/\/[^/\s]*@|_auth|password|token|extraheader|secret/i;

let folders: readonly string[] | undefined;
const etc = new Map<Network, readonly string[]>();

/** Bubblewrap's arguments for the system's folders. */
export function systemFolders(): readonly string[] {
  folders ??= [
    ...["--ro-bind", "/usr", "/usr"],
    ...FOLDERS.flatMap(folderOrLink),
    ...MORE.filter(existsSync).flatMap((path) => [
      ...foldersAbove([path]),
      "--ro-bind",
      path,
      path,
    ]),
  ];
  return folders;
}

function folderOrLink(path: string): string[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink()) return ["--symlink", readlinkSync(path), path];
  return found?.isDirectory() ? ["--ro-bind", path, path] : [];
}

/** Paths of the host's files and folders below /etc. */
export function etcFiles(network: Network): readonly string[] {
  const known = etc.get(network);
  if (known !== undefined) return known;
  const found = OF_ETC.flatMap(inEtc);
  if (network === "open") found.push(...OF_ETC_WITH_NETWORK.flatMap(inEtc), ...packageSettings());
  etc.set(network, found);
  return found;
}

function inEtc(name: string): string[] {
  if (!name.endsWith("*")) return existsSync(join("/etc", name)) ? [join("/etc", name)] : [];
  const names = readdirSync("/etc").filter((one) => one.startsWith(name.slice(0, -1)));
  return names.map((one) => join("/etc", one)).filter(existsSync);
}

function packageSettings(): string[] {
  return PACKAGE_SETTINGS.flatMap(inEtc).filter(
    (path) => statSync(path).isFile() && !KEY.test(readFileSync(path, "utf8")),
  );
}

/** Files of /etc that tell of the sandbox's own user and of nobody else. */
export function ownEtc(user: number, home: string): Readonly<Record<string, string>> {
  const agent = user === 0 ? "" : `agent:x:${user}:${user}:agent:${home}:/bin/bash\n`;
  const members = user === 0 ? "" : `agent:x:${user}:\n`;
  return {
    passwd: `root:x:0:0:root:${user === 0 ? home : "/root"}:/bin/bash\n${agent}nobody:x:65534:65534:nobody:/:/bin/false\n`,
    group: `root:x:0:\n${members}nogroup:x:65534:\n`,
    hosts: "127.0.0.1 localhost\n::1 localhost\n",
  };
}
