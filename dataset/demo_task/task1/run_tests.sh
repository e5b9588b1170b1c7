#!/usr/bin/env bash
# Owns one test run outside an image: run_tests.sh <repo path> <tests patch> [feature patch]
# Applies the feature, then the tests; runs the test files of the tests patch; exits with their status.
set -euo pipefail

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
  echo "usage: run_tests.sh <repo path> <tests patch> [feature patch]" >&2
  exit 2
fi

absolute() { echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
tests="$(absolute "$2")"
feature="${3:+$(absolute "$3")}"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 LC_ALL=C
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
cd "$1"

reset_tree() {
  git reset --hard --quiet
  git clean -fdq
}

apply() {
  [ -f "$2" ] || { echo "run_tests.sh: there is no $1 patch at $2" >&2; exit 1; }
  # An empty patch asks for nothing; git apply would call it an error.
  [ -s "$2" ] || return 0
  git apply --whitespace=nowarn "$2" || { echo "run_tests.sh: the $1 patch does not apply" >&2; exit 1; }
}

reset_tree
trap reset_tree EXIT
[ -z "$feature" ] || apply feature "$feature"
apply tests "$tests"

set --
while IFS= read -r file; do
  case "$file" in *.test.ts) [ ! -f "$file" ] || set -- "$@" "./$file" ;; esac
done < <(git apply --numstat "$tests" | cut -f 3)
bun test "$@"
