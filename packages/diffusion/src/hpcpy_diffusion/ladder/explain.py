"""The caption of the ladder's table: what each column means, what was scaled, what was checked."""

from collections.abc import Mapping
from textwrap import fill
from typing import Any

import numpy as np

__all__ = ["explain_check", "explain_ladder", "explain_scaled", "explain_term", "list_reasons"]

WIDTH = 80

CACHED = 32 << 20
"""Bytes that the caches of today's processors hold."""


def explain_ladder(report: Mapping[str, Any]) -> list[str]:
    """Return the lines. Local; the report is that of `hpcpy_diffusion.ladder.run`."""
    parameters, rungs = report["parameters"], report["rungs"]
    lines = [
        explain_term(
            "Gcell/s",
            f"10^9 cell updates a second: median of {report['repeats']} repeats in turn, by runs "
            "of the solver, halo exchange and changes of layout included; IQR: the quartiles' "
            "distance",
        ),
        explain_term("x cpp", _explain_cpp(report)),
        explain_term("of copy", _explain_copy(parameters)),
        explain_term("steps", "of one repeat" + explain_scaled(parameters["steps"], rungs)),
        explain_term(
            "warm-up",
            "what the first calls took longer than the next ones, which is not in Gcell/s: "
            "import, compilation or what an earlier one left in a cache",
        ),
        "",
        explain_check(report),
    ]
    missing = {name: f"needs {what}" for name, what in report["missing"].items()}
    return lines + list_reasons("Not installed", missing)


def list_reasons(heading: str, reasons: Mapping[str, str]) -> list[str]:
    """Return lines about rungs that are not in the table; none if all are. Local."""
    lines = [explain_term(name, words, indent=16) for name, words in reasons.items()]
    return ["", f"{heading}:", *lines] if lines else []


def explain_term(term: str, words: str, *, indent: int = 9) -> str:
    """Return a term, and beside it what it means. Local."""
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


def explain_scaled(steps: int, rungs: Mapping[str, Any]) -> str:
    """Return whether all of the problem's steps were taken. Local."""
    if any(row["scaled"] for row in rungs.values()):
        return f"; * fewer than the problem's {steps}: the speed is scaled"
    return ": all of the problem's"


def explain_check(report: Mapping[str, Any]) -> str:
    """Return what the check before found. Local."""
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
