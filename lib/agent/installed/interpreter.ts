// Owns the Python of a program's folder: where it stands, what it is called where it is fetched, and how it starts a program.
import type { Interpreter } from "./fits.ts";
import type { Libc } from "./program.ts";

/** The one that is brought along, and the packages that it or the image's own runs. */
export const INTERPRETER = "interpreter";
export const PYTHON = "python";
/** The command of the one that is brought along, in a program's folder. */
export const PYTHON_COMMAND = `${INTERPRETER}/bin/python3`;

const CPUS: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };
const LIBC_NAMES = { glibc: "gnu", musl: "musl" } as const satisfies Record<Libc, string>;
/** For the oldest glibc that packages are taken for. */
const PLATFORMS = {
  glibc: "manylinux_2_28",
  musl: "unknown-linux-musl",
} as const satisfies Record<Libc, string>;

/** As uv names a build of Python. */
export function buildName({ version, libc }: Interpreter, arch: string = process.arch): string {
  return `cpython-${version}-linux-${CPUS[arch] ?? arch}-${LIBC_NAMES[libc]}`;
}

/** As uv names what packages are for. */
export function platformName({ libc }: Interpreter, arch: string = process.arch): string {
  return `${CPUS[arch] ?? arch}-${PLATFORMS[libc]}`;
}

/**
 * The `__main__.py` of the folder of packages, which runs a module of them. Neither the work tree nor the environment is on its path,
 * and the program's commands inherit no path of its own.
 */
export const LAUNCHER = `import runpy, sys
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
`;

/** The words of a shell that start it before a module's name; images may have no locale. */
export function launching(python: string, folder: string): string {
  return `${python} -I -X utf8 ${folder}/${PYTHON}`;
}
