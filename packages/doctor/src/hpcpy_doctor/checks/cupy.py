"""CuPy: whether it is there, fits the driver and CUDA, and computes."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.looks.ask_child import NoAnswerError, ask_child
from hpcpy_doctor.looks.first_rank import AS_FIRST, is_first

__all__ = ["CHECK", "look_at_cupy", "take_command"]

ASK, DRIVER = "hpcpy_doctor.looks.ask_cupy", "hpcpy_doctor.looks.ask_driver"

SEARCH = "nvidia-smi -L"
"""Where no command mends it: this one shows what there is."""

NO_GPU = Kind(
    id="cupy-without-driver",
    level="note",
    title="CuPy is installed, but no driver or no GPU is in sight",
    cause="CuPy computes on GPUs only, and this machine or container shows none.",
    cure="{cure}",
    example="nvidia-smi -L",
    text="CuPy itself says `CUDA driver version is insufficient for CUDA runtime version` here, "
    "which misleads. hpcpy's programs compute on the CPU with `--device auto`, and refuse "
    "`--device gpu`. Run on a machine with a GPU; enter containers with `apptainer exec --nv` or "
    "`docker run --gpus all`.",
)
NOT_INSTALLED = Kind(
    id="cupy-not-installed",
    level="note",
    title="There is a GPU, but CuPy is not installed",
    cause="hpcpy computes on GPUs through CuPy, which is installed apart.",
    cure="{cure}",
    example='pip install "cupy-cuda13x[ctk]"',
    text="The packages `cupy-cuda12x` and `cupy-cuda13x` are CuPy for CUDA 12 and 13; the driver "
    "must be for that CUDA, or newer. Their extra `[ctk]` brings NVIDIA's "
    "compiler and headers too.",
)
TWO = Kind(
    id="cupy-twice",
    level="error",
    title="Several packages of CuPy are installed together",
    cause="cupy, cupy-cuda12x and cupy-cuda13x are the same package for different versions of "
    "CUDA, and have overwritten each other's files.",
    cure="{cure}",
    example='pip uninstall cupy-cuda12x cupy-cuda13x && pip install "cupy-cuda13x[ctk]"',
    text="Which one is imported depends on the order of installation, and removing one of them "
    "breaks the other. Remove all, then install one.",
)
UNFIT = Kind(
    id="cupy-cannot-compute",
    level="error",
    title="CuPy is installed, but does not compute",
    cause="CuPy, the driver, CUDA's libraries and its compiler (NVRTC) with its headers do not fit "
    "together, or one of them is missing.",
    cure="{cure}",
    example='pip uninstall cupy-cuda12x && pip install "cupy-cuda13x[ctk]"',
    text="A sum of four numbers was tried on the first GPU, in a process of its own; it needs the "
    "driver, the runtime, the compiler and its headers. A driver runs everything that was made for "
    "its own version of CUDA, or an older one.",
)
SLOW = Kind(
    id="cupy-slow",
    level="note",
    title="CuPy takes long to compute for the first time",
    cause="It is imported from a slow file system, compiles its first kernel, or hangs.",
    cure='time python -c "import cupy; print(cupy.arange(4).sum())"',
    text="The first import and the first kernel take a few seconds, from a busy network file "
    "system much longer; kernels are kept in ~/.cupy, or where CUPY_CACHE_DIR says. If the "
    "command in the report does not end, the driver hangs.",
)

Ask = Callable[[str], Mapping[str, Any]]


def look_at_cupy(facts: tuple[Facts, ...], *, ask: Ask = ask_child) -> Iterator[Finding]:
    """Let CuPy compute, if there is one. Local.

    Parameters
    ----------
    facts
        Of this process.
    ask
        Runs a module in a process of its own, which may hang or crash.
    """
    if not is_first(facts[0]):
        yield AS_FIRST
        return
    try:
        ask(DRIVER)
    except NoAnswerError as error:
        yield Finding.ok(f"not asked, because of the driver: {error}")
        return
    try:
        said = ask(ASK)
    except NoAnswerError as error:
        yield _judge_silent(error)
        return
    yield _judge(said)


def _judge(said: Mapping[str, Any]) -> Finding:
    installed, cause, cure = said["installed"], said["cause"], said["cure"]
    named = " and ".join(installed)
    if len(installed) > 1:
        return TWO.found(f"{named} are installed", cure=take_command(said["anew"]))
    if cause is None:
        return Finding.ok(f"{named} computes")
    if not said["devices"]:  # the check of GPUs tells what is to be done about that
        if not installed:
            return Finding.ok(f"none, and {cause}")
        return NO_GPU.found(f"{named}, but {cause}", cure=take_command(cure))
    if not installed:
        return NOT_INSTALLED.found(cause, cure=take_command(cure))
    return UNFIT.found(f"{named}: {cause}", cure=take_command(cure))


def _judge_silent(error: NoAnswerError) -> Finding:
    seen = f"{' and '.join(error.heard.get('installed') or ['CuPy'])}: {error}"
    if error.hangs:
        return SLOW.found(seen)
    return UNFIT.found(seen, cure=take_command(str(error.heard.get("anew", "`pip list`"))))


def take_command(cure: str) -> str:
    """Return the commands that are in a sentence between backquotes, as one line. Local."""
    return " && ".join(re.findall("`([^`]+)`", cure)) or SEARCH


CHECK = Check(
    name="cupy",
    title="CuPy",
    scope="process",
    kinds=(NO_GPU, NOT_INSTALLED, TWO, UNFIT, SLOW),
    run=look_at_cupy,
)
