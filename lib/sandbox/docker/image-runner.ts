// Owns how an image's own test runner is called.
import { basename } from "node:path";
import type { Runner } from "../sandbox.ts";

const IMAGE_RUNNER = "/usr/local/bin/runner.sh";

/** `runner.sh <tests patch> <feature patch>` of the image, which takes names of files under /patches. It is part of the digest. */
export function imageRunner(): Runner {
  return {
    hash: "image",
    path: () => IMAGE_RUNNER,
    command: (_sandbox, tests_path, feature_path) =>
      `bash ${IMAGE_RUNNER} '${basename(tests_path)}' '${basename(feature_path)}'`,
  };
}
