"""A device array refuses what CuPy's refuses, and computes what NumPy computes."""

import numpy as np
import pytest

from hpcpy_testing.emulated_cupy import DeviceArray


def test_whatever_is_made_of_device_arrays_is_one(cupy):
    a = cupy.arange(6).reshape(2, 3)
    made = [a + 1, a.sum(), a[0], a.T, a @ a.T, cupy.concatenate([a, a]), a.max(axis=0)]
    made += [*cupy.array_split(a, 2), cupy.random.default_rng(1).random(2), cupy.asarray(a.sum())]
    assert [type(each) for each in made] == [DeviceArray] * len(made)
    assert (a @ a.T).tolist() == [[5, 14], [14, 50]]


@pytest.mark.parametrize(
    "mix",
    [
        lambda a: a + np.ones(3),
        lambda a: np.ones(3) * a,
        lambda a: np.concatenate([a, a]),
        lambda a: np.array_equal(a, a),
        lambda a: a.set(a),
        lambda a: a.set(np.zeros(2)),
    ],
)
def test_host_and_device_do_not_mix(cupy, mix):
    with pytest.raises(TypeError):
        mix(cupy.zeros(3))


def test_copies_are_copies(cupy):
    a = cupy.zeros(3)
    host = a.get()
    assert type(host) is np.ndarray
    host[0] = 1
    assert a.tolist() == [0, 0, 0]
    a.set(host)
    assert a.get(out=np.empty(3)).tolist() == [1, 0, 0]


def test_a_device_array_prints_as_numpy_does(cupy):
    assert f"{cupy.arange(3)}" == "[0 1 2]"
    assert repr(cupy.arange(3)) == "array([0, 1, 2])"


def test_what_is_not_finite_is_no_warning(cupy):
    a = cupy.array([np.inf, 0.0, 1.0])
    assert np.isnan((a * cupy.array([0.0, 1.0, 2.0])).tolist()[0])
    assert np.isinf((cupy.array([1.0]) / cupy.array([0.0])).tolist()).all()
