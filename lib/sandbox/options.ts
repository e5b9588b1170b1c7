// Owns the settings that backends have in common; each backend lists those that it takes, and its own.

export const NETWORK = {
  network: {
    section: "sandbox",
    kind: { is: "choice", of: ["none", "gateway", "open"] },
    otherwise:
      "gateway for agents that call models from inside; none for other local agents and for suites on warm images; else open",
    flag: "network",
    example: "none",
    help: "network of sandboxes, for agents and suites alike: none is loopback only, gateway is that and Tandem's gateway (agents only), open is the host's",
  },
} as const;

/** Where the images of tasks are, and what they are called. */
export const IMAGES = {
  registry: {
    section: "sandbox",
    kind: { is: "text" },
    default: "akhatua",
    flag: "registry",
    hint: "prefix",
    help: "registry and owner of the images",
  },
  image_template: {
    section: "sandbox",
    kind: { is: "text" },
    default: "{registry}/cooperbench-{repo}:task{task}",
    flag: "image-template",
    hint: "template",
    help: "names of images, with {registry}, {repo} and {task}",
  },
} as const;

/** What one sandbox may use. */
export const LIMITS = {
  memory_mib: {
    section: "sandbox",
    kind: { is: "whole", min: 64 },
    unit: "MiB",
    default: 4096,
    flag: "memory",
    help: "memory of a sandbox",
  },
  cpus: {
    section: "sandbox",
    kind: { is: "number" },
    default: 2,
    flag: "cpus",
    help: "CPUs of a sandbox",
  },
  pids: {
    section: "sandbox",
    kind: { is: "whole", min: 1 },
    default: 2048,
    flag: "pids",
    help: "processes of a sandbox",
  },
  disk_mib: {
    section: "sandbox",
    kind: { is: "whole", min: 1 },
    unit: "MiB",
    default: 20_480,
    flag: "disk",
    help: "what a sandbox may write on top of its image",
  },
} as const;
