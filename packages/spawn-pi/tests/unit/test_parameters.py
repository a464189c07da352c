import math

import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_spawn_pi.parameters import MODES, Parameters


def test_what_was_chosen_is_kept():
    parameters = Parameters(workers=3, intervals=10, mode="spawn", timeout=0.5, worker="json.tool")
    assert (parameters.workers, parameters.intervals, parameters.mode) == (3, 10, "spawn")
    assert (parameters.timeout, parameters.worker) == (0.5, "json.tool")
    assert [Parameters(mode=mode).mode for mode in MODES] == list(MODES)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"workers": 0}, r"0 workers: choose 1 or more \(--workers\)"),
        ({"intervals": 0}, r"0 intervals: choose 1 or more \(--intervals\)"),
        ({"workers": -(10**5000)}, "far too many workers"),
        ({"workers": 2**31}, "2147483648 workers: choose from 1 to 2147483647"),
        ({"workers": 10**5000}, "far too many workers: choose from 1 to 2147483647"),
        ({"intervals": 10**30}, "1000000000000000000000000000000 intervals: choose from 1 to 45"),
        ({"intervals": 10**5000}, "far too many intervals: choose from 1 to 4503599627370496"),
        ({"workers": 2.0}, "workers = 2.0: must be a whole number"),
        ({"workers": True}, "workers = True: must be a whole number"),
        ({"timeout": "30"}, "timeout = '30': must be a number"),
        ({"timeout": 0.0}, r"a timeout of 0 s: choose more than 0, .* \(--timeout\)"),
        ({"timeout": math.nan}, "a timeout of nan s"),
        ({"timeout": math.inf}, "a timeout of inf s: .* at most 86400"),
        ({"mode": "fork"}, "unknown mode 'fork': choose one of auto, spawn, split, futures"),
        ({"worker": "no_such_module"}, "there is no module no_such_module, .* --worker"),
        ({"worker": "no_such_package.worker"}, "there is no module no_such_package.worker"),
        ({"worker": "math.worker"}, "there is no module math.worker"),
        ({"worker": ""}, "there is no module"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_work_is_refused(chosen, words):
    with pytest.raises(InputError, match=words):
        Parameters(**chosen)


def test_scalars_of_numpy_are_taken_for_pythons():
    chosen = Parameters(workers=np.int64(3), intervals=np.array(10), timeout=np.float32(0.5))
    assert chosen == Parameters(workers=3, intervals=10, timeout=0.5)
    kinds = [type(value) for value in (chosen.workers, chosen.intervals, chosen.timeout)]
    assert kinds == [int, int, float]
