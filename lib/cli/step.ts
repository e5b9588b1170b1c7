// Owns the contract of a command: flags checked, results on standard output, messages on standard error, exit codes.
import { type ArgsDef, type ParsedArgs, parseArgs } from "citty";
import type { Ledger } from "../../db/ledger.ts";
import type { ReadMode } from "../../db/read.ts";
import pkg from "../../package.json" with { type: "json" };
import { type Fault, UsageError } from "../core/fault.ts";
import { visible } from "../core/visible.ts";
import { DEFAULT_LEDGER } from "../core/vocabulary.ts";
import { checkFlags, valuesOf } from "./check-flags.ts";
import { type FlagsDef, placeArg } from "./flag-forms.ts";
import type { Described } from "./help.ts";
import { type Output, openOutput } from "./output.ts";
import { type Interrupts, listen } from "./signals.ts";
import { lostResults, onceUnread } from "./streams.ts";
import { tell } from "./talk.ts";
import { terminalOf } from "./terminal.ts";

export const EXIT = { done: 0, fault: 1, usage: 2, interrupted: 130 } as const;
export const VERSION: string = pkg.version;

/** What a command's work gets: its flags, where results and messages go, and when to stop. */
export type CommandContext<A extends ArgsDef> = {
  readonly args: ParsedArgs<A>;
  /** Arguments that are not flags: keys, or `-`. */
  readonly words: readonly string[];
  readonly out: Output;
  /** Everything stops now. */
  readonly signal: AbortSignal;
  /** No new units are begun; those under way are finished. For commands that drain, the first Ctrl-C. */
  readonly drain: AbortSignal;
  /** All values of a flag that may be given several times. */
  readonly every: (flag: string) => readonly string[];
  /** Opens the ledger that --ledger names, once; closed at the end. */
  readonly ledger: () => Promise<Ledger>;
};
/** A call of any command, as a command that calls others passes it on. */
export type Call = Omit<CommandContext<ArgsDef>, "args"> & {
  readonly args: Readonly<Record<string, unknown>>;
};
export type Command<A extends ArgsDef = ArgsDef> = Described<A> & {
  /** How a call that writes nothing opens the ledger; undefined for one that writes. */
  readonly reads?: (args: Readonly<Record<string, unknown>>) => ReadMode | undefined;
  /** Whether an interruption lets units under way finish first. */
  readonly drains?: boolean;
  /** Does the work; returns the number of units that met a fault. */
  readonly run: (context: CommandContext<A>) => Promise<number>;
};

/** A command as a part of others: its flags are given, everything else is shared. Returns its number of faults. */
export type Part = (
  flags: Readonly<Record<string, unknown>>,
  shared: Omit<Call, "args">,
) => Promise<number>;

/** Flags every command has. */
export const COMMON_ARGS = {
  ledger: placeArg(
    { description: "SQLite file of the ledger", valueHint: "file" },
    "TANDEM_LEDGER",
    DEFAULT_LEDGER,
  ),
  json: {
    type: "boolean",
    description: "print results as JSON lines, even on a terminal",
    group: "output",
  },
  quiet: {
    type: "boolean",
    description: "print only warnings and errors on standard error",
    group: "output",
  },
  debug: { type: "boolean", description: "print the stack trace of an error", group: "output" },
} as const satisfies FlagsDef;

export function defineCommand<const A extends ArgsDef>(command: Command<A>): Command<A> {
  return command;
}

/** Runs a command as the program: parses the command line, sets the exit code. Call it when `import.meta.main`. */
export async function main<A extends ArgsDef>(
  command: Command<A>,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  // Until more is known: a process that ends early, for whatever reason, has not done its work.
  process.exitCode = EXIT.fault;
  process.exitCode = await runCommand(command, argv);
}

