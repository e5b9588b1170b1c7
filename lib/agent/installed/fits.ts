// Owns what of a program fits an image: its packages, and the Python that runs it.
import { Fault } from "../../core/fault.ts";
import type { Platform } from "../../sandbox/sandbox.ts";
import { fill } from "../templates.ts";
import type { Libc, Program } from "./program.ts";

/** What to install on a platform. Throws Fault `program_unfit` where nothing fits. */
export function packagesFor(program: Program, platform: Platform): string[] {
  const { packages, name, version } = program;
  const { libc } = platform;
  const found = linkedWith(program, libc) ?? packages.any;
  if (found === undefined && Object.keys(packages).length > 0)
    throw unfit(`${name} ${version} has no packages for ${MEANS[libc]}`);
  const arch = process.arch === "arm64" ? "arm64" : "x64";
  return (found ?? []).map((one) => fill(one, { arch }));
}

/** The packages that are for one C library alone. */
export function linkedWith({ packages }: Program, libc: Platform["libc"]) {
  return libc === "none" ? undefined : packages[libc];
}

/** The Python of a program in an image. */
export type Interpreter = {
  /** Such as `3.12`. */
  readonly version: string;
  /** Of the image. */
  readonly libc: Libc;
  /** Brought along, or the image's own. */
  readonly brought: boolean;
};

/**
 * The image's own where the program runs on its version, else the first that the program runs on; undefined for a program without
 * Python. Throws Fault `program_unfit` where none can be had.
 */
export function interpreterFor(
  { python, name, version: of }: Program,
  { libc, python: own }: Platform,
): Interpreter | undefined {
  const [first] = python ?? [];
  if (python === undefined || first === undefined) return undefined;
  if (libc === "none")
    throw unfit(`${name} ${of} needs Python ${first}, and there is none for ${MEANS.none}`);
  const isOwn = own !== undefined && python.includes(own);
  return { version: isOwn ? own : first, libc, brought: !isOwn };
}

const MEANS = {
  glibc: "glibc, which this image has",
  musl: "musl, which this image has",
  none: "an image with neither glibc nor musl",
} as const satisfies Record<Platform["libc"], string>;

function unfit(message: string): Fault {
  return new Fault("program_unfit", message, {
    hint: "choose another agent program for this task, or an image that it runs on",
  });
}
