import inspect

import pytest

from hpcpy_core.errors import InputError
from hpcpy_gpu_allreduce.algorithm import Algorithm
from hpcpy_gpu_allreduce.registry import ALGORITHMS, check_name
from hpcpy_gpu_allreduce.thresholds import DEFAULTS, FALLBACKS


@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize("kind", ["cpu", "gpu"])
def test_each_is_a_class_in_the_module_of_its_name(name, kind):
    loaded = ALGORITHMS[name].load(kind)
    assert issubclass(loaded, Algorithm)
    assert not inspect.isabstract(loaded)
    assert inspect.getmodule(loaded).__doc__.startswith(f"``{name}``")


def test_what_auto_may_take_is_there():
    for kind, names in FALLBACKS.items():
        assert set(names) <= set(ALGORITHMS)
        assert {row.algorithm for row in DEFAULTS[kind].rows} <= set(ALGORITHMS)


def test_unknown_names_are_refused_with_a_guess():
    check_name("auto")
    check_name("ring")
    with pytest.raises(InputError, match="no algorithm 'rign': did you mean 'ring'"):
        check_name("rign")
    with pytest.raises(InputError, match="no algorithm 'x': Choose from auto, host"):
        check_name("x")
