// Owns the manifest of Kubernetes' launcher: an indexed Job whose pods are `tandem worker`.
import type { Job } from "kubernetes-types/batch/v1";
import type { Container, EnvVar, PodSpec } from "kubernetes-types/core/v1";
import { UsageError } from "../../core/fault.ts";
import { sha256 } from "../../core/files.ts";
import type { Crew } from "../launcher.ts";
import type { OptionValues } from "../options.ts";
import { GRACE_S } from "../worker.ts";
import { ENGINE_VOLUMES, engineBeside, engineFor } from "./engine.ts";
import type { KUBERNETES_OPTIONS } from "./options.ts";

export type KubernetesOptions = OptionValues<typeof KUBERNETES_OPTIONS>;

const USUAL_FOLDER = "/work";
/** Nobody in particular: the image needs no user of that number. */
const USER = 1000;
const LONGEST = 52;
const DAY_S = 86_400;
const DEFAULT = { cpus: 2, memory_mib: 4096 } as const;

/** A queue's Job is found again by its name: lowercase letters, digits and dashes (RFC 1123). */
export function jobName({ queue }: Pick<Crew, "queue">): string {
  const plain = queue
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  const isSame = plain === queue && plain.length <= LONGEST - "tandem-".length;
  const told = isSame ? [plain] : [plain.slice(0, 36), sha256(queue).slice(0, 8)];
  return ["tandem", ...told].filter(Boolean).join("-");
}

/** The manifest as `kubectl apply` takes it. Throws UsageError for what is missing. */
export function manifest(crew: Crew, options: KubernetesOptions): Job {
  const { namespace } = options;
  const workers = crew.workers ?? 1;
  const labels = labelsOf(crew);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: jobName(crew), ...(namespace !== undefined && { namespace }), labels },
    spec: {
      completionMode: "Indexed",
      completions: workers,
      parallelism: workers,
      // A worker that fails is replaced; one that may not work here (exit status 2) ends the Job, and an evicted one does not count.
      backoffLimit: 6 * workers,
      podFailurePolicy: {
        rules: [
          {
            action: "FailJob",
            onExitCodes: { containerName: "worker", operator: "In", values: [2] },
          },
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
        ],
      },
      ttlSecondsAfterFinished: DAY_S,
      template: { metadata: { labels }, spec: pod(crew, options) },
    },
  };
}

export const labelsOf = (crew: Pick<Crew, "queue">) => ({
  "app.kubernetes.io/name": "tandem-worker",
  "app.kubernetes.io/instance": jobName(crew),
});

function pod(crew: Crew, options: KubernetesOptions): PodSpec {
  const { engine_image, grace_ms } = options;
  return {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: Math.ceil((grace_ms ?? GRACE_S * 1000) / 1000),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: "RuntimeDefault" },
    },
    ...(engine_image !== undefined && { initContainers: [engineBeside(engine_image, USER)] }),
    containers: [worker(crew, options)],
    volumes: [
      { name: "work", emptyDir: {} },
      { name: "tmp", emptyDir: {} },
      ...(engine_image === undefined ? [] : ENGINE_VOLUMES),
    ],
  };
}

function worker(crew: Crew, options: KubernetesOptions): Container {
  const { image, engine_image } = options;
  const { cpus = DEFAULT.cpus, memory_mib = DEFAULT.memory_mib } = options;
  if (image === undefined)
    throw new UsageError("kubernetes needs an image that has Tandem: --image NAME");
  const folder = crew.folder ?? USUAL_FOLDER;
  const engine = engine_image === undefined ? undefined : engineFor;
  const resources = { cpu: String(cpus), memory: `${memory_mib}Mi` };
  return {
    name: "worker",
    image,
    command: [...(crew.tandem ?? ["tandem"]), "worker"],
    args: [...crew.flags, "--name", "$(POD_NAME)"],
    workingDir: folder,
    env: [
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "HOME", value: folder },
      ...(engine?.env ?? []),
      ...secrets(crew, options),
    ],
    resources: { requests: resources, limits: resources },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [
      { name: "work", mountPath: folder },
      { name: "tmp", mountPath: "/tmp" },
      ...(engine?.mounts ?? []),
    ],
  };
}

function secrets({ secrets }: Crew, { secret, engine_image }: KubernetesOptions): EnvVar[] {
  const [first] = secrets.filter(({ needed }) => needed);
  if (secret === undefined && first !== undefined)
    throw new UsageError(
      `workers need ${first.name}: name a Secret that has it with --secret (kubectl create secret generic NAME --from-env-file=FILE)`,
    );
  if (secret === undefined) return [];
  const engine = engine_image === undefined ? [{ name: "DOCKER_HOST", needed: false }] : [];
  return [...secrets, ...engine].map(({ name, needed }) => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key: name, ...(!needed && { optional: true }) } },
  }));
}
