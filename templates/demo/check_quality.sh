#!/bin/sh
# The quality gate of teatime: every tracked Python file compiles, and the tests pass.
set -u
cd "$(dirname "$0")/.." || exit 1
# What setup made comes first, at night and when you run this by hand.
PATH="$PWD/.venv/bin:$PATH"
export PATH

echo "== compile"
git ls-files -z '*.py' | xargs -0 python -m py_compile || exit 1
echo "== tests"
python -m unittest discover -s tests || exit 1
echo "The gate is green."
