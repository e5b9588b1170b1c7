#!/usr/bin/env bash
# Owns the base commit: makes the git repository demo_repo in the working folder, offline.
# Author, dates and modes are fixed, so the commit id is the same on every machine.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_DEFAULT_HASH=sha1 LC_ALL=C
export GIT_AUTHOR_NAME=ladle GIT_AUTHOR_EMAIL=ladle@localhost GIT_AUTHOR_DATE="1700000000 +0000"
export GIT_COMMITTER_NAME=ladle GIT_COMMITTER_EMAIL=ladle@localhost GIT_COMMITTER_DATE="1700000000 +0000"
# A user-wide ignore file would leave files out of the commit.
export HOME=/nonexistent XDG_CONFIG_HOME=/nonexistent
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

if [ -e demo_repo ]; then
  echo "setup.sh: demo_repo is already here; run it in an empty folder" >&2
  exit 1
fi

mkdir demo_repo
cp -R "$here/repo/." demo_repo/
cd demo_repo
git init --quiet --template= -b main
git config core.hooksPath /dev/null
git config core.fileMode false
git config core.autocrlf false
git add --all
git commit --quiet --no-gpg-sign -m "Ladle 1.0.0"
echo "demo_repo is at $(git rev-parse HEAD)"
