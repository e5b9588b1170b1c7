import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fakeProgram } from "../lib/agent/installed/fake.fixture.ts";
import { sha256 } from "../lib/core/files.ts";
import { describeWith } from "../lib/core/testing.ts";
import { openaiServer } from "../lib/model/wire/servers.fixture.ts";
import { tarOf } from "../lib/sandbox/docker/tar.ts";
import { GPT, KEYS } from "./agents.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(60_000);

const NAME = "tandem-fake-agent";
const VERSION = "1.2.3";

/** A registry of npm's form with one package, and how often it was asked. */
async function registry(files: Readonly<Record<string, string>>) {
  const entries = Object.entries({
    "package.json": JSON.stringify({ name: NAME, version: VERSION }),
    ...files,
  }).map(([path, text]) => ({ path: `/package/${path}`, bytes: Buffer.from(text) }));
  const archive = Bun.gzipSync(
    Buffer.concat(await Array.fromAsync(Readable.from(await tarOf(entries)))),
  );
  let asked = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch({ url }): Response {
      asked++;
      if (url.endsWith(".tgz")) return new Response(archive);
      if (!url.endsWith(NAME)) return new Response("", { status: 404 });
      const integrity = `sha512-${Bun.SHA512.hash(archive, "base64")}`;
      const dist = { tarball: `${new URL(url).origin}/${NAME}.tgz`, integrity };
      const versions = { [VERSION]: { name: NAME, version: VERSION, dist } };
      return Response.json({ name: NAME, "dist-tags": { latest: VERSION }, versions });
    },
  });
  return { url: server.url.href, asked: () => asked, [Symbol.dispose]: () => server.stop(true) };
}

describeWith("bwrap", "a program from a registry", () => {
  const here = place();
  const program = here.at("mine.toml");
  const file = Bun.TOML.parse(fakeProgram()) as { files: Record<string, string> };
  let npm: Awaited<ReturnType<typeof registry>>;
  const env = (url: string) => ({
    ...{ npm_config_registry: url, BUN_CONFIG_REGISTRY: url, TMPDIR: here.path },
    BUN_INSTALL_CACHE_DIR: here.at("cache"),
  });
  const write = (version: string) => {
    const bin = `bun {{program}}/node_modules/${NAME}/fake.ts`;
    const packages = `packages.any = ["npm:${NAME}@${version}"]\n`;
    writeFileSync(program, packages + fakeProgram({ bin, version }));
  };
  beforeAll(async () => {
    npm = await registry({ "fake.ts": file.files["fake.ts"] ?? "" });
    write(VERSION);
  });
  afterAll(() => {
    npm[Symbol.dispose]();
    here[Symbol.dispose]();
  });

  test("warm-agents installs it once, with a warm home, and names its content", async () => {
    const first = await here.call("warm-agents", [program], { env: env(npm.url) });
    expect({ code: first.code, said: first.code === 0 ? "" : first.stderr }).toEqual({
      ...{ code: 0, said: "" },
    });
    const [row] = jsonLines(first.stdout);
    expect(row).toMatchObject({
      agent: program,
      version: VERSION,
      packages: [`npm:${NAME}@${VERSION}`],
    });
    const path = String(row?.path);
    const inside = join(path, "node_modules", NAME, "fake.ts");
    expect(sha256(readFileSync(inside))).toBe(sha256(file.files["fake.ts"] ?? ""));
    expect(existsSync(join(path, "home"))).toBe(true);
    const asked = npm.asked();
    const again = await here.call("warm-agents", [program], { env: env(npm.url) });
    expect(jsonLines(again.stdout)).toEqual([row ?? {}]);
    expect(npm.asked()).toBe(asked);
  });

  test("doctor --agent tries one turn of it and says what works", async () => {
    const done = await here.call("doctor", ["--agent", program], { env: env(npm.url) });
    const found = jsonLines(done.stdout).map(({ part, state }) => `${part}: ${state}`);
    expect({ code: done.code, found }).toEqual({
      code: 0,
      found: ["installed", "starts", "wire", "tool call", "shell command", "MCP", "ends"].map(
        (part) => `${part}: good`,
      ),
    });
  });

  test("a run keeps in result.json what was installed", async () => {
    await using server = openaiServer(() => ({ text: "Nothing is to be done." }));
    const flags = ["-m", GPT, "--base-url", server.base_url];
    const pair = "demo_task/task1/features_4_5";
    const run = await here.call("run-pair", ["-n", "kept", "-a", program, ...flags, pair], {
      env: { ...KEYS, ...env(npm.url) },
    });
    expect({ code: run.code, said: run.code === 0 ? "" : run.stderr }).toEqual({
      code: 0,
      said: "",
    });
    const { program: kept } = JSON.parse(
      readFileSync(here.at("logs", "kept", pair, "result.json"), "utf8"),
    );
    const [row] = jsonLines((await here.call("warm-agents", [program])).stdout);
    expect(kept).toEqual({ packages: row?.packages, sha256: row?.sha256 });
    expect(kept.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each([
    ["a registry that does not answer", () => "http://127.0.0.1:9/", "9.9.8"],
    ["a version that is not there", () => npm.url, "9.9.9"],
  ] as [string, () => string, string][])("%s: the fault says so", async (_name, url, version) => {
    write(version);
    const args = [program];
    const done = await here.call("warm-agents", args, {
      env: { ...env(url()), BUN_INSTALL_CACHE_DIR: here.at("empty") },
    });
    expect(done.code).toBe(1);
    expect(jsonLines(done.stdout)).toMatchObject([{ fault: "program_unfit" }]);
    expect(done.stderr).toContain(NAME);
    expect(done.stderr).toContain("needs the registry of npm");
  });
});
