import json

import pytest

from hpcpy_core.timing import Timing
from hpcpy_diffusion.ladder.describe import Sizes, describe_copy, describe_speed
from hpcpy_diffusion.ladder.measure import Measured


def test_ratios_are_those_of_speeds_whatever_the_steps(report):
    rungs = report["rungs"]
    speed = rungs["numba"]["speed"]
    assert speed["times_cpp"] == pytest.approx(5.0)
    assert speed["of_copy"] == pytest.approx(0.5)
    assert speed["gcells_per_second"] == pytest.approx(299**2 * 13410 / 0.02 * 1e-9)
    assert speed["lower_quartile"] == pytest.approx(299**2 * 13410 / 0.022 * 1e-9)
    assert rungs["python"]["speed"]["times_cpp"] == pytest.approx(2 / 50 / (13410 / 0.1))
    assert report["copy"]["speed"]["of_copy"] == 1.0
    assert "times_cpp" not in report["copy"]["speed"]


def test_what_was_scaled_is_marked(report):
    assert {name: row["scaled"] for name, row in report["rungs"].items()} == {
        "python": True,
        "cpp": False,
        "numba": False,
    }
    assert report["rungs"]["cpp"]["yardstick"]


def test_it_is_json(report):
    assert json.loads(json.dumps(report)) == report


def test_without_cpp_there_is_no_ratio_to_it():
    measured = {"copy": Measured(steps=1, timing=Timing(seconds=(1.0,)), warm_up=0.0)}
    sizes = Sizes(cells=1, copied=1, dtype="float32", most=1)
    assert "times_cpp" not in describe_copy(measured, sizes)["speed"]
    with pytest.raises(KeyError):
        describe_speed("copy", measured, cells=1, against={"times_cpp": "cpp"})


def test_a_copy_of_another_size_is_compared_by_its_items(gpu_report):
    """It copies 2^25 items of 8 bytes in a millisecond, which is 537 GB/s, read and written."""
    copy, raw = gpu_report["copy"], gpu_report["rungs"]["cupy-raw"]["speed"]
    assert copy["nbytes"] == 2 * 2**25 * 8
    assert copy["speed"]["gcells_per_second"] == pytest.approx(2**25 / 1e-3 * 1e-9)
    assert copy["speed"]["of_copy"] == 1.0
    assert raw["of_copy"] == pytest.approx(299**2 * 13410 / 0.02 / (2**25 / 1e-3))
    assert raw["times_cpu"] == pytest.approx(20.0)
    devices = [row["device"] for row in gpu_report["rungs"].values()]
    assert devices == ["gpu", "gpu", "gpu", "cpu"]
