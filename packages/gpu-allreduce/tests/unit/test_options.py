import click
import pytest

from hpcpy_gpu_allreduce.options import ALGORITHM_NAMES, Counts, Sizes


def test_names_come_in_the_order_of_the_list():
    convert = ALGORITHM_NAMES.convert
    assert convert("ring, host", None, None) == ("host", "ring")
    assert convert("all", None, None)[:2] == ("host", "staged")
    with pytest.raises(click.BadParameter, match="unknown algorithm 'rings': did you mean ring"):
        convert("host,rings", None, None)


def test_sizes_go_in_steps_of_four_to_the_end():
    assert Sizes().convert("4:1K", None, None) == (4, 16, 64, 256, 1024)
    assert Sizes().convert("4:100", None, None) == (4, 16, 64, 100)
    assert Sizes().convert("1M", None, None) == (1 << 20,)
    with pytest.raises(click.BadParameter, match="falls: write the smaller size first"):
        Sizes().convert("1K:4", None, None)
    with pytest.raises(click.BadParameter, match="not a positive number"):
        Sizes().convert("0:4", None, None)


def test_counts_may_be_nothing():
    assert Counts().convert("0, 3,1K", None, None) == (0, 3, 1024)
    with pytest.raises(click.BadParameter):
        Counts().convert("3,-1", None, None)
