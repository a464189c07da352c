import pytest

from hpcpy_doctor.probing.speeds import Speeds, read_speeds


@pytest.mark.parametrize(
    ("latency", "loopback", "slow"),
    [
        (1.5e-6, 0.0, False),  # shared memory, as seen
        (4.7e-6, 0.1, False),  # the same on a busy machine
        (1.5e-6, 2.0, False),  # while others use the interface
        (6.2e-6, 1.0, True),  # TCP
    ],
)
def test_what_is_late_and_went_through_the_interface_is_slow(latency, loopback, slow):
    speeds = Speeds(latency=latency, messages=5e9, copy=48e9, loopback=loopback)
    assert speeds.slow is slow


def test_speeds_are_those_of_the_rank_that_measured(make_outcome):
    speeds = read_speeds(make_outcome())
    assert str(speeds) == "1.0 us, 8.0 GB/s (a copy: 40 GB/s)"
    assert read_speeds(make_outcome("bandwidth")) is None
