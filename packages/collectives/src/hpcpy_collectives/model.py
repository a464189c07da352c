"""``model``: from a benchmark of two ranks to collectives on 100 000. No MPI.

What the fit leaves out, and in which direction that errs:

- contention: messages of different pairs share links and the memory of a node, so
  real collectives of large messages are slower;
- topology: one alpha and one beta for all pairs, though ranks of one node are nearer
  than ranks of two; a fit from one node knows nothing of the network at all;
- switches of protocol: eager up to some kilobytes, rendezvous above; the residuals
  show where, and no single line goes through both;
- caches: the benchmark uses the same buffers again and again;
- shared memory: on one node MPI libraries use algorithms that these formulas do not
  describe, and a node's own network interface may add for them;
- imbalance and noise of the operating system, which grow with the number of ranks.

So it ranks algorithms, and shows how they scale; it does not promise a time.
"""

import json
from pathlib import Path
from typing import Any

import click

from hpcpy_collectives.algorithms import ALGORITHMS, Machine
from hpcpy_collectives.fit import Fit, fit_hockney
from hpcpy_collectives.options import Ranks
from hpcpy_collectives.predict import SIZES, Prediction, predict
from hpcpy_collectives.read_report import read_measurements, read_report
from hpcpy_collectives.serial import run_serially
from hpcpy_core.errors import InputError
from hpcpy_core.options import Picture
from hpcpy_core.output_files import check_plot
from hpcpy_core.sizes import format_size

__all__ = ["fit_report", "model"]


def fit_report(path: Path) -> tuple[Machine, dict[str, Fit]]:
    """Return the model's constants from a report of bench, and the fits behind them. Local.

    Alpha and beta are fitted to the latencies of the upper-case calls. Where the
    report has the bandwidth too, its fit is returned beside: its alpha is the gap
    between messages in a window, which overlap, and so is below that of one message.

    Raises
    ------
    InputError
        If the report has no latencies of two sizes, or does not know gamma.
    """
    measurements = read_measurements(path)
    gamma = read_report(path).get("reduction_seconds_per_byte")
    if not isinstance(gamma, float) or gamma <= 0:
        raise InputError(f"{path} lacks reduction_seconds_per_byte: measure again")
    times: dict[str, dict[int, float]] = {"latency": {}, "bw": {}}
    for (op, api, size), row in measurements.items():
        if api == "buffer" and op in times:
            times[op][size] = size / row["median"] if op == "bw" else row["median"]
    if not times["latency"]:
        raise InputError(
            f"{path} holds no latency of --api buffer: measure with --ops latency,bw --api buffer"
        )
    fits = {op: fit_hockney(seconds) for op, seconds in times.items() if seconds}
    latency = fits["latency"]
    return Machine(alpha=latency.alpha, beta=latency.beta, gamma=gamma), fits


@click.command("model", short_help="Predict collectives for many ranks.")
@click.argument("report", metavar="BENCH.json", type=click.Path(path_type=Path))
@click.option(
    "--ranks", type=Ranks(), default="2:100000", show_default=True, help="Powers of two, and B."
)
@click.option("--plot", type=Picture(), help="Draw time against ranks here.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def model(report: Path, ranks: tuple[int, ...], plot: Path | None, as_json: bool) -> None:
    """Fit alpha and beta to a report of bench, and predict allreduce, bcast and alltoall.

    Costs are those of Thakur, Rabenseifner and Gropp (2005). The fit knows nothing of
    contention, topology, protocol switches, caches, shared memory and noise: it ranks
    algorithms, it does not promise a time. It needs no MPI.
    """

    def work() -> int:
        check_plot(plot)
        machine, fits = fit_report(report)
        predictions = predict(machine, ranks)
        if as_json:
            click.echo(json.dumps(_as_dict(machine, fits, predictions), indent=2))
        else:
            click.echo(_describe(machine, fits))
            for collective in ALGORITHMS:
                click.echo(_tabulate(collective, predictions))
        if plot is not None:
            from hpcpy_collectives.draw import draw_predictions

            draw_predictions(plot, predictions)
        return 0

    run_serially(work)


def _as_dict(
    machine: Machine, fits: dict[str, Fit], predictions: list[Prediction]
) -> dict[str, Any]:
    return {
        "alpha_seconds": machine.alpha,
        "beta_seconds_per_byte": machine.beta,
        "gamma_seconds_per_byte": machine.gamma,
        "fits": {
            op: {
                "alpha_seconds": fit.alpha,
                "beta_seconds_per_byte": fit.beta,
                "rms_relative_residual": fit.rms,
                "relative_residuals": {str(size): r for size, r in fit.residuals.items()},
            }
            for op, fit in fits.items()
        },
        "predictions": [prediction.as_dict() for prediction in predictions],
    }


def _describe(machine: Machine, fits: dict[str, Fit]) -> str:
    lines = []
    for op, fit in fits.items():
        worst = fit.residuals[fit.worst]
        lines.append(
            f"{op:8s} alpha {1e6 * fit.alpha:.3f} us · beta {1e9 * fit.beta:.4f} ns/B "
            f"({1e-9 / fit.beta:.1f} GB/s)\n         residuals {fit.rms:.0%} rms, "
            f"worst {worst:+.0%} at {format_size(fit.worst)} B"
        )
    return "\n".join([*lines, f"MPI_SUM  gamma {1e9 * machine.gamma:.4f} ns/B"])


def _tabulate(collective: str, predictions: list[Prediction]) -> str:
    """Return the cheapest algorithm's time for every number of ranks and size."""
    marks = dict(zip(ALGORITHMS[collective], "abc", strict=False))
    names = ", ".join(f"{mark} {name}" for name, mark in marks.items())
    lines = ["", f"{collective} / us, the cheapest of", names]
    lines.append(f"{'ranks':>8s}" + "".join(f"{format_size(size) + ' B':>16s}" for size in SIZES))
    by_ranks: dict[int, list[Prediction]] = {}
    for prediction in predictions:
        if prediction.collective == collective:
            by_ranks.setdefault(prediction.ranks, []).append(prediction)
    for ranks, row in by_ranks.items():
        cells = (f"{1e6 * p.seconds[p.cheapest]:14.1f} {marks[p.cheapest]}" for p in row)
        lines.append(f"{ranks:8d}" + "".join(cells))
    return "\n".join(lines)
