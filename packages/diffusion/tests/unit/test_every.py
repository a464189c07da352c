import pytest
from click.exceptions import BadParameter

from hpcpy_diffusion.every import Every, EveryType


@pytest.mark.parametrize(
    ("value", "every"),
    [
        ("1000", Every(steps=1000)),
        ("1", Every(steps=1)),
        ("600s", Every(seconds=600)),
        ("10m", Every(seconds=600)),
        ("2h", Every(seconds=7200)),
    ],
)
def test_steps_or_wall_time(value, every):
    assert EveryType().convert(value, None, None) == every


@pytest.mark.parametrize("value", ["0", "0s", "-5", "1.5", "s", "10 m", "1d", "", "1e3", "٣"])
def test_anything_else_is_refused(value):
    with pytest.raises(BadParameter, match="is neither steps like 1000 nor a time like 600s"):
        EveryType().convert(value, None, None)
