// Owns the settings of the docker backend.
import { IMAGES, LIMITS, NETWORK } from "../options.ts";

export const DOCKER_OPTIONS = {
  ...IMAGES,
  build: {
    section: "sandbox",
    kind: { is: "switch" },
    default: false,
    flag: "build",
    help: "build absent images from the task's Dockerfile",
  },
  keep_images: {
    section: "sandbox",
    kind: { is: "whole", min: 0 },
    otherwise: "all",
    flag: "keep-images",
    example: 5,
    help: "pulled images that stay after their last use",
  },
  engines: {
    section: "sandbox",
    kind: { is: "file" },
    otherwise: "the one engine that DOCKER_HOST or a Docker context names",
    flag: "engines",
    example: "engines.toml",
    help: "file that names several engines, with the sandboxes that each takes at a time",
  },
  ...LIMITS,
  ...NETWORK,
} as const;
