import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.profiling.task import prepare_task


@pytest.mark.parametrize("kernel", ["python", "numpy"])
def test_the_steps_damp_the_mode_as_they_should(kernel):
    parameters = Parameters(dx=20 / 15, fourier=0.2)
    task = prepare_task(kernel, parameters, 4)
    before = task.u.copy()
    task.run()
    damping = 1 - 8 * 0.2 * np.sin(np.pi / 32) ** 2
    np.testing.assert_allclose(task.u, damping**4 * before, atol=1e-14)
    assert not task.u[[0, -1]].any()
    assert not task.out[:, [0, -1]].any()


def test_the_dtype_is_the_users():
    assert prepare_task("numpy", Parameters(dx=2.0, dtype="float32"), 1).out.dtype == np.float32


def test_a_grid_that_is_too_large_is_said():
    with pytest.raises(InputError, match="points does not fit into memory: use a larger dx"):
        prepare_task("numpy", Parameters(dx=2e-6, runtime=1e-9), 1)
