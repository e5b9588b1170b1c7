// Owns a sandbox for tests in which every command prints the same.
import type { Sandbox } from "./sandbox.ts";

export function printing(text: string | Buffer): Sandbox {
  const gone = async () => undefined;
  const output = Buffer.from(text);
  return {
    repo_path: "/it's/repo",
    work_path: "/work",
    base_commit: "0".repeat(40),
    base_git: "/base.git",
    exec: async () => ({
      exit_code: 0,
      output,
      dropped_bytes: 0,
      timed_out: false,
      oom_killed: false,
      duration_ms: 1,
    }),
    put: gone,
    putAll: gone,
    get: gone,
    addProgram: gone,
    [Symbol.asyncDispose]: gone,
  };
}
