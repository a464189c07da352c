import pytest

from hpcpy_core.timing import Timing
from hpcpy_gpu_allreduce.measurement import HEADER, Measurement


def make(**changes):
    given = {
        "algorithm": "recursive_doubling",
        "nbytes": 1 << 20,
        "ranks": 4,
        "timing": Timing(seconds=(1e-3, 2e-3, 4e-3)),
        "of_copy": 0.25,
    }
    return Measurement(**(given | changes))


def test_bandwidths_are_those_of_nccl_tests():
    measured = make()
    assert measured.algorithm_bandwidth == pytest.approx(2**20 / 2e-3)
    assert measured.bus_bandwidth == pytest.approx(2**20 / 2e-3 * 1.5)
    assert make(ranks=1).bus_bandwidth == 0


def test_lines_fit_into_80_columns():
    for line in (HEADER, str(make()), str(make(algorithm="copy", is_ceiling=True))):
        assert len(line) == len(HEADER) <= 80


def test_a_ceiling_has_no_bus():
    figures = make(is_ceiling=True).as_dict()
    assert figures["bus_bandwidth"] is None
    assert figures["seconds"]["median"] == 2e-3
