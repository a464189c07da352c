import pytest

from hpcpy_mpiio.benchmark.layouts import make_layout
from hpcpy_mpiio.benchmark.measurement import Measurement
from hpcpy_mpiio.benchmark.transfer import Phases


@pytest.fixture
def measured():
    repeats = [
        Phases(open=0.1, transfer=total - 0.4, sync=0.2, close=0.1, total=total, hints={"k": "v"})
        for total in (4.0, 1.0, 2.0)
    ]
    return Measurement(
        layout=make_layout("columns", 800, 1, (2, 1), 2),
        api="nonblocking",
        operation="read",
        transfer=400,
        repeats=tuple(repeats),
        source="disk: 0% was in a node's memory",
        cached=False,
    )


def test_bandwidth_is_the_files_bytes_by_the_total_time(measured):
    assert measured.as_dict()["bytes_per_second"] == {
        "median": 800.0,
        "lower_quartile": pytest.approx(1600 / 3),
        "upper_quartile": pytest.approx(1600 / 1.5),
        "best": 1600.0,
    }


def test_every_phase_is_reported(measured):
    seconds = measured.as_dict()["seconds"]
    assert set(seconds) == {"open", "transfer", "sync", "close", "total"}
    assert seconds["transfer"]["minimum"] == pytest.approx(0.6)
    assert seconds["total"]["repeats"] == 3


def test_the_case_is_told_in_full(measured):
    told = measured.as_dict()
    assert told["call"] == "Iread_at_all"
    assert (told["bytes"], told["transfer_bytes"], told["run_bytes"]) == (1600, 400, 80)
    assert (told["shape"], told["block_shape"]) == ([10, 20], [10, 10])
    assert told["hints"] == {"k": "v"}
    assert told["source"].startswith("disk")
