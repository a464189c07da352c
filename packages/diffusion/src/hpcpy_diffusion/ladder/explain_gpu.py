"""The caption of a GPU's ladder."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hpcpy_diffusion.ladder.explain import (
    explain_check,
    explain_scaled,
    explain_term,
    list_reasons,
)
from hpcpy_diffusion.ladder.rung import COMPARED

__all__ = ["explain_gpu_ladder"]


def explain_gpu_ladder(report: Mapping[str, Any]) -> list[str]:
    """Return the lines. Local; the report is that of `hpcpy_diffusion.ladder.run`."""
    parameters, rungs = report["parameters"], report["rungs"]
    missing = {name: f"needs {what}" for name, what in report["missing"].items()}
    return [
        explain_term(
            "Gcell/s",
            f"10^9 cell updates a second: median of {report['repeats']} repeats in turn, by the "
            "steps of runs of the solver, halo exchange included; copies of the field to the GPU "
            "and back are not; IQR: the quartiles' distance",
        ),
        explain_term("x cpu", _explain_cpu(report)),
        explain_term("of copy", _explain_copy(report)),
        explain_term(
            "steps",
            "of one repeat, after as many before them" + explain_scaled(parameters["steps"], rungs),
        ),
        explain_term(
            "warm-up",
            "what the first calls took longer than the next ones, which is not in Gcell/s: "
            "import, compilation or what an earlier one left in a cache",
        ),
        "",
        explain_check(report),
        *list_reasons("Left out", report["left_out"]),
        *list_reasons("Not installed", missing),
    ]


def _explain_cpu(report: Mapping[str, Any]) -> str:
    rows = [row for row in report["rungs"].values() if row["device"] == "cpu"]
    if not rows:
        why = report["missing"].get(COMPARED)
        reason = f": it needs {why}" if why else ""
        return f"empty, since {COMPARED} was not measured on the CPU{reason}"
    ranks, threads = report["ranks"], rows[-1]["threads"]
    some = f"{threads} thread{'s' if threads > 1 else ''}"
    where = f" in each of {ranks} ranks" if ranks > 1 else ""
    return (
        f"as many times as fast as {COMPARED} on {some}{where} of this machine's CPU, "
        f"{report['machine']['processor']}"
    )


def _explain_copy(report: Mapping[str, Any]) -> str:
    copy = report["copy"]  # it reads an item and writes one, as a sweep does for each cell
    each = 2 * np.dtype(report["parameters"]["dtype"]).itemsize
    rate = copy["speed"]["gcells_per_second"] * each
    return (
        "times the single-sweep roof: the speed of copies from device to device in the same "
        f"rounds, at {each} bytes a cell, which one sweep over memory a step cannot pass; here "
        f"{rate:.4g} GB/s, read and written, of two arrays of {copy['nbytes'] / 2**21:.4g} MiB"
    )
