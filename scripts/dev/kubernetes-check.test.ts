import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { temporaryFolder } from "../../lib/core/testing.ts";
import { kubernetes } from "../../lib/launch/kubernetes/launcher.ts";
import type { KubernetesOptions } from "../../lib/launch/kubernetes/manifest.ts";
import type { Crew } from "../../lib/launch/launcher.ts";

setDefaultTimeout(240_000);

const wanted = process.env.TANDEM_KUBERNETES === "1";
if (!wanted) test.skip("Kubernetes' published schema: bun run kubernetes:check", () => {});

/** A validator with the schemas that Kubernetes publishes, from PyPI; unknown fields are refused. */
const VALIDATOR = "kubernetes-validate==1.37.0";
const VERSIONS = ["1.30.0", "1.33.0", "1.37.0"];

const crew: Crew = {
  ...{ queue: "Paid_2", workers: 40, flags: ["--redis", "redis://head:6379", "-c", "2"] },
  ...{ tandem: ["npx", "tandem"], folder: "/srv/work" },
  secrets: [
    { name: "ANTHROPIC_API_KEY", needed: true },
    { name: "TANDEM_REDIS_PASSWORD", needed: false },
  ],
};
const plain: KubernetesOptions = { image: "lab/tandem:1", secret: "keys" };
const all: KubernetesOptions = {
  ...plain,
  ...{ namespace: "lab", engine_image: "docker:28-dind", cpus: 8, memory_mib: 16_000, grace_ms: 1 },
};

describe.if(wanted)("the manifest against the published schema", () => {
  const folder = temporaryFolder("tandem-kubernetes");
  afterAll(() => folder[Symbol.dispose]());
  const at = (...parts: string[]) => join(folder.path, ...parts);
  const run = (...command: readonly string[]) => {
    const { exitCode, stdout, stderr } = Bun.spawnSync([...command]);
    return { code: exitCode, said: `${stdout}${stderr}` };
  };
  const install = () => {
    const made = run("python3", "-m", "venv", at("venv"));
    const installed = run(at("venv/bin/pip"), "install", "--quiet", VALIDATOR);
    for (const { code, said } of [made, installed]) if (code !== 0) throw new Error(said);
  };
  const validated = async (text: string, version: string) => {
    await Bun.write(at("job.yaml"), text);
    return run(at("venv/bin/kubernetes-validate"), "--strict", "-k", version, at("job.yaml"));
  };

  test("passes whatever is asked for, and damage is found", async () => {
    install();
    for (const version of VERSIONS)
      for (const options of [plain, all])
        expect(await validated(kubernetes.render(crew, options), version)).toMatchObject({
          code: 0,
        });
    const text = kubernetes.render(crew, all);
    for (const [from, to] of [
      ["backoffLimit", "backofLimit"],
      ["completions: 40", 'completions: "40"'],
      ["secretKeyRef", "secretRef"],
    ] as const)
      expect(await validated(text.replace(from, to), "1.37.0")).toMatchObject({ code: 1 });
  });
});
