"""Ask nvidia-smi, which talks to the kernel's part of the driver in its own way."""

import shutil
from collections.abc import Iterator

from hpcpy_core.errors import HpcpyError
from hpcpy_core.tools import run_tool
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.looks import gpu_kinds as kinds

__all__ = ["ask_smi"]

QUESTION = ("--query-gpu=persistence_mode,mig.mode.current", "--format=csv,noheader")
SECONDS = 5


def ask_smi() -> Iterator[Finding]:
    """Yield what it says of the driver and the devices that people should know. Local."""
    program = shutil.which("nvidia-smi")
    if program is None:
        yield kinds.NO_SMI.found("it is not on PATH")
        return
    try:
        rows = run_tool([program, *QUESTION], SECONDS).splitlines()
    except HpcpyError as error:
        words = str(error)
        kind = kinds.MISMATCH if "mismatch" in words else kinds.SMI_FAILS
        yield kind.found(words.partition(": ")[2] or words)
        return
    columns = [[word.strip() for word in row.split(",")] for row in rows]
    idle = [str(number) for number, row in enumerate(columns) if row[0:1] == ["Disabled"]]
    split = [str(number) for number, row in enumerate(columns) if row[1:2] == ["Enabled"]]
    if idle:
        yield kinds.NOT_PERSISTENT.found(f"it is off for GPU {', '.join(idle)}")
    if split:
        yield kinds.MIG.found(f"it is on for GPU {', '.join(split)}")
