"""Where NVIDIA's compute-sanitizer is, which finds faults of kernels that run."""

import shutil
from pathlib import Path

__all__ = ["LACKING", "find_sanitizer"]

NAME = "compute-sanitizer"
TOOLKITS = ("usr/local/cuda*/bin", "usr/local/cuda*/compute-sanitizer", "opt/cuda*/bin")
LACKING = f"{NAME}, a part of the CUDA toolkit, is neither on PATH nor in /usr/local/cuda"


def find_sanitizer(root: Path = Path("/")) -> str | None:
    """Return its path; None if it is not there. Local."""
    if found := shutil.which(NAME):
        return found
    places = (path for folder in TOOLKITS for path in sorted(root.glob(f"{folder}/{NAME}")))
    return next((str(path) for path in places if path.is_file()), None)
