import numpy as np

from hpcpy_diffusion.benchmark.libraries import LIBRARIES, Library
from hpcpy_diffusion.kernels import KERNELS
from hpcpy_diffusion.ladder.start_field import start_field
from hpcpy_diffusion.parameters import Parameters


def test_those_that_are_installed_solve_the_same_problem_each_time():
    parameters = Parameters(dx=20 / 23, fourier=0.2)
    u = start_field(parameters)
    out, step = u.copy(), KERNELS["numpy"].load()
    for _ in range(9):
        step(u, out, parameters.fourier)
        u, out = out, u
    for library in (each for each in LIBRARIES if each.installed):
        timed = library.prepare(parameters)
        for _ in range(2):
            np.testing.assert_allclose(timed.whole(9), u, rtol=0, atol=1e-14)
        assert timed(9) > 0
        assert library.version[0].isdecimal()


def test_what_is_not_installed_is_known():
    assert not Library(name="no-such", module="in_it", needs="no_such_package").installed
