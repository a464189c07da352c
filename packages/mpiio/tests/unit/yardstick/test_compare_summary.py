import pytest

from hpcpy_mpiio.yardstick.compare_summary import format_summary, summarise

SECONDS = {
    "plain-write": [2.0, 1.0, 3.0],
    "mpi-write": [1.25, 9.0, 9.0],
    "save-rows": [1.0, 2.0, 2.0],
    "save-columns": [4.0, 4.0, 5.0],
    "numpy-save-small": [0.001] * 3,
    "save-small": [0.004] * 3,
    "numpy-fromfile": [0.3] * 3,
    "load-rows": [0.2] * 3,
}
MEMORY = {
    "save-columns": {"block": 100 << 20, "grown": 5 << 20},
    "load-rows": {"block": 100 << 20, "grown": 101 << 20},
}


def test_ratios_are_of_minima():
    speeds = summarise(SECONDS, MEMORY)["relative_speed"]
    assert [figure["ratio"] for figure in speeds.values()] == pytest.approx(
        [0.8, 1.0, 0.25, 1.5, 0.25]
    )
    assert [figure["at_least"] for figure in speeds.values()] == [None, 0.9, 0.5, 0.9, 1 / 3]


def test_a_loaded_block_is_no_addition():
    memory = summarise(SECONDS, MEMORY)["memory_bytes"]
    assert memory["save-columns"]["added"] == 5 << 20
    assert memory["load-rows"]["added"] == 1 << 20


def test_the_table_fits_and_holds_every_figure():
    text = format_summary(summarise(SECONDS, MEMORY), 10**9)
    assert max(map(len, text.splitlines())) <= 80
    for words in (
        "save, two plain writers 1.00 0.90",
        "save of columns, save of rows 0.25 0.50",
        "plain-write 1000.00 2000.00 1000",
        "save-small 4.00 4.00",
        "load-rows 1.0 16.0 100.0",
    ):
        assert words in " ".join(text.split())
