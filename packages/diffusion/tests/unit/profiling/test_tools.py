"""What each profiler says of a known number of steps on a known grid."""

from importlib.util import find_spec

import pytest

from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.profiling import TOOLS, find_tool
from hpcpy_diffusion.profiling.task import prepare_task

POINTS, STEPS = 12, 3


@pytest.fixture
def profile():
    """Return a function that profiles a kernel, if the tool is here."""

    def run(tool, kernel, points=POINTS):
        needs = TOOLS[tool].needs
        if needs is not None and find_spec(needs) is None:
            pytest.skip(f"{needs} is not installed: it comes with the extra `profile`")
        return find_tool(tool).load()(prepare_task(kernel, Parameters(dx=20 / points), STEPS))

    return run


def test_cprofile_counts_the_calls(profile):
    found = profile("cprofile", "python")
    functions = {each["function"]: each for each in found.figures["functions"]}
    step = functions["step"]
    assert step["calls"] == STEPS
    assert functions["<built-in method numpy.asarray>"]["calls"] == STEPS * POINTS
    assert 0 < step["own_seconds"] < step["cumulative_seconds"] < 60
    assert "Ordered by: cumulative time" in found.text
    assert "python_lists.py" in found.text


def test_line_profiler_counts_the_lines(profile):
    found = profile("line", "python")
    hits = [line["hits"] for line in found.figures["lines"]]
    assert max(hits) == STEPS * POINTS * (POINTS + 1)  # the head of the inner loop
    assert hits.count(STEPS * POINTS * POINTS) == 2
    assert all(line["seconds"] >= 0 for line in found.figures["lines"])
    assert "for j in range(1, len(here) - 1):" in found.text


def test_memory_profiler_follows_the_lines_and_the_peak_is_known(profile):
    found = profile("memory", "python")
    assert max(line["hits"] for line in found.figures["lines"]) == STEPS * POINTS * (POINTS + 1)
    assert "rows = u.tolist()" in found.text
    assert found.figures["fields"] == 2 * 8 * (POINTS + 2) ** 2


def test_numpy_holds_three_arrays_at_the_peak(profile):
    """Two sums of two neighbours and the product, or the total; each is of the inner points."""
    points = 400
    found = profile("memory", "numpy", points)
    assert found.figures["peak"] == pytest.approx(3 * 8 * points**2, abs=200_000)
    assert f"{found.figures['peak'] / 2**20:8.2f} MiB" in found.text
