"""The verdict on one page of 80 columns."""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tell_ladders import tell_ladders

__all__ = ["write_page"]

WIDTH = 80
TOLD = ("failed", "left out", "impossible")
SHOWN = (8, 8192, 1048576, 67108864)
"""Sizes of messages on the page, in bytes; the files have more."""


def write_page(record: Mapping[str, Any], results: Path, seconds: float) -> str:
    """Return the page. Local.

    Parameters
    ----------
    record
        As in gpu.json.
    results
        The folder with the reports of the benchmarks.
    seconds
        That all took.
    """
    lines = [*tell_machine(record), "", *tell_steps(record["steps"]), ""]
    lines += tell_awareness(record.get("awareness"))
    if not record["rehearsal"]:
        lines += ["", *tell_copies(record.get("copies")), *tell_benches(results)]
        lines += ["", *tell_ladders(results)]
    states = [step["state"] for step in record["steps"]]
    passed, could = states.count("passed"), len(states) - states.count("impossible")
    verdict = "all that could run passed" if passed == could else "NOT all passed"
    lines += ["", f"{verdict}: {passed} of {could} steps in {seconds:.0f} s; {results}"]
    return "".join(f"{line}\n" for line in lines)


def tell_machine(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield what all this was done on."""
    gpu, versions = record["gpu"], record["gpu"]["versions"]
    names = [f"{one['name']}, driver {one['driver_version']}" for one in gpu["gpus"]]
    where = "an emulated driver, no GPU" if record["rehearsal"] else "; ".join(names)
    what = "rehearsed" if record["rehearsal"] else "tested"
    yield shorten(f"hpcpy {what} on {where or 'a GPU'}")
    python = record["versions"]["python"]
    packages = [f"{name} {version}" for name, version in versions.items()]
    text = ", ".join([record["date"], gpu["glibc"], f"Python {python}", *packages])
    yield from textwrap.wrap(text, WIDTH, break_on_hyphens=False)


def tell_steps(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for what passed, and one for each step that did not."""
    passed = [f"{step['name']} {step['seconds']:.0f} s" for step in steps if was(step, "passed")]
    text = f"passed: {', '.join(passed) or 'nothing'}"
    yield from textwrap.wrap(text, WIDTH, break_on_hyphens=False)
    for state in TOLD:
        for said in dict.fromkeys(step["said"] for step in steps if was(step, state)):
            same = [step["name"] for step in steps if was(step, state) and step["said"] == said]
            text = f"{state}: {', '.join(same)}"
            yield from textwrap.wrap(text, WIDTH, break_on_hyphens=False)
            yield shorten(f"    {said}")


def tell_awareness(awareness: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield which operations take device memory."""
    if awareness is None:
        yield "whether this MPI takes device memory was not found out"
        return
    operations = awareness["operations"]
    proven = [name for name, found in operations.items() if found["proven"]]
    text = f"{awareness['library']} takes device memory in: {', '.join(proven) or 'nothing'}"
    yield from textwrap.wrap(text, WIDTH, break_on_hyphens=False)
    for name, found in operations.items():
        if not found["proven"]:
            yield shorten(f"    not in {name}: {found['reason']}")


def tell_copies(copies: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield the bandwidth of the largest copies."""
    for kind, seconds in (copies or {"seconds": {}})["seconds"].items():
        nbytes = max(seconds, key=int)
        rate = int(nbytes) / seconds[nbytes] / 1e9
        yield f"copy {kind}: {rate:.1f} GB/s ({int(nbytes) >> 20} MiB, each byte counted once)"


def tell_benches(results: Path) -> Iterator[str]:
    """Yield a table: the median time of each operation, by way and by size."""
    head = "".join(f"{f'{size} B':>14}" for size in SHOWN)
    rows = []
    for path in sorted(results.glob("bench-*.json")):
        measured: dict[str, dict[int, float]] = {}
        for one in json.loads(path.read_text())["measurements"]:
            measured.setdefault(one["op"], {})[one["size"]] = one["median"]
        for operation, seconds in measured.items():
            figures = "".join(
                f"{f'{1e6 * seconds[size]:.1f} us' if size in seconds else '-':>14}"
                for size in SHOWN
            )
            _, way, ranks = path.stem.split("-")
            rows.append(f"{operation[:9]:9} {way:6} {ranks:>2}{figures}")
    if rows:
        yield f"{'median':9} {'way':6} n{'':1}{head}"
        yield from rows


def was(step: Mapping[str, Any], state: str) -> bool:
    """Tell if this came of a step."""
    return bool(step["state"] == state)


def shorten(line: str) -> str:
    """Cut a line to the width of the page."""
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 3]}..."
