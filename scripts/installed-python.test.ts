import { afterAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fakeProgram } from "../lib/agent/installed/fake.fixture.ts";
import { UV } from "../lib/agent/installed/uv.ts";
import { describeWith } from "../lib/core/testing.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(60_000);

const cpu = process.arch === "arm64" ? "aarch64" : "x86_64";
/** A Python that runs the module `fake` with Bun, and a uv that brings it, refuses it, or lays packages. */
const INTERPRETER = `#!/bin/sh
[ "$1 $2 $3 $5" = "-I -X utf8 fake" ] || exit 3
exec bun "$HOME/fake.ts" "$6"
`;
const FAKE_UV = `#!/bin/sh
echo "$@" >>"$FAKE_ASKED"
for word; do
  case $last in --install-dir) into=$word ;; --target) target=$word ;; esac
  last=$word
done
if [ "$1" = pip ]; then mkdir -p "$target/bin"; echo 'x = 1' >"$target/fake.py"; echo "#!$target" >"$target/bin/fake"; exit 0; fi
[ -z "$FAKE_REFUSES" ] || { echo "error: Failed to install $last" >&2; echo "  cause: nobody answers" >&2; exit 1; }
build="$into/cpython-3.99.4-\${last#cpython-3.99-}"
mkdir -p "$build/bin" "$build/lib"
printf '%s' "$FAKE_PYTHON" >"$build/bin/python3"
chmod +x "$build/bin/python3"
echo "prefix = '$build'" >"$build/lib/_sysconfigdata_x.py"
ln -s "$build" "$into/cpython-3.99-link"
`;

describeWith("bwrap", "a program in Python", () => {
  const here = place();
  afterAll(() => here[Symbol.dispose]());
  const program = here.at("mine.toml");
  const python = ["3.99"];
  const write = (fields = {}) => {
    const bin = "{{python}} fake";
    const packages = `packages.any = ["sdist:made-here==2", "pypi:mine==1"]\n`;
    writeFileSync(program, packages + fakeProgram({ bin, python, ...fields }));
  };
  const env = { FAKE_ASKED: here.at("asked"), FAKE_PYTHON: INTERPRETER, FAKE_REFUSES: "" };
  /** Nothing is installed yet, but uv. */
  const onlyUv = () => {
    rmSync(here.at("logs", ".cache"), { recursive: true, force: true });
    const path = here.at("logs", ".cache", "programs", `uv-${UV}`, "bin", "uv");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, FAKE_UV);
    chmodSync(path, 0o755);
  };
  const asked = () => readFileSync(here.at("asked"), "utf8").trim().split("\n");
  beforeEach(() => {
    write();
    onlyUv();
    writeFileSync(here.at("asked"), "");
  });

  test("gets one along with its packages, and their versions and content are named", async () => {
    const done = await here.call("warm-agents", [program, "--libc", "glibc"], { env });
    expect({ code: done.code, said: done.code === 0 ? "" : done.stderr }).toEqual({
      ...{ code: 0, said: "" },
    });
    const [row] = jsonLines(done.stdout);
    const packages = ["python:3.99.4", "sdist:made-here==2", "pypi:mine==1"];
    expect(row).toMatchObject({ packages });
    const at = (...parts: string[]) => join(String(row?.path), ...parts);
    expect(asked()).toEqual([
      expect.stringContaining(`cpython-3.99-linux-${cpu}-gnu`),
      expect.stringContaining(
        `--python-version 3.99 --python-platform ${cpu}-manylinux_2_28 --only-binary :all: --no-binary made-here mine==1 made-here==2`,
      ),
    ]);
    // Nothing in it says where it was filled: elsewhere the same has the same hash.
    expect(readFileSync(at("interpreter", "lib", "_sysconfigdata_x.py"), "utf8")).toBe(
      "prefix = '/install'\n",
    );
    expect(existsSync(at("python", "bin"))).toBe(false);
    onlyUv();
    const again = await here.call("warm-agents", [program], { env });
    expect(asked()).toHaveLength(4);
    expect(jsonLines(again.stdout)).toMatchObject([{ packages, sha256: row?.sha256 }]);
  });

  test("runs by the one that it was given, not by its image's, and doctor says what works", async () => {
    const done = await here.call("doctor", ["--agent", program], { env });
    const found = jsonLines(done.stdout).filter(({ state }) => state !== "good");
    expect({ code: done.code, found, said: done.code === 0 ? "" : done.stderr }).toEqual({
      ...{ code: 0, found: [], said: "" },
    });
  });

  test("takes its image's own where it runs on that, and brings none", async () => {
    write({ python: ["3.99", "3.6"] });
    const words = [program, "--python", "3.6", "--libc", "musl"];
    const done = await here.call("warm-agents", words, { env });
    const [row] = jsonLines(done.stdout);
    expect(row).toMatchObject({ packages: ["sdist:made-here==2", "pypi:mine==1"] });
    expect(existsSync(join(String(row?.path), "interpreter"))).toBe(false);
    expect(asked()).toEqual([
      expect.stringContaining(`--python-version 3.6 --python-platform ${cpu}-unknown-linux-musl`),
    ]);
    expect(done.stderr).toContain("goes without a warm home");
  });

  type Refusal = [name: string, env: Record<string, string>, words: string[]];
  const REFUSALS: Refusal[] = [
    [
      "where uv gets none",
      { ...env, FAKE_REFUSES: "yes" },
      [
        `mine 1 needs Python 3.99, which this image lacks, and cpython-3.99-linux-${cpu}-musl cannot be brought`,
        ...["nobody answers", "UV_PYTHON_INSTALL_MIRROR"],
      ],
    ],
    [
      "where there is neither uv nor pip",
      { ...env, PATH: here.at("bin") },
      ["mine 1 is installed by uv, which this machine does not have", `install uv ${UV}`],
    ],
  ];
  test.each(REFUSALS)(
    "%s it is refused in a line that says what to do",
    async (_name, own, words) => {
      if (own.PATH !== undefined) rmSync(here.at("logs", ".cache"), { recursive: true });
      const args = [program, "--libc", "musl", "--python", "none"];
      const done = await here.call("warm-agents", args, { env: own });
      expect({ code: done.code, rows: jsonLines(done.stdout) }).toMatchObject({
        ...{ code: 1, rows: [{ fault: "program_unfit" }] },
      });
      const line = done.stderr.split("\n").find((one) => one.includes("mine 1")) ?? done.stderr;
      for (const word of words) expect(line).toContain(word);
    },
  );

  test("--python that is no version is refused", async () => {
    const done = await here.call("warm-agents", [program, "--python", "three"]);
    expect(done).toMatchObject({ code: 2 });
    expect(done.stderr).toContain('--python is a version such as 3.11, or none, not "three"');
  });
});
