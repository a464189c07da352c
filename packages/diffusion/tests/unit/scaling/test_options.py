import pytest
from click.exceptions import BadParameter

from hpcpy_diffusion.scaling.options import Modes, powers_of_two


def test_modes_come_in_one_order():
    assert Modes().convert("weak,strong", None, None) == ("strong", "weak")
    assert Modes().convert("weak", None, None) == ("weak",)
    with pytest.raises(BadParameter, match="unknown mode 'soft': choose from strong, weak"):
        Modes().convert("strong,soft", None, None)


def test_ranks_by_default_fit_the_cores():
    assert [powers_of_two(cores) for cores in (1, 2, 3, 4, 15)] == [
        *("1", "1,2", "1,2", "1,2,4", "1,2,4,8")
    ]
