// Owns what package managers keep of their downloads: where they are gathered, how an image gets them, what it then says.
import { WORK_PATH } from "./opening.ts";

/** A volume during warming: nothing under it gets into the image. */
export const GATHERED = `${WORK_PATH}/gathered`;
const WHEELS = "/usr/local/share/tandem/wheels";

/**
 * Variables for suites that run only for their downloads. Only these folders travel on from there, and of them only
 * what came from outside: what was built of a tree under test must not be found in an image that agents work in.
 */
export const GATHER = `export PIP_LOG=${GATHERED}/pip.log PIP_CACHE_DIR=${GATHERED}/pip UV_CACHE_DIR=${GATHERED}/uv
export GOMODCACHE=${GATHERED}/go npm_config_cache=${GATHERED}/npm npm_config_store_dir=${GATHERED}/pnpm
mkdir -p ${GATHERED}/cargo
for settings in "\${CARGO_HOME:-$HOME/.cargo}"/config*; do [ ! -e "$settings" ] || cp "$settings" ${GATHERED}/cargo/; done
export CARGO_HOME=${GATHERED}/cargo`;

/** Variables for the suite that warms: pip's own cache would only double the wheels that are kept. */
export const WARM_UP = `export PIP_LOG=${GATHERED}/pip.log PIP_CACHE_DIR=${GATHERED}/pip`;

/**
 * uv keeps what it built of folders, too, and takes it again while `pyproject.toml` is as old: code of another tree
 * would be tested, and code of gold be kept.
 */
const FORGET_LOCAL = `forget_local() {
  rm -rf "$1"/sdists-*/path "$1"/sdists-*/editable "$1"/builds-*
  UV_CACHE_DIR=$1 uv cache prune -q
}`;

/** Lays what was gathered into the tools' own folders. Lists /tmp, for {@link FINISH}. */
export const LAY_IN = `set -e
has() { command -v "$1" >/dev/null 2>&1; }
${FORGET_LOCAL}
# Some versions of cp fail when they leave out what is there.
lay() { if [ -d "$1" ]; then mkdir -p "$2"; cp -a -n "$1/." "$2/" || :; fi; }
cd ${GATHERED}
if has go; then lay go "$(go env GOMODCACHE)"; fi
if has cargo; then for part in registry git; do lay "cargo/$part" "\${CARGO_HOME:-$HOME/.cargo}/$part"; done; fi
if has npm; then lay npm/_cacache "$(npm config get cache)/_cacache"; fi
if has pnpm && [ -d pnpm ]; then lay pnpm "$(pnpm store path | sed 's,/v[0-9]*$,,')"; fi
if has uv && [ -d uv ]; then
  forget_local ${GATHERED}/uv
  lay uv "$(uv cache dir)"
fi
ls -A /tmp >tmp.list`;

/**
 * Makes wheels of everything that pip downloaded, clears away, and prints `env NAME=value` for what makes each tool use
 * what is here. pip with a folder of wheels still asks its index and goes on when there is none; npm likewise. uv and
 * cargo would fail instead, and are told to stay offline. `note …` is for people.
 */
export const FINISH = `set -e
has() { command -v "$1" >/dev/null 2>&1; }
${FORGET_LOCAL}
cd ${GATHERED}
if [ -s pip.log ] && has pip; then
  sed -nE 's,.*(Downloading|Using cached) ([^ ]*/)?([^/ ]+\\.(whl|tar\\.gz|tar\\.bz2|zip))( .*)?$,\\3,p' pip.log | sort -u >files
  unset PIP_LOG
  while read -r file; do
    case $file in
      *.whl) rest=\${file#*-}; wanted=\${file%%-*}==\${rest%%-*} ;;
      *) stem=\${file%.zip}; stem=\${stem%.tar.*}; wanted=\${stem%-*}==\${stem##*-} ;;
    esac
    PIP_CACHE_DIR=${GATHERED}/pip pip wheel -q --no-deps -w ${WHEELS} "$wanted" >wheel.log 2>&1 ||
      echo "note no wheel of $wanted: $(tail -n 1 wheel.log)"
  done <files
fi
if has go; then go clean -testcache; fi
if has uv && [ -d "$(uv cache dir)" ]; then forget_local "$(uv cache dir)"; fi
for path in /tmp/* /tmp/.[!.]*; do
  case $path in /tmp/jest_*) continue ;; esac
  grep -qxF -- "\${path#/tmp/}" tmp.list || rm -rf -- "$path"
done
if ls ${WHEELS}/*.whl >/dev/null 2>&1; then
  echo "env PIP_FIND_LINKS=${WHEELS}\${PIP_FIND_LINKS:+ $PIP_FIND_LINKS}"
  echo "env PIP_RETRIES=1"
fi
if has uv && ls -d "$(uv cache dir)"/simple-* >/dev/null 2>&1; then echo "env UV_OFFLINE=1"; fi
if has cargo && [ -d "\${CARGO_HOME:-$HOME/.cargo}/registry/index" ]; then echo "env CARGO_NET_OFFLINE=true"; fi
if has npm && [ -d "$(npm config get cache)/_cacache" ]; then echo "env npm_config_prefer_offline=true"; fi`;

/** The lines of {@link FINISH}'s output, by their first word. */
export function finishings(output: string): { env: string[]; notes: string[] } {
  const of = (word: string) =>
    output
      .split("\n")
      .filter((line) => line.startsWith(`${word} `))
      .map((line) => line.slice(word.length + 1));
  return { env: of("env"), notes: of("note") };
}
