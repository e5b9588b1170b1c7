// Owns the environment of local commands: tools on the PATH, a home of their own, and no key of the host's.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Layout } from "./layout.ts";
import { pathFolders } from "./tool-folders.ts";

/** Tools that find their other half through the home folder, which is another one here: variable and its default. */
const HOMES: readonly (readonly [variable: string, folder: string])[] = [
  ["RUSTUP_HOME", ".rustup"],
  ["PYENV_ROOT", ".pyenv"],
  ["RBENV_ROOT", ".rbenv"],
  ["NODENV_ROOT", ".nodenv"],
  ["GOENV_ROOT", ".goenv"],
  ["VOLTA_HOME", ".volta"],
  ["ASDF_DATA_DIR", ".asdf"],
  ["SDKMAN_DIR", ".sdkman"],
  ["MISE_DATA_DIR", ".local/share/mise"],
  ["UV_PYTHON_INSTALL_DIR", ".local/share/uv/python"],
];

/** Of a command that has these paths. */
export function hostEnv(
  paths: Layout["inside"],
): Record<string, string> & { readonly PATH: string } {
  return {
    ...ofTools(),
    HOME: paths.home,
    TMPDIR: paths.tmp,
    LANG: "C.UTF-8",
    TERM: "dumb",
    PAGER: "cat",
    GIT_PAGER: "cat",
    GIT_TERMINAL_PROMPT: "0",
  };
}

const SYSTEM_PATH = ["/usr/local/bin", "/usr/bin", "/bin"];

type OfTools = Record<string, string> & { readonly PATH: string };

/** The same for every command of a process, as the tools that are laid in are: there are hundreds at once. */
function ofTools(): OfTools {
  const about = ["PATH", "HOME", ...HOMES.map(([variable]) => variable)]
    .map((name) => process.env[name])
    .join("\n");
  if (known?.about !== about) known = { about, tools: { ...toolHomes(), PATH: toolPath() } };
  return known.tools;
}
let known: { readonly about: string; readonly tools: OfTools } | undefined;

function toolPath(): string {
  const bun = [join(import.meta.dir, "../../../node_modules/.bin"), dirname(process.execPath)];
  return [...new Set([...bun, ...pathFolders(), ...SYSTEM_PATH])].join(delimiter);
}

function toolHomes(): Record<string, string> {
  const homes = HOMES.flatMap(([variable, folder]) => {
    const path = process.env[variable] ?? join(homedir(), folder);
    return existsSync(path) ? [[variable, path] as const] : [];
  });
  return Object.fromEntries(homes);
}
