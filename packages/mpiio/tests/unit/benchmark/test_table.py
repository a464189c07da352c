"""Text of 80 columns that says what is memory's speed and what a disk's."""

import pytest

from hpcpy_mpiio.benchmark.file_system import FileSystem
from hpcpy_mpiio.benchmark.layouts import make_layout
from hpcpy_mpiio.benchmark.measure import Method
from hpcpy_mpiio.benchmark.measurement import Measurement
from hpcpy_mpiio.benchmark.table import format_conditions, format_table
from hpcpy_mpiio.benchmark.transfer import Phases

LAYOUT = make_layout("contiguous", 1 << 20, 1, (2, 1), 2)


def measure(total=0.5, *, cached, hints=()):
    phases = Phases(
        open=total / 10, transfer=total, sync=0.0, close=1e-5, total=total, hints=dict(hints)
    )
    return Measurement(
        layout=LAYOUT,
        api="nonblocking",
        operation="write",
        transfer=1 << 20,
        repeats=(phases,) * 3,
        source="",
        cached=cached,
    )


@pytest.mark.parametrize("total", [1e-6, 3e-3, 0.5, 99.9])
def test_rows_fit_into_80_columns(total):
    lines = format_table([measure(total, cached=True), measure(total, cached=False)], {})
    assert max(map(len, lines.splitlines())) <= 80


def test_every_row_says_whose_speed_it_is():
    text = format_table([measure(cached=True), measure(cached=False)], {})
    rows = [line.split() for line in text.splitlines() if line.startswith("contiguous")]
    assert [row[-1] for row in rows] == ["cache", "disk"]
    assert rows[0][3:] == ["50.0", "500", "0.00", "0.01", "4.19", "0.00", "4.19", "cache"]


@pytest.mark.parametrize("cached", [True, False])
def test_only_the_words_that_occur_are_explained(cached):
    text = format_table([measure(cached=cached)], {})
    assert ("not of a disk" in text) == cached
    assert ("caches of their own" in text) == (not cached)


def test_hints_that_are_not_in_force_are_named():
    measured = measure(cached=True, hints={"cb_nodes": "1", "taken": "yes"})
    text = format_table([measured], {"cb_nodes": "2", "taken": "yes", "other": "x"})
    assert "hint cb_nodes=2: this MPI says 1" in text
    assert "hint other=x: this MPI tells nothing" in text
    assert "taken" not in text


@pytest.mark.parametrize(("kind", "warned"), [("nfs4", True), ("xfs", False)])
def test_conditions_name_the_file_system_and_warn(kind, warned):
    system = FileSystem(
        type=kind, source="server:/a", mount_point="/data", options=("rw",) + ("option=1",) * 20
    )
    method = Method(
        transfer=1 << 10,
        hints={},
        fsync=True,
        drop=True,
        verify=False,
        shift=0,
        in_memory=False,
        repeats=5,
    )
    text = format_conditions([LAYOUT], method, system, "refused: no locks", "MPI on 2 ranks")
    assert text.startswith("MPI on 2 ranks\n")
    joined = " ".join(text.split())
    assert f"file system {kind}: server:/a on /data" in joined
    assert "locking refused: no locks" in joined
    assert "1M a rank, 2M a file, in calls of 1K; 5 repeats" in joined
    assert ("warning: NFS" in joined) == warned
    assert max(map(len, text.splitlines())) <= 80 or " " not in max(text.split(), key=len)
