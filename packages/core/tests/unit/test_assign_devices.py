import pytest

from hpcpy_core.assign_devices import assign_devices

FOUR = ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("visible", "ordinals"),
    [
        ([], []),
        ([FOUR], [0]),
        ([FOUR] * 4, [0, 1, 2, 3]),
        ([FOUR] * 6, [0, 1, 2, 3, 0, 1]),
        ([["a"]] * 3, [0, 0, 0]),
        ([["a"], ["b"], ["c"]], [0, 0, 0]),  # bound by the launcher: each sees its own
        ([["a", "b"], ["b", "a"]], [0, 0]),  # in another order
        ([["b"], ["a", "b"], ["a", "b"]], [0, 0, 0]),
        ([["a"], ["a"], ["a", "b"]], [0, 0, 1]),
        ([["a", "b"], [], ["a", "b"]], [0, None, 1]),
        ([[], []], [None, None]),
    ],
)
def test_the_least_taken_comes_first(visible, ordinals):
    assert assign_devices(visible) == ordinals


@pytest.mark.parametrize("ranks", range(1, 20))
@pytest.mark.parametrize("devices", range(1, 9))
def test_identical_lists_are_shared_evenly(ranks, devices):
    uuids = [str(i) for i in range(devices)]
    assert assign_devices([uuids] * ranks) == [rank % devices for rank in range(ranks)]
