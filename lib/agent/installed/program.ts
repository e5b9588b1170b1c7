// Owns what an agent program is: the form of its file, what its templates may say, and what identifies it.
import { readFileSync } from "node:fs";
import { basename, extname } from "node:path";
import { z } from "zod";
import { errorMessage, UsageError } from "../../core/fault.ts";
import { sha256 } from "../../core/files.ts";
import { unknownName } from "../../core/nearest.ts";
import { WIRE_NAMES } from "../../model/wire/wire.ts";
import { checkVariables } from "../templates.ts";

/** C libraries that images have. */
export const LIBCS = ["glibc", "musl"] as const;
export type Libc = (typeof LIBCS)[number];

/** `npm:NAME@VERSION`, `pypi:NAME==VERSION`, or `sdist:` for one of PyPI that comes as source alone; exactly one version. */
const packageName = z
  .string()
  .regex(
    /^(?:npm:(?:@[\w.{}-]+\/)?[\w.{}-]+@[\w.{}+-]+|(?:pypi|sdist):[\w.-]+(?:\[[\w,-]+\])?==[\w.+-]+)$/,
    "must be npm:NAME@VERSION, pypi:NAME==VERSION or sdist:NAME==VERSION",
  );
const text = z.string();
const pythonVersion = text.regex(/^3\.\d+$/, "must be a version such as 3.12");
const relativePath = text.regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$)).+$/, "must stay in the home");

const fields = {
  /** For documents. */
  means: text,
  version: text,
  wire: z.enum(WIRE_NAMES),
  /** What is installed: `any` where it runs on every C library, else by C library; one that is absent is refused. */
  packages: z
    .strictObject({
      any: z.array(packageName).exactOptional(),
      glibc: z.array(packageName).exactOptional(),
      musl: z.array(packageName).exactOptional(),
    })
    .default({}),
  /** The versions of Python that it runs on, such as `3.12`: the image's own is one of them, or the first is brought along. */
  python: z.array(pythonVersion).min(1).exactOptional(),
  /** The words that start the program, before its arguments. */
  bin: text,
  /** The bash command that does the task and ends; absent for a program that is driven over the Agent Client Protocol. */
  command: text.exactOptional(),
  /** The name by which `acp:NAME …` finds the program. */
  acp_name: z
    .string()
    .regex(/^[\w.-]+$/)
    .exactOptional(),
  env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), text).default({}),
  /** Written before the start: paths in the home, and their templates. */
  files: z.record(relativePath, text).default({}),
  /** What a tool of the port is called at the model, with {{tool}}; absent where the program hides such tools. */
  mcp_tool: text.exactOptional(),
  /** Its tool that runs commands, and the argument that is the command; absent where its name says so (`bash`, `exec_command`, …). */
  shell: z.strictObject({ tool: text, argument: text }).exactOptional(),
  /** Whether it offers its model tools; where it does not, calls without tools are its steps, and no titles. */
  offers_tools: z.boolean().default(true),
  /** The program's own tools that agents take for a way to talk to a partner. */
  own_tools: z.array(text).default([]),
  /** Its own record of the session, kept beside ours: `stdout`, or a folder in the home whose newest file it is. */
  transcript: z.union([z.literal("stdout"), relativePath]).default("stdout"),
  limits: z
    .strictObject({
      /** The first call of the model must come within this time. */
      start_s: z.number().positive().default(180),
      /** After a limit of the agent it may end by itself for so long. */
      grace_s: z.number().min(0).default(5),
    })
    .prefault({}),
};
const programForm = z.strictObject(fields);
/** A file's values, with the defaults of what it omits. */
export const programFields = (given: z.input<typeof programForm>) => programForm.parse(given);

/** One agent program, as its file says. */
export type Program = z.output<typeof programForm> & {
  readonly name: string;
  /** SHA-256 of the file. */
  readonly sha256: string;
};

/** What templates of a program's file may say; `messaging` is a switch. The environment's may say `token` too. */
export const PROGRAM_VARIABLES = [
  ...(["program", "bin", "home", "repo", "work", "prompt_file", "max_steps"] as const),
  ...(["model", "gateway_url", "mcp_url", "messaging", "arch", "cpu", "tool", "python"] as const),
] as const;

/** The variable of the environment that holds the token, and the one with the gateway's address. */
export const TOKEN_VARIABLE = "TANDEM_TOKEN";
export const GATEWAY_VARIABLE = "TANDEM_GATEWAY";

/** The program of a file. Throws UsageError that names the file, and the field with the nearest valid name. */
export function readProgram(path: string): Program {
  const source = sourceOf(path);
  const parsed = programForm.safeParse(tableOf(source, path));
  if (!parsed.success) throw new UsageError(`${path}: ${problemOf(parsed.error.issues[0])}`);
  checkTemplates(parsed.data, path);
  const { command, acp_name, packages, python } = parsed.data;
  if (command === undefined && acp_name === undefined)
    throw new UsageError(`${path}: command is missing: the bash command that does the task`);
  if (python === undefined && Object.values(packages).flat().some(isOfPython))
    throw new UsageError(`${path}: python is missing: the versions that its packages run on`);
  return { ...parsed.data, name: basename(path, extname(path)), sha256: sha256(source) };
}

function isOfPython(name: string): boolean {
  return /^(?:pypi|sdist):/.test(name);
}

function sourceOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const words = errorMessage(error);
    throw new UsageError(`${path} cannot be read: ${words}`);
  }
}

function tableOf(source: string, path: string): unknown {
  try {
    return Bun.TOML.parse(source);
  } catch (error) {
    const words = errorMessage(error);
    throw new UsageError(`${path} is not TOML: ${words.split("\n", 1)[0]}`);
  }
}

function problemOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === "unrecognized_keys")
    return unknownName("field", issue.keys[0] ?? "", Object.keys(fields));
  const message = issue?.code === "invalid_key" ? issue.issues[0]?.message : issue?.message;
  return `${issue?.path.join(".")}: ${message}`;
}

function checkTemplates(
  { bin, command, mcp_tool, env, files, packages }: z.output<typeof programForm>,
  path: string,
) {
  const ofEnv = [...PROGRAM_VARIABLES, "token"];
  const templates: readonly (readonly [string, string | undefined, (readonly string[])?])[] = [
    ...Object.entries({ bin, command, mcp_tool }),
    ...Object.entries(env).map(([name, value]) => [name, value, ofEnv] as const),
    ...Object.entries(files),
    ...Object.entries(packages).map(
      ([libc, list]) => [`packages.${libc}`, list?.join(" ")] as const,
    ),
  ];
  for (const [field, template, known = PROGRAM_VARIABLES] of templates) {
    if (template === undefined) continue;
    try {
      checkVariables(template, known);
    } catch (error) {
      const words = errorMessage(error);
      throw new UsageError(`${path}: ${field}: ${words}`);
    }
  }
}
