// Owns opening the engines of a file: one backend over all of them.

import type { Backend } from "../../sandbox.ts";
import { type DockerOptions, dockerBackend } from "../docker.ts";
import { type Engine, openEngine } from "../engine.ts";
import { imageNames } from "../image-name.ts";
import { type EngineSpec, readEngines } from "./file.ts";
import { Member, PATIENCE, type Patience } from "./member.ts";
import { openPool } from "./pool.ts";

export type EnginesOptions = DockerOptions & {
  /** The file that names them. */
  readonly engines: string;
  readonly patience?: Patience;
  /** Told when an engine comes or goes. */
  readonly say?: ((message: string) => void) | undefined;
};

/** Nothing is connected before the first sandbox. Throws UsageError for a file that is not one of engines. */
export function enginesBackend(options: EnginesOptions): Backend {
  const { engines, patience = PATIENCE, say = () => undefined, ...docker } = options;
  let changed = () => {};
  const memberOf = (spec: EngineSpec) => {
    const engine = openEngine(spec);
    const backend = dockerBackend({ ...docker, engine });
    const together = togetherOf(spec, docker);
    return new Member({ spec, engine, backend, together, patience, changed: () => changed(), say });
  };
  const [first, ...others] = readEngines(engines);
  const members = [memberOf(first), ...others.map(memberOf)] as const;
  const pool = openPool({ members, nameOf: imageNames(docker), say });
  changed = pool.changed;
  return pool.backend;
}

/** An engine too small for one sandbox takes it all the same, alone. */
function togetherOf({ memory_mib }: EngineSpec, docker: DockerOptions): number | undefined {
  return memory_mib && Math.max(1, Math.floor(memory_mib / docker.memory_mib));
}

/** Each engine of the file by its name, for whoever looks at them. */
export function enginesOf(path: string): readonly { name: string; engine: Engine }[] {
  return readEngines(path).map((spec) => ({ name: spec.name, engine: openEngine(spec) }));
}