/** Runs a command with these arguments and returns its exit code. */
export async function runCommand<A extends ArgsDef>(
  command: Command<A>,
  argv: readonly string[],
): Promise<number> {
  const before = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : undefined);
  if (before.includes("--help") || before.includes("-h")) return printHelp(command);
  if (before.includes("--version")) {
    process.stdout.write(`${VERSION}\n`);
    return EXIT.done;
  }
  using interrupts = listen(command.drains === true);
  try {
    return await runChecked(command, argv, interrupts);
  } catch (error) {
    return await report(error, interrupts, argv.includes("--debug"));
  }
}

async function runChecked<A extends ArgsDef>(
  command: Command<A>,
  argv: readonly string[],
  { signal, drain }: Interrupts,
): Promise<number> {
  checkFlags(command.args, argv);
  const args = parseArgs<A>([...argv], command.args);
  const words: readonly string[] = args._;
  if (command.words === undefined && words.length > 0)
    throw new UsageError(`unexpected "${words[0]}": ${command.name} takes flags only`);
  const out = openOutput({
    json: args.json === true,
    quiet: args.quiet === true,
    summary: command.name,
  });
  let ledger: Promise<Ledger> | undefined;
  const open = () => {
    ledger ??= openFor(command.reads?.(args), String(args.ledger));
    return ledger;
  };
  try {
    const every = (flag: string) => valuesOf(argv, flag);
    if (command.drains)
      onceUnread(() =>
        out.say("standard output was closed: the work goes on, and is kept in the ledger"),
      );
    const faults = await command.run({ args, words, out, signal, drain, every, ledger: open });
    await out.end();
    if (drain.aborted) return EXIT.interrupted;
    const lost = await lostResults();
    if (lost !== undefined) out.warn(lost);
    if (lost !== undefined) return EXIT.fault;
    return faults > 0 ? EXIT.fault : EXIT.done;
  } finally {
    (await ledger?.catch(() => undefined))?.close();
  }
}

async function openFor(mode: ReadMode | undefined, path: string): Promise<Ledger> {
  const { openLedger, openLedgerToRead } = await import("../../db/ledger.ts");
  return mode === undefined ? openLedger(path) : openLedgerToRead(path, { mode });
}

/** For commands with a dry run, which only plans. */
export function plansDry(args: Readonly<Record<string, unknown>>): ReadMode | undefined {
  return args["dry-run"] === true ? "plan" : undefined;
}

/** Calls a command as a part of another one: its flags from `flags`, everything else shared. Returns its number of faults. */
export async function invoke<A extends ArgsDef>(
  command: Command<A>,
  flags: Readonly<Record<string, unknown>>,
  shared: Omit<CommandContext<A>, "args">,
): Promise<number> {
  const argv = Object.keys(command.args).flatMap((name) => {
    const value = flags[name];
    if (value === undefined) return [];
    if (typeof value !== "boolean") return [`--${name}=${value}`];
    return value ? [`--${name}`] : [`--no-${name}`];
  });
  return await command.run({ ...shared, args: parseArgs<A>(argv, command.args) });
}

/** A command for others to call. */
export function partOf<A extends ArgsDef>(command: Command<A>): Part {
  return (flags, shared) => invoke(command, flags, shared);
}

async function printHelp<A extends ArgsDef>(command: Command<A>): Promise<number> {
  const { helpText } = await import("./help.ts");
  process.stdout.write(helpText(command, terminalOf(process.stdout)));
  return EXIT.done;
}

async function report(error: unknown, { drain }: Interrupts, debug: boolean): Promise<number> {
  if (debug && error instanceof Error) process.stderr.write(`${visible(error.stack ?? "")}\n`);
  if (drain.aborted) {
    tell("warn", "interrupted: what was finished is saved; run the same command to continue");
    return EXIT.interrupted;
  }
  if (error instanceof UsageError) {
    tell("error", error.message);
    return EXIT.usage;
  }
  const { asFault } = await import("../core/fault.ts");
  tell("error", faultLine(asFault(error)));
  return EXIT.fault;
}

/** A fault in one line: what broke and what to do. */
export function faultLine(fault: Fault): string {
  return `${fault.message} [${fault.code}] → ${fault.hint}`;
}
