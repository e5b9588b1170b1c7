// Owns the settings of the launcher for Kubernetes.
import { GRACE, type LaunchOptions, RESOURCES } from "../options.ts";

export const KUBERNETES_OPTIONS = {
  image: {
    kind: { is: "text" },
    flag: "image",
    hint: "image",
    help: "image that has Tandem",
  },
  secret: {
    kind: { is: "text" },
    flag: "secret",
    hint: "name",
    help: "Secret with the keys and passwords, under the names of their variables",
  },
  namespace: {
    kind: { is: "text" },
    flag: "namespace",
    hint: "name",
    help: "namespace of the Job",
    otherwise: "that of kubectl",
  },
  engine_image: {
    kind: { is: "text" },
    flag: "engine-image",
    hint: "image",
    help: "image of a Docker engine that runs beside each worker, privileged, such as docker:28-dind",
    otherwise: "none: DOCKER_HOST in the Secret",
  },
  apply: {
    kind: { is: "switch" },
    default: false,
    flag: "apply",
    help: "hand the manifest to kubectl apply; otherwise it is only printed",
  },
  ...RESOURCES,
  ...GRACE,
} as const satisfies LaunchOptions;
