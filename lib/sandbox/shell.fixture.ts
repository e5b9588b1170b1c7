// Owns a place for attached shells on this machine, for tests: a real bash in a session of its own, no container.
import { writeFileSync } from "node:fs";
import { killGroup, killSession } from "./kill.ts";
import type { ShellPlace } from "./shell.ts";

export type LocalPlace = ShellPlace &
  Disposable & {
    /** How often a bash was started. */
    attached: number;
    /** Files that `put` wrote. */
    readonly written: string[];
    /** What `assertUp` throws from now on. */
    down: Error | undefined;
    /** Whether `killGroup` does its work. */
    canKillGroups: boolean;
  };

/** Several shells may have been attached: all are gone at the end of the `using` scope. */
export function localPlace(program: readonly string[] = ["bash", "-p"]): LocalPlace {
  const pids = new Set<number>();
  const killAll = () => {
    for (const pid of pids) {
      killGroup(pid);
      killSession(pid);
    }
  };
  return {
    owns_processes: false,
    attached: 0,
    written: [],
    down: undefined,
    canKillGroups: true,
    async attach({ onBytes, onEnd }) {
      this.attached++;
      const child = Bun.spawn([...program], {
        stdin: "pipe",
        stdout: "pipe",
        stderr: "ignore",
        detached: true,
      });
      pids.add(child.pid);
      const listen = async () => {
        for await (const chunk of child.stdout) onBytes(chunk);
      };
      listen().finally(onEnd);
      return {
        write(bytes) {
          // Bytes for a dead shell are lost; its end is told in its own way.
          Promise.resolve(child.stdin.write(bytes)).catch(() => undefined);
          try {
            child.stdin.flush();
          } catch (error) {
            if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
          }
        },
        close: killAll,
      };
    },
    async killGroup(group) {
      if (this.canKillGroups) killGroup(group);
      return this.canKillGroups;
    },
    killAll: async () => killAll(),
    async assertUp() {
      if (this.down) throw this.down;
    },
    async put(path, bytes) {
      this.written.push(path);
      writeFileSync(path, bytes);
    },
    [Symbol.dispose]: killAll,
  };
}
