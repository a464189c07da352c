"""Whether programs can compute on a GPU here: asked of hpcpy itself, in a process of its own."""

import subprocess
import sys
from collections.abc import Mapping

__all__ = ["find_gpu"]

PROGRAM = "from hpcpy_core.find_gpu import find_gpu; print(find_gpu() or '')"
SECONDS = 60


def find_gpu(environ: Mapping[str, str]) -> str | None:
    """Return why nothing can be tested on a GPU here, and what mends it, or None. Local.

    Not in this process, which would hold a part of the GPU's memory to the end.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"the GPU did not answer in {SECONDS} s: nvidia-smi shows its state"
    if done.returncode:
        return (done.stderr.strip().splitlines() or [f"{sys.executable} failed"])[-1]
    return done.stdout.strip() or None
