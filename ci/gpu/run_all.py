"""Run all steps within a time, note every outcome, and tell on one page."""

import json
import sys
import tarfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from describe_gpu import describe_gpu
from list_steps import Places, list_steps
from page import write_page
from step import Outcome, run_step

__all__ = ["run_all"]

PRINTED = ("awareness", "copies")
"""The steps whose output is a part of the record."""


def run_all(
    bundle: Path,
    work: Path,
    results: Path,
    environ: Mapping[str, str],
    *,
    rehearsed: bool,
    seconds: float,
) -> int:
    """Run every step, whatever comes of the others; return 0 if all that could run passed. Local.

    Parameters
    ----------
    bundle
        Where tests and programs are; only read.
    work
        For logs and files of one step for another.
    results
        What stays: ``gpu.json`` (``rehearsal.json`` if `rehearsed`), a JSON file for each
        benchmark, ``verdict.txt``, ``logs.tar.gz``.
    environ
        Of every step.
    rehearsed
        Whether this is without a GPU: then nothing is measured.
    seconds
        For all steps together; what does not fit is left out, and told.
    """
    start = time.monotonic()
    sys.path.insert(0, str(work / "site"))
    from hpcpy_core.report import describe_run

    if rehearsed:
        from hpcpy_testing.emulated_driver import driver_environment

        environ = {**environ, **driver_environment(environ)}
    places = Places(bundle=bundle, results=results, logs=work / "logs", work=work)
    places.logs.mkdir()
    gpu = describe_gpu()
    outcomes: list[Outcome] = []
    for step in list_steps(places, rehearsed=rehearsed):
        left = seconds - (time.monotonic() - start)
        outcomes.append(run_step(step, places.logs, environ, left))
        print(f"{outcomes[-1].state:10} {step.name}", file=sys.stderr, flush=True)
        record = {
            **describe_run("ci/gpu.sh"),
            "rehearsal": rehearsed,
            "gpu": gpu,
            **read_outputs(places.work, outcomes),
            "steps": [asdict(outcome) for outcome in outcomes],
        }
        name = "rehearsal.json" if rehearsed else "gpu.json"
        write(results / name, f"{json.dumps(record, indent=2, ensure_ascii=False)}\n")
    page = write_page(record, results, time.monotonic() - start)
    write(results / "verdict.txt", page)
    with tarfile.open(results / "logs.tar.gz", "w:gz") as archive:
        archive.add(places.logs, arcname="logs")
    print(page, end="", flush=True)
    return 1 if any(outcome.state in ("failed", "left out") for outcome in outcomes) else 0


def read_outputs(work: Path, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return what the steps printed that passed and print a part of the record."""
    done = {outcome.name for outcome in outcomes if outcome.state == "passed"}
    paths = {name: work / f"{name}.json" for name in PRINTED}
    return {name: json.loads(path.read_text()) for name, path in paths.items() if name in done}


def write(path: Path, text: str) -> None:
    """Write a file as a whole."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
