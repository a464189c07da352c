"""The tables of a scaling run, in lines of at most 80 columns. No MPI."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from hpcpy_diffusion.scaling.plan import count_ranks

__all__ = ["format_scaling"]

COLUMNS = 80
HEAD = (
    f"{'ranks':>5s}{'dims':>8s}{'side':>8s}{'cells/rank':>11s}{'Gcell/s':>9s}"
    f"{'quartiles':>19s}{'speed-up':>9s}{'eff.':>6s}{'halo':>5s}"
)


def format_scaling(report: Mapping[str, Any]) -> str:
    """Return a table for each mode, and what should be known of the figures. Local.

    Parameters
    ----------
    report
        As `hpcpy_diffusion.scaling_command` writes it with ``--json``.
    """
    parameters = report["parameters"]
    lines = []
    for mode, found in report["scaling"].items():
        rows, failed = found["rows"], found["failed"]
        kernel = f", kernel {report['kernel']}" if report["kernel"] else ""
        lines.append(
            f"{mode} scaling: {parameters['steps']} steps, {parameters['dtype']}{kernel}, "
            f"medians of {report['repeats']}"
        )
        if rows:
            lines += [HEAD, *map(_line, rows)]
        lines += [f"{ranks:>5s}  failed" for ranks in failed]
        if rows:
            base = count_ranks(found["base_ranks"])
            lines += textwrap.wrap(f"exchange, depth of the halo: {_list_halos(rows)}", COLUMNS)
            lines.append(f"speed-up is over {base}; efficiency is speed-up over the ideal one")
        lines.append("")
    for warning in report["warnings"]:
        lines += textwrap.wrap(f"warning: {warning}", COLUMNS)
    return "\n".join(lines).rstrip()


def _line(row: Mapping[str, Any]) -> str:
    speed = row["gcells_per_second"]
    quartiles = f"{speed['lower_quartile']:.3g} to {speed['upper_quartile']:.3g}"
    return (
        f"{row['ranks']:5d}{'x'.join(map(str, row['dims'])):>8s}{row['points']:8d}"
        f"{row['cells_per_rank']:11.0f}{speed['median']:9.3g}{quartiles:>19s}"
        f"{row['speedup']:9.2f}{row['efficiency']:6.0%}{row['halo_share']:5.0%}"
    )


def _list_halos(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return how the ranks of each row got each other's news; one rank has no need to."""
    halos = [f"{row['exchange']} {row['halo_depth'] or ''}".strip() for row in rows]
    return halos[0] if len(set(halos)) == 1 else ", ".join(halos)
