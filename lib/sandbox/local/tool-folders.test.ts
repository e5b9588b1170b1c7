import { expect, test } from "bun:test";
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { HOMES, temporaryFolder } from "../../core/testing.ts";
import type { Tools } from "./tool-folders.ts";

/** Programs in a home, `~`, and elsewhere; links as `from -> to`. */
type Host = { readonly files: readonly string[]; readonly path: readonly string[] };

/** What is found, by paths without the host's own folder; those outside of it are left out. */
function found({ files, path }: Host): Tools {
  using folder = temporaryFolder("tandem-path", HOMES);
  const root = realpathSync(folder.path);
  const at = (name: string) => join(root, name.replace("~", "home"));
  mkdirSync(at("~"));
  for (const file of files) {
    const [name = "", target] = file.split(" -> ");
    mkdirSync(dirname(at(name)), { recursive: true });
    if (target === undefined) writeFileSync(at(name), "", { mode: 0o755 });
    else symlinkSync(target.startsWith(".") ? target : at(target), at(name));
  }
  const script = `const { toolsOnPath } = await import(${JSON.stringify(join(import.meta.dir, "tool-folders.ts"))}); console.log(JSON.stringify(toolsOnPath()))`;
  const child = Bun.spawnSync([process.execPath, "-e", script], {
    cwd: "/",
    env: { HOME: at("~"), PATH: [...path.map(at), "/usr/bin"].join(delimiter) },
  });
  expect(child.stderr.toString()).toBe("");
  const tools: Tools = JSON.parse(child.stdout.toString());
  const own = (paths: readonly string[]) =>
    paths
      .filter((one) => one.startsWith(`${root}/`))
      .map((one) => one.slice(root.length + 1).replace(/^home\b/, "~"))
      .sort();
  return { folders: own(tools.folders), files: own(tools.files) };
}

const CASES: [name: string, host: Host, folders: string[], files: string[]][] = [
  [
    "pyenv",
    { files: ["~/.pyenv/shims/python", "~/.ssh/id"], path: ["~/.pyenv/shims"] },
    ["~/.pyenv"],
    [],
  ],
  [
    "nvm",
    { files: ["~/.nvm/versions/node/v20/bin/node"], path: ["~/.nvm/versions/node/v20/bin"] },
    ["~/.nvm"],
    [],
  ],
  [
    "cargo and rustup",
    { files: ["~/.cargo/bin/cargo", "~/.rustup/settings.toml"], path: ["~/.cargo/bin"] },
    ["~/.cargo", "~/.rustup"],
    [],
  ],
  ["go", { files: ["~/go/bin/dlv", "~/go/pkg/mod/x"], path: ["~/go/bin"] }, ["~/go"], []],
  [
    "conda",
    {
      files: ["~/miniconda3/bin/python", "~/miniconda3/conda-meta/history", "~/notes"],
      path: ["~/miniconda3/bin"],
    },
    ["~/miniconda3"],
    [],
  ],
  [
    "mise",
    {
      files: ["~/.local/share/mise/shims/node", "~/.local/share/keyrings/x"],
      path: ["~/.local/share/mise/shims"],
    },
    ["~/.local/share/mise"],
    [],
  ],
  [
    "programs of ~/.local, with what they link to",
    {
      files: [
        "~/.local/bin/uv",
        "~/.local/bin/x -> ~/.local/share/x/versions/1/x",
        "~/.local/share/x/versions/1/x",
      ],
      path: ["~/.local/bin"],
    },
    ["~/.local/bin", "~/.local/share/x"],
    [],
  ],
  [
    "node under an odd prefix",
    {
      files: ["data/node-v20/bin/node", "data/node-v20/lib/x", "data/else"],
      path: ["data/node-v20/bin"],
    },
    ["data/node-v20"],
    [],
  ],
  [
    "an environment and the interpreter that it links to",
    {
      files: [
        "~/work/.venv/bin/python -> ~/.pyenv/versions/3.12/bin/python3",
        "~/work/.venv/pyvenv.cfg",
        "~/.pyenv/versions/3.12/bin/python3",
        "~/work/.env",
      ],
      path: ["~/work/.venv/bin"],
    },
    ["~/.pyenv", "~/work/.venv"],
    [],
  ],
  [
    "packages' programs",
    {
      files: [
        "~/work/node_modules/.bin/x -> ../x/cli.js",
        "~/work/node_modules/x/cli.js",
        "~/work/secret",
      ],
      path: ["~/work/node_modules/.bin"],
    },
    ["~/work/node_modules"],
    [],
  ],
  [
    "a folder of somebody's project: that alone",
    { files: ["~/work/bin/x", "~/work/lib/y", "~/work/.git/config"], path: ["~/work/bin"] },
    ["~/work/bin"],
    [],
  ],
  [
    "a link to a script in a project: that file alone",
    { files: ["~/bin/x -> ~/work/x.sh", "~/work/x.sh", "~/work/secret"], path: ["~/bin"] },
    ["~/bin"],
    ["~/work/x.sh"],
  ],
  [
    "links step by step",
    {
      files: ["~/bin/x -> ~/links/x", "~/links/x -> ~/.tool/bin/x", "~/.tool/bin/x"],
      path: ["~/bin"],
    },
    ["~/.tool", "~/bin"],
    ["~/links/x"],
  ],
  [
    "the home itself: its programs alone",
    { files: ["~/x", "~/.hidden", "~/.ssh/id"], path: ["~"] },
    [],
    ["~/x"],
  ],
  [
    "a folder above the home: nothing but programs",
    { files: ["x", "~/.ssh/id"], path: ["."] },
    [],
    ["x"],
  ],
  ["nothing that is not there", { files: ["~/.ssh/id"], path: ["~/.gone/bin", "none"] }, [], []],
];
test.each(CASES)("S5: %s", (_, host, folders, files) => {
  expect(found(host)).toEqual({ folders, files });
});
