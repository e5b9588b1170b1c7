#!/usr/bin/env bash
# Owns one test run inside the image: runner.sh <tests patch> [feature patch], names under /patches
set -euo pipefail

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  echo "usage: runner.sh <tests patch> [feature patch]" >&2
  exit 2
fi

exec run_tests.sh /workspace/repo "/patches/$1" ${2:+"/patches/$2"}
