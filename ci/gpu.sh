#!/usr/bin/env bash
# Test and measure hpcpy on this machine's NVIDIA GPU, without a network.
#
# Usage: ci/gpu.sh [--rehearse] [--results FOLDER] [--seconds N]
#
# It takes what `nox -s gpu_bundle` has gathered: from the bundle that it is in, or from
# build/gpu-bundle. It needs a Python of 3.11 to 3.13 with CuPy and NumPy; HPCPY_PYTHON names it,
# else it is the first one on PATH that has CuPy. Nothing is written but the results (into
# --results, else $OUT, else ./results) and a temporary folder, which is removed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

has_cupy() {
    "$1" -c 'import importlib.util as u, sys; sys.exit(u.find_spec("cupy") is None)' 2>/dev/null
}

chosen=${HPCPY_PYTHON:-}
for python in ${chosen:-python3 python3.13 python3.12 python3.11}; do
    command -v "$python" >/dev/null || continue
    [ -n "$chosen" ] || chosen=$python
    if has_cupy "$python"; then
        chosen=$python
        break
    fi
done
if ! command -v "$chosen" >/dev/null; then
    echo "gpu.sh: no python3 on PATH: name one with CuPy by HPCPY_PYTHON=/path/to/python" >&2
    exit 2
fi
exec "$chosen" -B "$here/gpu" "$@"
