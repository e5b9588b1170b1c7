import { expect, test } from "bun:test";
import { endingOf } from "./ending.ts";

const diff = (...paths: string[]) =>
  Buffer.from(
    paths
      .map(
        (path) =>
          `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-a\n+b\n`,
      )
      .join(""),
  );
const one = diff("src/a.ts");
const submitted = {
  outcome: "submitted",
  limit_reached: null,
  patch: one,
  patch_source: "patch.txt",
} as const;
const none = { patch: new Uint8Array(), patch_source: "none" } as const;
const many = diff(...Array.from({ length: 23 }, (_, at) => `f${at}`));

const CASES: [name: string, end: Parameters<typeof endingOf>[1], words: string][] = [
  [
    "handed in",
    submitted,
    `[agent2 has ended; it handed in a patch of ${one.length} bytes to 1 file (src/a.ts). It reads no more messages.]`,
  ],
  [
    "handed in many files, of which the rest is counted",
    { ...submitted, patch: many },
    `[agent2 has ended; it handed in a patch of ${many.length} bytes to 23 files (${Array.from({ length: 20 }, (_, at) => `f${at}`).join(", ")} and 3 more). It reads no more messages.]`,
  ],
  [
    "nothing handed in",
    { ...submitted, ...none, outcome: "empty patch" },
    "[agent2 has ended; it handed in no change. It reads no more messages.]",
  ],
  ...(["steps", "cost", "wall time", "context"] as const).map(
    (limit_reached): (typeof CASES)[number] => [
      `the limit of ${limit_reached}`,
      { ...submitted, outcome: "limit reached", limit_reached },
      `[agent2 was ended at its limit of ${limit_reached}; it handed in a patch of ${one.length} bytes to 1 file (src/a.ts). It reads no more messages.]`,
    ],
  ),
  [
    "a limit of its own",
    { ...submitted, ...none, outcome: "limit reached" },
    "[agent2 was ended at a limit; it handed in no change. It reads no more messages.]",
  ],
  [
    "refused",
    { ...submitted, ...none, outcome: "refused" },
    "[agent2 was ended because its model's provider refuses; it handed in no change. It reads no more messages.]",
  ],
  [
    "too large",
    { ...submitted, ...none, outcome: "patch too large", taken: { size_bytes: 99_000_000 } },
    "[agent2 has ended; its patch of 99000000 bytes is too large and does not count. It reads no more messages.]",
  ],
  [
    "not taken",
    { ...submitted, ...none, outcome: "empty patch", patch_source: "not taken" },
    "[agent2 has ended; its work could not be taken. It reads no more messages.]",
  ],
  ["broken off", undefined, "[agent2 has broken off and handed in nothing]"],
];
test.each(CASES)("A27: %s", (_, end, words) => expect(endingOf("agent2", end)).toBe(words));
