import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { callIn } from "../../scripts/cli.fixture.ts";
import { temporaryFolder } from "../core/testing.ts";
import { secretsOf } from "./needs.ts";
import { hostList, shares } from "./ssh/hosts.ts";

const folder = temporaryFolder("tandem-launch");
afterAll(() => folder[Symbol.dispose]());
const STUDY = (name: string, arms: string) =>
  `name = "${name}"\n[pairs]\nrepo = "demo_task"\n${arms}\n`;
writeFileSync(join(folder.path, "first.toml"), STUDY("first", '[arms.gold]\nagent = "gold"'));
writeFileSync(
  join(folder.path, "paid.toml"),
  STUDY("Paid+2", '[arms.coop]\nmodel = "anthropic/claude-sonnet-4-5"'),
);

const call = (args: readonly string[], env: Record<string, string> = {}) =>
  callIn(folder.path, "launch", args, { env });
const REDIS = ["--redis", "rediss://user@head:6380/2"];

describe("the script for Slurm", () => {
  test("is an array job whose tasks are the worker", async () => {
    const flags = [
      "--workers",
      "40",
      "-c",
      "2",
      "--cpus",
      "4",
      "--memory",
      "8000",
      "--time",
      "8:00:00",
    ];
    const more = ["--partition", "long", "--sbatch=--account=lab --qos=low", "--grace", "300"];
    const rest = ["--tandem", "npx tandem", "--artifacts", "s3://bucket/a b", "--dry-run"];
    const { code, stdout } = await call([
      "slurm",
      "first.toml",
      ...REDIS,
      ...flags,
      ...more,
      ...rest,
    ]);
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    for (const line of [
      "#SBATCH --job-name=tandem-first",
      "#SBATCH --array=0-39",
      "#SBATCH --cpus-per-task=4",
      "#SBATCH --mem=8000M",
      "#SBATCH --time=8:00:00",
      "#SBATCH --partition=long",
      "#SBATCH --signal=B:INT@300",
      "#SBATCH --requeue --open-mode=append",
      "#SBATCH --account=lab --qos=low",
    ])
      expect(lines).toContain(line);
    expect(lines.at(-2)).toBe(
      `exec npx tandem worker --redis rediss://user@head:6380/2 -c 2 --queue first --artifacts 's3://bucket/a b' --name "slurm-\${SLURM_ARRAY_JOB_ID}-\${SLURM_ARRAY_TASK_ID}\${SLURM_RESTART_COUNT:+-$SLURM_RESTART_COUNT}"`,
    );
  });

  test("names variables of keys, and holds none of their values", async () => {
    const env = {
      ANTHROPIC_API_KEY: "canary-a-0123",
      TANDEM_REDIS_PASSWORD: "canary-b-0123",
      OTHER_TOKEN: "canary-c",
    };
    const args = ["paid.toml", ...REDIS, "--dry-run", "--variables", "HF_TOKEN"];
    const { stdout } = await call(["slurm", ...args], env);
    expect(stdout).toMatch(
      /^#SBATCH --export=.*,ANTHROPIC_API_KEY,HF_TOKEN,TANDEM_REDIS_PASSWORD$/m,
    );
    const ofFile = await call(["slurm", ...args, "--keys-file", "keys of mine"], env);
    expect(ofFile.stdout).not.toMatch(/^#SBATCH --export=.*(ANTHROPIC|PASSWORD)/m);
    expect(ofFile.stdout).toContain("set -a; . './keys of mine'; set +a");
    const manifest = await call(["kubernetes", ...args, "--image", "i", "--secret", "mine"], env);
    const onHost = await call(["ssh", ...args, "--hosts", "a"], env);
    for (const { code, stdout: text } of [ofFile, manifest, onHost]) {
      expect(code).toBe(0);
      expect(`${stdout}${text}`).not.toMatch(/canary|\[redacted\]/);
    }
  });
});

describe("a call that cannot be meant is one line, and exit status 2", () => {
  const K8S = ["kubernetes", "first.toml", ...REDIS];
  const CASES: [args: readonly string[], said: string | RegExp][] = [
    [[], "launch takes a launcher and a study"],
    [["slurm"], "launch takes a launcher and a study"],
    [["slurm", "a.toml", "b.toml"], "launch takes a launcher and a study"],
    [["slrum", "first.toml"], 'unknown launcher "slrum": did you mean "slurm"?'],
    [["slurm", "none.toml", ...REDIS], "there is no study none.toml"],
    [["slurm", "first.toml"], "launch needs the queue's server: --redis redis://host:6379"],
    [["slurm", "first.toml", "--redis", "http://a"], "must look like redis://"],
    [
      ["slurm", "first.toml", "--redis", "redis://:abcdefg1@head"],
      /--redis holds a password.*set TANDEM_REDIS_PASSWORD/,
    ],
    [["slurm", "first.toml", ...REDIS, "--hosts", "a"], "--hosts is for ssh, not for slurm"],
    [
      ["ssh", "first.toml", ...REDIS, "--memory", "100"],
      "--memory is for slurm or kubernetes, not for ssh",
    ],
    [
      ["slurm", "first.toml", ...REDIS, "--workers", "0"],
      "--workers takes a whole number of at least 1",
    ],
    [["slurm", "first.toml", ...REDIS, "--time", "1\n#SBATCH x"], "is not a word that Slurm takes"],
    [["slurm", "first.toml", ...REDIS, "--sbatch=a\nrm b"], "a line of Slurm's cannot hold"],
    [["slurm", "first.toml", ...REDIS, "--dir", "/a/%j"], "Slurm cannot write below /a/%j"],
    [["slurm", "first.toml", ...REDIS, "--variables", "A=secret"], "takes names of variables"],
    [["slurm", "first.toml", "--stop", "--status"], "--stop and --status do not go together"],
    [["slurm", "paid.toml", ...REDIS], "ANTHROPIC_API_KEY is not set here"],
    [["ssh", "first.toml", ...REDIS], "ssh needs hosts"],
    [
      ["ssh", "first.toml", ...REDIS, "--hosts", "a,-oProxyCommand=x"],
      '"-oProxyCommand=x" is not a host',
    ],
    [["ssh", "first.toml", ...REDIS, "--hosts", "a,b,a"], "--hosts names a twice"],
    [K8S, "kubernetes needs an image that has Tandem: --image NAME"],
    [
      ["kubernetes", "paid.toml", ...REDIS, "--image", "i"],
      "workers need ANTHROPIC_API_KEY: name a Secret",
    ],
    [["slurm", "first.toml", ...REDIS, "--image", "i"], "--image is for kubernetes, not for slurm"],
  ];
  test.each(CASES)("%j", async (args, said) => {
    const { code, stdout, stderr } = await call(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(typeof said === "string" ? new RegExp(RegExp.escape(said)) : said);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("where the program is not there, it is a fault that says so", async () => {
    for (const [launcher, program] of [
      ["slurm", "squeue"],
      ["kubernetes", "kubectl"],
    ] as const) {
      const args = [launcher, "first.toml", "--status"];
      const { code, stderr } = await call(args, { PATH: "/nowhere" });
      expect({ code, stderr }).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`there is no ${program} here [launch_failed] →`),
      });
    }
  });
});

describe("hosts", () => {
  const file = join(folder.path, "hosts");
  writeFileSync(
    file,
    "# ours\na\n  me@b.example:2222   # big\n\n[::1]:22, fe80::\n".replace(", fe80::", ""),
  );
  mkdirSync(join(folder.path, "a folder"));
  test("are read from a list, or from a file with comments", () => {
    expect(hostList(file)).toEqual([
      { text: "a", target: "a" },
      { text: "me@b.example:2222", target: "me@b.example", port: "2222" },
      { text: "[::1]:22", target: "::1", port: "22" },
    ]);
    expect(hostList("a, b").map(({ target }) => target)).toEqual(["a", "b"]);
  });
  test.each(["a b;c", "a:99999", "$(x)", "a@b@c", "-a", " ", join(folder.path, "a folder")])(
    "%p is refused",
    (given) => expect(() => hostList(given)).toThrow(/--hosts/),
  );
  test("get workers as evenly as can be, the first ones more", () => {
    const hosts = hostList("a,b,c");
    const counts = (workers?: number) => shares(hosts, workers).map((share) => share.workers);
    expect([counts(), counts(7), counts(2)]).toEqual([
      [1, 1, 1],
      [3, 2, 2],
      [1, 1],
    ]);
  });
});

describe("workers need", () => {
  const of = (arms: Parameters<typeof secretsOf>[0]["arms"], env = {}, artifacts?: string) =>
    secretsOf({ arms, artifacts, more: [] }, env).map(({ name, needed }) =>
      needed ? name : `${name}?`,
    );
  const REDIS_ONE = "TANDEM_REDIS_PASSWORD?";
  test("the keys of the study's models, by the name that is set here", () => {
    const gemini = { model: "gemini/gemini-2.5-pro" };
    expect(of([gemini, gemini, {}])).toEqual(["GEMINI_API_KEY", REDIS_ONE]);
    expect(of([gemini], { GOOGLE_API_KEY: "x" })).toEqual(["GOOGLE_API_KEY", REDIS_ONE]);
    expect(of([{ model: "replay/demo" }])).toEqual([REDIS_ONE]);
    const own = { model: "local/qwen", base_url: "http://a" };
    expect(of([own])).toEqual(["OPENAI_COMPATIBLE_API_KEY?", REDIS_ONE]);
  });
  test("the keys of the store for results, where there is one", () => {
    expect(of([], { AWS_SECRET_ACCESS_KEY: "x" }, "s3://a")).toEqual([
      ...["S3_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
      ...["S3_ENDPOINT?", "S3_REGION?", "AWS_REGION?", "AWS_SESSION_TOKEN?", REDIS_ONE],
    ]);
  });
});
