import pytest
from click.exceptions import BadParameter

from hpcpy_diffusion.options import DepthType, Dims, Numbers


def test_dims_are_two_numbers():
    assert Dims().convert("2x3", None, None) == (2, 3)
    assert Dims().convert("1X4", None, None) == (1, 4)


@pytest.mark.parametrize("value", ["4", "2x", "x2", "2x2x1", "0x4", "-1x2", "axb", "2.0x2"])
def test_anything_else_is_refused(value):
    with pytest.raises(BadParameter, match="is not two positive numbers like 2x3"):
        Dims().convert(value, None, None)


def test_a_depth_is_auto_or_a_number():
    assert DepthType().convert("auto", None, None) == "auto"
    assert DepthType().convert("16", None, None) == 16


@pytest.mark.parametrize("value", ["0", "-1", "deep", "1.5", "", "²", "1" * 10])
def test_any_other_depth_is_refused(value):
    with pytest.raises(BadParameter, match="is neither auto nor a number from 1"):
        DepthType().convert(value, None, None)


def test_numbers_are_sorted_and_each_is_there_once():
    assert Numbers().convert("4, 1,2,1", None, None) == (1, 2, 4)


@pytest.mark.parametrize("value", ["", "0", "1,", "1,x", "-1", "1.5", "²", "1" * 10])
def test_other_numbers_are_refused(value):
    with pytest.raises(BadParameter, match="is not a list of numbers from 1 like 1,2,4"):
        Numbers().convert(value, None, None)
