// Owns the rule that keeps folders filled by tools out of a work tree's diff where no ignore file names them.

/** Why a new folder or file is left out: by its name, or by the mark that its maker puts into it. */
export type BuildRule = "made by tools" | "says it is made";
export type LeftFolder = {
  readonly path: string;
  readonly rule: BuildRule;
  readonly files: number;
};

/** Names that only tools give. People also use `build`, `dist`, `env` and `target`: those need a mark. */
const FOLDERS = new Set([
  ...["node_modules", ".venv", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"],
  ...[".hypothesis", ".tox", ".nox", ".eggs", ".ipynb_checkpoints", ".gradle", ".parcel-cache"],
  ...[".turbo", ".nyc_output", ".pnpm-store", ".uv-cache"],
]);
const FOLDER_ENDS = [".egg-info", ".dist-info"];
const FILES = [/\.py[co]$/, /^\.coverage(?:\..+)?$/, /^\.DS_Store$/, /^Thumbs\.db$/];
/** What a tool puts into a folder that it creates: bford.info/cachedir, venv, CMake, setuptools. */
const MARKS = [
  /^(.+)\/CACHEDIR\.TAG$/,
  /^(.+)\/pyvenv\.cfg$/,
  /^(.+)\/CMakeCache\.txt$/,
  /^((?:.+\/)?build)\/(?:bdist|temp|lib)\.[^/]+\/./,
];

/**
 * The outermost folders (ending in `/`) and files among `paths`, all new and not ignored, that tools made. The caller
 * checks whether the base has files there: if so, they are someone's work.
 */
export function buildFolders(paths: readonly string[]): LeftFolder[] {
  const marked = new Set(paths.flatMap(markOf));
  const found = new Map<string, LeftFolder>();
  for (const path of paths) {
    const root = rootOf(path, marked);
    if (root === undefined) continue;
    const files = (found.get(root.path)?.files ?? 0) + 1;
    found.set(root.path, { ...root, files });
  }
  return [...found.values()];
}

function markOf(path: string): string[] {
  return MARKS.flatMap((mark) => mark.exec(path)?.[1] ?? []);
}

function rootOf(path: string, marked: ReadonlySet<string>): Omit<LeftFolder, "files"> | undefined {
  const parts = path.split("/");
  for (let depth = 1; depth < parts.length; depth++) {
    const folder = parts.slice(0, depth).join("/");
    const name = parts[depth - 1] ?? "";
    if (FOLDERS.has(name) || FOLDER_ENDS.some((end) => name.endsWith(end) && name !== end))
      return { path: `${folder}/`, rule: "made by tools" };
    if (marked.has(folder)) return { path: `${folder}/`, rule: "says it is made" };
  }
  const file = parts.at(-1) ?? "";
  return FILES.some((pattern) => pattern.test(file)) ? { path, rule: "made by tools" } : undefined;
}
