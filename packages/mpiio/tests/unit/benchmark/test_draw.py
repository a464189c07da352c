"""Pictures are drawn of any selection; how they look is for eyes."""

import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from hpcpy_core.errors import FileError
from hpcpy_mpiio.benchmark.draw import HATCH, draw_bench
from hpcpy_mpiio.benchmark.layouts import make_layout
from hpcpy_mpiio.benchmark.measurement import Measurement
from hpcpy_mpiio.benchmark.transfer import Phases


def measure(name, api, operation, *, cached):
    phases = Phases(open=0.1, transfer=1.0, sync=0.2, close=0.1, total=1.4, hints={})
    return Measurement(
        layout=make_layout(name, 1 << 20, 1, (2, 1), 2),
        api=api,
        operation=operation,
        transfer=1 << 20,
        repeats=(phases,) * 3,
        source="",
        cached=cached,
    )


MEASUREMENTS = [
    measure(name, api, operation, cached=operation == "write")
    for name in ("rows", "columns")
    for api in ("independent", "collective")
    for operation in ("write", "read")
]


@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml")])
def test_a_picture_is_written(tmp_path, name, start):
    draw_bench(tmp_path / name, MEASUREMENTS)
    assert (tmp_path / name).read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_bar_for_every_case_and_hatches_on_what_is_memory(tmp_path, monkeypatch):
    drawn = []
    real = Figure.savefig
    monkeypatch.setattr(
        Figure, "savefig", lambda self, *a, **k: (drawn.append(self), real(self, *a, **k))
    )
    draw_bench(tmp_path / "a.png", MEASUREMENTS)
    writes, reads = (
        [patch for patch in axes.patches if isinstance(patch, Rectangle)] for axes in drawn[0].axes
    )
    assert len(writes) == len(reads) == 4
    assert all(bar.get_hatch() == HATCH for bar in writes)
    assert not any(bar.get_hatch() for bar in reads)
    assert all(bar.get_height() == pytest.approx(2 * 1.048576 / 1.4) for bar in writes)


def test_a_folder_that_is_missing(tmp_path):
    with pytest.raises(FileError, match="cannot write"):
        draw_bench(tmp_path / "missing" / "a.png", MEASUREMENTS)
