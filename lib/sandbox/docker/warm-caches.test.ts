import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { describeWith } from "../../core/testing.ts";
import { type DockerPlace, dockerPlace, openRequest, run } from "./docker.fixture.ts";
import type { DockerSandbox } from "./sandbox.ts";
import { FINISH, finishings, GATHERED, LAY_IN } from "./warm-caches.ts";

setDefaultTimeout(120_000);

test("finishings are told apart by their first word", () => {
  expect(finishings("env A=b c\nnoise\nnote no wheel of x\nenvironment\nenv D=\n")).toEqual({
    env: ["A=b c", "D="],
    notes: ["no wheel of x"],
  });
});

/** Makes an empty wheel of what it is asked for; says no to `broken`. */
const PIP = `#!/bin/bash
while [ "$1" != -w ]; do shift; done
[[ $3 != broken* ]] || { echo "there is none"; exit 1; }
[ ! "$PIP_LOG" ] || echo "must not log" >&2
mkdir -p "$2" && touch "$2/$3.whl"
`;

/** Says where its cache is; `GOMODCACHE` moves it, as in the real one. */
const GO = `#!/bin/bash
case $1 in env) echo "\${GOMODCACHE:-/root/go/pkg/mod}" ;; clean) echo "$@" >>/root/go-was-called ;; esac
`;

/** Its cache is where its variable says; pruning takes what nothing refers to. */
const UV = `#!/bin/bash
cache=\${UV_CACHE_DIR:-/root/.cache/uv}
case $2 in dir) echo "$cache" ;; prune) rm -rf "$cache"/archive-v0/unused ;; esac
`;

const NPM = `#!/bin/bash
echo /root/.npm
`;

const LOG = `2026-01-01T00:00:00,000   Downloading poetry_core-2.5.0-py3-none-any.whl.metadata (3.5 kB)
2026-01-01T00:00:00,000     Downloading poetry_core-2.5.0-py3-none-any.whl (413 kB)
2026-01-01T00:00:00,000   Downloading poetry_core-2.5.0-py3-none-any.whl (413 kB)
2026-01-01T00:00:00,000   Using cached pytest_mock-3.1-py3-none-any.whl (10 kB)
2026-01-01T00:00:00,000   Downloading https://index.invalid/a/b/regex-2024.1-cp311-cp311-manylinux_2_17_x86_64.whl (1 MB)
2026-01-01T00:00:00,000   Downloading some-old-thing-1.0.tar.gz (1 kB)
2026-01-01T00:00:00,000   Downloading broken-9.zip (1 kB)
2026-01-01T00:00:00,000   Successfully installed the-project-1.0
2026-01-01T00:00:00,000   Created wheel for the-project: filename=the_project-1.0-py3-none-any.whl size=1
`;

