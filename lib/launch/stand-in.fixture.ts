// Owns a program that stands in for `tandem` where only its beginning and its end matter: it writes down how it was called, and waits.
import { writeFileSync } from "node:fs";

/** `how`: it ends when told to, does not listen, or ends at once. Its log has what it was called with. */
export function standIn(path: string, how: "listens" | "deaf" | "fails" = "listens"): string {
  const trap = { listens: "trap 'echo told to end; exit 0' TERM", deaf: "trap '' TERM", fails: "" };
  const text = `#!/bin/sh
echo "called: $*"
for name in HOME TANDEM_REDIS_PASSWORD ANTHROPIC_API_KEY OTHER_API_KEY; do
  eval "echo \\"$name is \\\${$name-absent}\\""
done
${how === "fails" ? "echo these are other rules >&2; exit 2" : trap[how]}
while :; do sleep 0.1; done
`;
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}
