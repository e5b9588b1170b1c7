// Owns the /etc of a sandbox: a copy of those files of the host's that programs need, kept in the cache, and its own users.
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { moveFolder, settle } from "../../core/disk.ts";
import { scratch, sha256 } from "../../core/files.ts";
import type { Network } from "../network.ts";
import { isInside } from "./tool-folders.ts";
import { spawnOrThrow } from "./workspace.ts";

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

/** Raised when the copy is made differently. */
const RULES = 1;

/**
 * A folder to be laid in as /etc, made again when one of the host's files has changed: one mount takes less time than
 * forty. Empty files stand where a sandbox has its own.
 */
export async function etcFolder(cache_dir: string, network: Network): Promise<string> {
  const key = `${kindOf(network)} ${cache_dir}`;
  const recent = known.get(key);
  if (
    recent !== undefined &&
    performance.now() - recent.at_ms < LOOK_AGAIN_MS &&
    existsSync(recent.path)
  )
    return recent.path;
  const path = await currentFolder(cache_dir, network);
  known.set(key, { path, at_ms: performance.now() });
  return path;
}

const LOOK_AGAIN_MS = 30_000;
const known = new Map<string, { readonly path: string; readonly at_ms: number }>();

async function currentFolder(cache_dir: string, network: Network): Promise<string> {
  const files = namesFor(network).flatMap(inEtc);
  const states = files.map((path) => {
    const { mtimeMs, size, ino } = statSync(path);
    return [path, mtimeMs, size, ino];
  });
  const hash = sha256(JSON.stringify([RULES, states])).slice(0, 16);
  const target = join(cache_dir, "etc", `${kindOf(network)}-${hash}`);
  if (existsSync(target)) return target;
  await using folder = scratch(cache_dir, "etc");
  for (const path of files) copyReadable(path, join(folder.path, path.slice("/etc/".length)));
  for (const name of OWN)
    if (!existsSync(join(folder.path, name))) writeFileSync(join(folder.path, name), "");
  // Whatever mask of modes we have.
  spawnOrThrow(["chmod", "-R", "u+w,go-w,a+rX", folder.path]);
  await settle(folder.path);
  try {
    moveFolder(folder.path, target);
  } catch (error) {
    // Another process was first.
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** Names of files that every sandbox has of its own. */
const OWN = ["passwd", "group", "hosts"] as const;

function namesFor(network: Network): readonly string[] {
  if (kindOf(network) === "none") return OF_ETC;
  return [...OF_ETC, ...OF_ETC_WITH_NETWORK, ...packageSettings()];
}

/** Nothing outside can be found where only the gateway answers. */
function kindOf(network: Network): "none" | "open" {
  return network === "open" ? "open" : "none";
}

function inEtc(name: string): string[] {
  if (!name.endsWith("*")) return existsSync(join("/etc", name)) ? [join("/etc", name)] : [];
  const names = readdirSync("/etc").filter((one) => one.startsWith(name.slice(0, -1)));
  return names.map((one) => join("/etc", one)).filter(existsSync);
}

function packageSettings(): string[] {
  return PACKAGE_SETTINGS.filter((name) => {
    const [path] = inEtc(name);
    return path !== undefined && isReadable(path) && !KEY.test(readFileSync(path, "utf8"));
  });
}

/** What every user of the host may read; links that lead out of /usr are what they lead to. */
function copyReadable(path: string, target: string): void {
  const found = lstatSync(path);
  mkdirSync(dirname(target), { recursive: true });
  if (found.isSymbolicLink()) {
    if (staysLink(path)) symlinkSync(readlinkSync(path), target);
    else if (existsSync(path) && !isInside(path, realpathSync(path)))
      copyReadable(realpathSync(path), target);
  } else if (found.isDirectory()) {
    if (!isReadable(path)) return;
    mkdirSync(target, { recursive: true });
    for (const name of readdirSync(path)) copyReadable(join(path, name), join(target, name));
  } else if (found.isFile() && isReadable(path)) copyFileSync(path, target);
}

/** Within one folder, or to what is laid in as it is. */
function staysLink(path: string): boolean {
  const to = readlinkSync(path);
  return to === basename(to) || (existsSync(path) && realpathSync(path).startsWith("/usr/"));
}

function isReadable(path: string): boolean {
  const { mode } = statSync(path);
  return (mode & 0o004) !== 0;
}