describeWith("docker", "what warming keeps", () => {
  let place: DockerPlace;
  let sandbox: DockerSandbox;
  beforeAll(async () => {
    place = dockerPlace();
    sandbox = await place.backend().open(openRequest(place));
    await run(sandbox, `mkdir -p ${GATHERED}`);
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  test("without any tool it is nothing, and what a suite left in /tmp goes", async () => {
    expect(
      await run(sandbox, "touch /tmp/before; mkdir /tmp/jest_x /tmp/.hidden-before"),
    ).toMatchObject({ exit_code: 0 });
    expect(await run(sandbox, LAY_IN)).toMatchObject({ exit_code: 0, text: "" });
    await run(sandbox, "mkdir /tmp/pytest-of-root /tmp/.after '/tmp/new one'; touch /tmp/jest_y");
    expect(await run(sandbox, FINISH)).toMatchObject({ exit_code: 0, text: "" });
    expect((await run(sandbox, "ls -A /tmp")).text).toBe(
      ".hidden-before\nbefore\njest_x\njest_y\n",
    );
  });

  test("are wheels of every file that pip downloaded, but not of the project", async () => {
    await sandbox.putAll([
      { path: "/usr/local/bin/pip", bytes: Buffer.from(PIP), mode: 0o755 },
      { path: `${GATHERED}/pip.log`, bytes: Buffer.from(LOG) },
    ]);
    const { exit_code, text } = await run(sandbox, `export PIP_FIND_LINKS=/own\n${FINISH}`);
    expect({ exit_code, ...finishings(text) }).toEqual({
      exit_code: 0,
      env: ["PIP_FIND_LINKS=/usr/local/share/tandem/wheels /own", "PIP_RETRIES=1"],
      notes: ["no wheel of broken==9: there is none"],
    });
    expect(
      (await run(sandbox, "ls /usr/local/share/tandem/wheels")).text.split("\n").slice(0, -1),
    ).toEqual([
      "poetry_core==2.5.0.whl",
      "pytest_mock==3.1.whl",
      "regex==2024.1.whl",
      "some-old-thing==1.0.whl",
    ]);
  });

  test("are modules beside those that the image has, which stay as they are; no test's result is kept", async () => {
    await sandbox.putAll([
      { path: "/usr/local/bin/go", bytes: Buffer.from(GO), mode: 0o755 },
      { path: "/root/go/pkg/mod/old", bytes: Buffer.from("the image's") },
      { path: `${GATHERED}/go/old`, bytes: Buffer.from("another") },
      { path: `${GATHERED}/go/deep/new`, bytes: Buffer.from("gathered") },
    ]);
    expect(await run(sandbox, LAY_IN)).toMatchObject({ exit_code: 0 });
    await run(sandbox, FINISH);
    const files = "cd /root/go/pkg/mod && tail -n +1 old deep/new; cat /root/go-was-called";
    expect((await run(sandbox, files)).text).toBe(
      "==> old <==\nthe image's\n==> deep/new <==\ngatheredclean -testcache\n",
    );
  });

  test("are packages of uv, cargo and npm, and nothing that uv built of a folder", async () => {
    const tools = { uv: UV, npm: NPM, cargo: "#!/bin/bash\n" };
    const [gathered, own] = [`${GATHERED}/uv`, "/root/.cache/uv"];
    const files = [
      ...[`${gathered}/simple-v1/index`, `${gathered}/sdists-v1/pypi/a`, `${own}/archive-v0/used`],
      ...[`${gathered}/sdists-v1/path/gold`, `${gathered}/archive-v0/unused/gold`],
      ...[`${own}/sdists-v1/editable/base`, `${own}/archive-v0/unused/base`],
      ...[`${GATHERED}/npm/_cacache/index`, `${GATHERED}/npm/_npx/gold`],
      ...[`${GATHERED}/cargo/registry/index/a`, `${GATHERED}/cargo/bin/gold`],
    ];
    await sandbox.putAll([
      ...Object.entries(tools).map(([name, text]) => ({
        ...{ path: `/usr/local/bin/${name}`, bytes: Buffer.from(text), mode: 0o755 },
      })),
      ...files.map((path) => ({ path, bytes: Buffer.from("x") })),
    ]);
    expect(await run(sandbox, LAY_IN)).toMatchObject({ exit_code: 0 });
    const { text } = await run(sandbox, FINISH);
    expect(finishings(text).env).toEqual(
      expect.arrayContaining([
        ...["UV_OFFLINE=1", "CARGO_NET_OFFLINE=true", "npm_config_prefer_offline=true"],
      ]),
    );
    const kept = await run(sandbox, "cd /root && find .cache .npm .cargo -type f | sort");
    expect(kept.text.trim().split("\n")).toEqual([
      ...[".cache/uv/archive-v0/used", ".cache/uv/sdists-v1/pypi/a", ".cache/uv/simple-v1/index"],
      ...[".cargo/registry/index/a", ".npm/_cacache/index"],
    ]);
  });
});
