"""The caption of the ladder's table: what each column means, what was scaled, what was checked."""

from collections.abc import Mapping
from textwrap import fill
from typing import Any

import numpy as np

__all__ = ["explain_ladder"]

WIDTH = 80

CACHED = 32 << 20
"""Bytes that the caches of today's processors hold."""


def explain_ladder(report: Mapping[str, Any]) -> list[str]:
    """Return the lines. Local; the report is that of `hpcpy_diffusion.ladder.run`."""
    parameters, rungs = report["parameters"], report["rungs"]
    lines = [
        _explain(
            "Gcell/s",
            f"10^9 cell updates a second: median of {report['repeats']} repeats in turn, by runs "
            "of the solver, halo exchange and changes of layout included; IQR: the quartiles' "
            "distance",
        ),
        _explain("x cpp", _explain_cpp(report)),
        _explain("of copy", _explain_copy(parameters)),
        _explain("steps", "of one repeat" + _explain_scaled(parameters["steps"], rungs)),
        _explain(
            "warm-up",
            "what the first calls took longer than the next ones, which is not in Gcell/s: "
            "import, compilation or what an earlier one left in a cache",
        ),
        "",
        _explain_check(report),
    ]
    if missing := report["missing"]:
        lines += ["", "Not installed:"]
        lines += [_explain(name, f"needs {what}", indent=16) for name, what in missing.items()]
    return lines


def _explain(term: str, words: str, *, indent: int = 9) -> str:
    return fill(
        words,
        WIDTH,
        initial_indent=term.ljust(indent),
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
    )


def _explain_cpp(report: Mapping[str, Any]) -> str:
    if "cpp" not in report["rungs"]:
        why = report["missing"].get("cpp")
        return "empty, since cpp was not measured" + (f": it needs {why}" if why else "")
    if report["ranks"] == 1:
        return "as many times as fast as C++ -O3 with the notes' two loops, all steps in one call"
    return "as many times as fast as C++ -O3 with the notes' two loops, a call each step"


def _explain_copy(parameters: Mapping[str, Any]) -> str:
    size = 2 * parameters["points"] ** 2 * np.dtype(parameters["dtype"]).itemsize
    where = "stay in a cache, so it is not memory's speed" if size <= CACHED else "are in memory"
    return (
        "share of the speed of copying such a field by numpy.copyto, which one sweep over memory "
        f"a step cannot pass; both arrays, {size / 2**20:.3g} MiB in all, {where}"
    )


def _explain_scaled(steps: int, rungs: Mapping[str, Any]) -> str:
    if any(row["scaled"] for row in rungs.values()):
        return f"; * fewer than the problem's {steps}: the speed is scaled"
    return ": all of the problem's"


def _explain_check(report: Mapping[str, Any]) -> str:
    checked = report["checked"]
    shares = {name: row["difference"] for name, row in report["rungs"].items()}
    differing = ", ".join(f"{name} {share:.1g}" for name, share in shares.items() if share)
    verdict = (
        f"the same but for rounding, as shares of the largest density: {differing}"
        if differing
        else "all fields are the same to the last bit"
    )
    return fill(
        f"Checked before against the kernel python, on {checked['points']} x {checked['points']} "
        f"points for {', '.join(map(str, checked['steps']))} steps: {verdict}.",
        WIDTH,
        break_on_hyphens=False,
    )
