"""What a result needs beside it: the GPU, its driver, the C library, the versions of packages."""

import platform
import subprocess
from importlib.metadata import Distribution, distributions
from typing import Any

__all__ = ["describe_gpu", "list_versions"]

QUERY = "name,driver_version,memory.total,uuid,pci.bus_id,compute_cap,mig.mode.current"
NAMES = ("cupy", "matplotlib", "mpi4py", "nccl", "numba", "numpy", "nvidia-cuda-runtime", "pytest")
SECONDS = 30


def describe_gpu() -> dict[str, Any]:
    """Return what nvidia-smi says of the GPUs, and what else figures depend on. Local."""
    said = ask("nvidia-smi", f"--query-gpu={QUERY}", "--format=csv,noheader")
    gpus = [dict(zip(QUERY.split(","), line.split(", "), strict=False)) for line in said]
    return {
        "gpus": gpus,
        "topology": ask("nvidia-smi", "topo", "-m"),
        "glibc": " ".join(platform.libc_ver()),
        "kernel": platform.release(),
        "versions": list_versions(),
    }


def list_versions() -> dict[str, str]:
    """Return the versions of what has a say in GPU figures, of all that this Python has. Local."""
    found: dict[str, Distribution] = {}
    for distribution in distributions():
        name = (distribution.name or "").lower()
        if name.startswith(NAMES):
            found.setdefault(name, distribution)  # the first is what would be imported
    return {name: found[name].version for name in sorted(found)}


def ask(*command: str) -> list[str]:
    """Return the lines that a program prints; none if it cannot be run."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.splitlines() if done.returncode == 0 else []
