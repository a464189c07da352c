"""NCCL: which one CuPy finds, and what it refuses."""

from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from typing import Any

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.looks.ask_child import NoAnswerError, ask_child
from hpcpy_doctor.looks.first_rank import AS_FIRST, is_first
from hpcpy_doctor.looks.install_command import install_command
from hpcpy_doctor.looks.local_ranks import read_local_ranks

__all__ = ["CHECK", "look_at_nccl"]

NCCL, DRIVER = "hpcpy_doctor.looks.ask_nccl", "hpcpy_doctor.looks.ask_driver"

SHARES_A_GPU = 23000
"""The first version, as NCCL counts them, that takes several ranks on one GPU: 2.30."""

MISSING = Kind(
    id="nccl-missing",
    level="note",
    title="CuPy finds no NCCL",
    cause="The library libnccl.so.2 is not installed, or not where CuPy looks for it.",
    cure="{cure}",
    example="/path/to/env/bin/python -m pip install nvidia-nccl-cu13",
    text="Only hpcpy-gpu-allreduce's algorithm `nccl` needs it; the others do without. The package "
    "must be for the same CUDA as CuPy: `nvidia-nccl-cu12` or `nvidia-nccl-cu13`.",
)
SHARED = Kind(
    id="nccl-shared-gpu",
    level="warning",
    title="There are more ranks than GPUs, and this NCCL takes one rank for each GPU",
    cause="NCCL before 2.30 refuses two ranks on one GPU.",
    cure="{cure}",
    example="mpiexec -n 2 ...",
    text="It says `Duplicate GPU detected`, and hangs or fails when it connects the ranks. Start "
    "one rank for each GPU, take a newer NCCL, or another algorithm.",
)

Ask = Callable[[str], Mapping[str, Any]]


def look_at_nccl(facts: tuple[Facts, ...], *, ask: Ask = ask_child) -> Iterator[Finding]:
    """Ask which NCCL there is, and compare it with ranks and GPUs. Local.

    Variables that name missing interfaces are the network's check.

    Parameters
    ----------
    facts
        Of this process.
    ask
        Runs a module in a process of its own, which may hang or crash.
    """
    own, ranks = facts[0], read_local_ranks(facts[0].environ)
    if find_spec("cupy") is None:
        yield Finding.ok("not asked: there is no CuPy")
        return
    if not is_first(own):
        yield AS_FIRST
        return
    try:
        devices = ask(DRIVER).get("devices")
    except NoAnswerError as error:
        yield Finding.ok(f"not asked, because of the driver: {error}")
        return
    if not devices:
        yield Finding.ok("not asked: there is no GPU")
        return
    try:
        said = ask(NCCL)
    except NoAnswerError as error:
        said = {"missing": str(error)}
    if "missing" in said:
        major = 12 if "cuda12" in str(own.versions) else 13
        cure = install_command(f"nvidia-nccl-cu{major}")
        yield MISSING.found(str(said["missing"]), cure=cure)
    elif said["version"] < SHARES_A_GPU and ranks.size > len(devices):
        seen = f"NCCL {_name(said['version'])}, {ranks.size} ranks, {len(devices)} GPU(s)"
        yield SHARED.found(seen, cure=f"mpiexec -n {len(devices)} ...")
    else:
        yield Finding.ok(f"NCCL {_name(said['version'])}, {said['path']}")


def _name(version: int) -> str:
    return f"{version // 10000}.{version // 100 % 100}.{version % 100}"


CHECK = Check(name="nccl", title="NCCL", scope="process", kinds=(MISSING, SHARED), run=look_at_nccl)
