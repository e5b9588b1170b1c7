// Owns the file of engines: which there are, how each is reached, and how many sandboxes it takes at a time.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { errorMessage, UsageError } from "../../../core/fault.ts";
import { type Problem, problemError, shapeProblems } from "../../../core/problems.ts";
import { safeParse } from "../../../core/safe-parse.ts";
import { shapeOf } from "../../../core/shape.ts";
import { parseToml, type Toml, TomlError } from "../../../core/toml.ts";
import { type Address, addressText, type Named, parseAddress } from "../address.ts";
import { readCertificates } from "../tls.ts";

/** One engine; `agents` and `suites` are sandboxes at a time, `memory_mib` what all of them may have together. */
export type EngineSpec = {
  readonly name: string;
  readonly named: Named;
  readonly agents: number;
  readonly suites: number;
  readonly memory_mib?: number | undefined;
};

const text = z.string().min(1);
const engine = z.strictObject({
  address: text,
  agents: z.int().min(1),
  suites: z.int().min(1),
  memory_mib: z.int().min(64).optional(),
  ca: text.optional(),
  cert: text.optional(),
  key: text.optional(),
  ssh_config: text.optional(),
  ssh_key: text.optional(),
});
const file = z.strictObject({ engines: z.record(z.string(), engine) });
type Written = z.infer<typeof engine>;

const NAME = /^[A-Za-z0-9][\w.-]{0,39}$/;
const TLS_KEYS = ["ca", "cert", "key"] as const;
const SSH_KEYS = ["ssh_config", "ssh_key"] as const;

/** The engines in the order of the file; its paths are relative to its folder. Throws UsageError at the line that is wrong. */
export function readEngines(path: string): readonly [EngineSpec, ...EngineSpec[]] {
  const toml = readToml(path);
  const refuse = (problems: readonly Problem[]) =>
    problemError(path, problems, ({ path: at }) => ({ line: toml.linesOf(at)?.key ?? 1 }));
  const parsed = safeParse(file, toml.value);
  if (!parsed.success)
    throw refuse(shapeProblems(parsed.error, { value: toml.value, shape: shapeOf(file) }));
  const specs = Object.entries(parsed.data.engines).map(([name, written]) => {
    try {
      return specOf(name, written, dirname(resolve(path)));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw refuse([at(["engines", name], error.message)]);
    }
  });
  const [first, ...others] = specs;
  if (first === undefined) throw refuse([at([], "it has no engine, such as [engines.big]")]);
  for (const [index, spec] of others.entries()) {
    const same = specs.slice(0, index + 1).find((one) => addressOf(one) === addressOf(spec));
    const problem = `engines.${spec.name} has the address of engines.${same?.name}`;
    if (same) throw refuse([at(["engines", spec.name], problem)]);
  }
  return [first, ...others];
}

const at = (path: Problem["path"], message: string): Problem => ({ path, at: "key", message });
const addressOf = ({ named: { address } }: EngineSpec) => addressText(address);

function specOf(name: string, written: Written, folder: string): EngineSpec {
  if (!NAME.test(name))
    throw new UsageError(`engines.${name}: a name has letters, digits and ._- (40 at most)`);
  const { agents, suites, memory_mib } = written;
  const whose = `the engine ${name}`;
  return {
    name,
    named: { address: addressIn(written, whose, folder), whose },
    agents,
    suites,
    memory_mib,
  };
}

function addressIn(written: Written, whose: string, folder: string): Address {
  const given = <Key extends keyof Written>(keys: readonly Key[]) =>
    keys.filter((key) => written[key] !== undefined);
  const pathOf = (path: string | undefined) => path && resolve(folder, path);
  const { ca, cert, key, ssh_config, ssh_key } = written;
  const asked = given(TLS_KEYS).length > 0;
  const tls = asked ? { ca: pathOf(ca), cert: pathOf(cert), key: pathOf(key) } : undefined;
  const address = parseAddress(written.address, `${whose}'s address`, tls);
  const lost =
    address.way === "tcp"
      ? given(SSH_KEYS)
      : address.way === "ssh"
        ? given(TLS_KEYS)
        : given([...TLS_KEYS, ...SSH_KEYS]);
  if (lost[0] !== undefined)
    throw new UsageError(`${whose}: ${lost[0]} does nothing for ${addressText(address)}`);
  if (address.way === "tcp" && address.tls) readCertificates(address.tls, whose);
  if (address.way !== "ssh") return address;
  return { ...address, config: pathOf(ssh_config), key: pathOf(ssh_key) };
}

function readToml(path: string): Toml {
  try {
    return parseToml(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof TomlError) throw new UsageError(`${path}:${error.line}: ${error.message}`);
    throw new UsageError(`--engines: ${path} cannot be read: ${errorMessage(error)}`);
  }
}
