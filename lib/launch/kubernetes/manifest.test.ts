import { describe, expect, test } from "bun:test";
import type { Crew } from "../launcher.ts";
import { kubernetes } from "./launcher.ts";
import { jobName } from "./manifest.ts";

const CREW: Crew = {
  ...{ queue: "Paid_2", workers: 40, flags: ["--redis", "redis://head:6379", "-c", "2"] },
  ...{ tandem: undefined, folder: undefined },
  secrets: [
    { name: "ANTHROPIC_API_KEY", needed: true },
    { name: "TANDEM_REDIS_PASSWORD", needed: false },
  ],
};
const OPTIONS = { image: "lab/tandem:1", secret: "keys" };

describe("the manifest for Kubernetes", () => {
  const text = kubernetes.render(CREW, { ...OPTIONS, grace_ms: 90_500, cpus: 4, memory_mib: 8000 });
  const job = Object(Bun.YAML.parse(text));
  const pod = job.spec.template.spec;
  const [worker] = pod.containers;

  test("is a Job of so many pods, whose command is the worker", () => {
    expect(job).toMatchObject({ apiVersion: "batch/v1", kind: "Job" });
    expect(job.spec).toMatchObject({ completions: 40, parallelism: 40, completionMode: "Indexed" });
    expect([...worker.command, ...worker.args]).toEqual([
      ...["tandem", "worker", "--redis", "redis://head:6379", "-c", "2", "--name", "$(POD_NAME)"],
    ]);
    expect(worker.resources.limits).toEqual({ cpu: "4", memory: "8000Mi" });
    expect(pod).toMatchObject({ restartPolicy: "Never", terminationGracePeriodSeconds: 91 });
    expect(text).not.toMatch(/[&*]\w+$/m);
  });

  test("gives the worker no rights that it does not need", () => {
    expect(worker.securityContext).toEqual({
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
      capabilities: { drop: ["ALL"] },
    });
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.initContainers).toBeUndefined();
  });

  test("refers to keys by the Secret's name; those that are not needed may be absent", () => {
    const ref = (name: string) =>
      worker.env.find((one: { name: string }) => one.name === name).valueFrom;
    const secretKeyRef = { name: "keys", key: "ANTHROPIC_API_KEY" };
    expect(ref("ANTHROPIC_API_KEY")).toEqual({ secretKeyRef });
    expect(ref("TANDEM_REDIS_PASSWORD").secretKeyRef.optional).toBe(true);
    expect(ref("DOCKER_HOST").secretKeyRef).toMatchObject({ name: "keys", optional: true });
  });

  test("has an engine beside the worker where an image of one is named", () => {
    const image = "docker:28-dind";
    const more = Object(
      Bun.YAML.parse(kubernetes.render(CREW, { ...OPTIONS, engine_image: image })),
    );
    const {
      initContainers: [engine],
      containers: [its],
      volumes,
    } = more.spec.template.spec;
    expect(engine).toMatchObject({
      image,
      restartPolicy: "Always",
      securityContext: { privileged: true },
    });
    const [address] = its.env.filter(({ name }: { name: string }) => name === "DOCKER_HOST");
    expect(engine.args).toContain(`--host=${address.value}`);
    const mounted = [engine, its]
      .flatMap(({ volumeMounts }) => volumeMounts)
      .map(({ name }) => name);
    expect(volumes.map(({ name }: { name: string }) => name).sort()).toEqual(
      [...new Set(mounted)].sort(),
    );
  });

  const NAMES: [queue: string, name: RegExp][] = [
    ["first", /^tandem-first$/],
    ["Paid_2", /^tandem-paid-2-[0-9a-f]{8}$/],
    ["paid-2", /^tandem-paid-2$/],
    ["a.-b", /^tandem-a-b-[0-9a-f]{8}$/],
    ["x".repeat(64), /^tandem-x{36}-[0-9a-f]{8}$/],
    ["...", /^tandem-[0-9a-f]{8}$/],
  ];
  test.each(NAMES)("is called by the queue: %s", (queue, name) => {
    expect(jobName({ queue })).toMatch(name);
    expect(jobName({ queue })).toMatch(/^[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?$/);
  });
});
