"""A kernel gets what it takes, or the call is refused."""

import numpy as np
import pytest

PARAMETERS = "const double *u, void *any, int n, long long m, float r, bool b, unsigned char c"


@pytest.fixture
def good(zeros):
    return [
        zeros(2),
        zeros(3, np.int8),
        np.int32(-2),
        np.int64(2**40),
        np.float32(0.5),
        np.True_,
        np.uint8(255),
    ]


@pytest.fixture
def take(kernel):
    return kernel(
        f"""take({PARAMETERS}, double *out) {{
            out[0] = u[1] + n + m + r + b + c;
            static_cast<char *>(any)[2] = 7;
        }}"""
    )


def test_values_arrive(take, good, zeros):
    out = zeros(1)
    good[0].set(np.array([0, 3.25]))
    take((1,), (1,), (*good, out))
    assert out.tolist() == [3.25 - 2 + 2**40 + 0.5 + 1 + 255]
    assert good[1].tolist() == [0, 0, 7]


@pytest.mark.parametrize(
    ("number", "wrong", "message"),
    [
        (0, np.zeros(2), "a device array of numpy.float64, not float64 ndarray"),
        (0, np.float64(1), "a device array"),
        (2, np.int64(1), "numpy.int32, not int64"),
        (2, 1, "numpy.int32, not  int: 1"),
        (3, np.int32(1), "numpy.int64"),
        (4, 0.5, "numpy.float32, not  float: 0.5"),
        (4, np.float64(0.5), "numpy.float32"),
        (5, np.int8(1), "numpy.bool_"),
        (6, None, "numpy.uint8"),
    ],
)
def test_what_is_of_another_type_is_refused(take, good, zeros, number, wrong, message):
    good[number] = wrong
    with pytest.raises(TypeError, match=f"argument {number} of take must be {message}"):
        take((1,), (1,), (*good, zeros(1)))


def test_an_array_of_another_type_is_refused(take, good, zeros):
    good[0] = zeros(2, np.float32)
    with pytest.raises(TypeError, match=r"must be a device array of numpy\.float64, not float32"):
        take((1,), (1,), (*good, zeros(1)))


def test_none_is_left_out(take, good):
    with pytest.raises(TypeError, match="take takes 8 arguments, not 7"):
        take((1,), (1,), good)


def test_an_address_and_a_struct_are_passed_by_value(kernel, zeros):
    add = kernel("add(int *to, const int *from) { to[0] += from[0]; }")
    to, source = zeros(1, np.int32), zeros(1, np.int32)
    source.fill(4)
    add((1,), (1,), (to, np.uintp(source.ctypes.data)))
    assert to.tolist() == [4]
    pair = np.array((1.5, 2), [("x", "f4"), ("y", "f4")])
    give = kernel("give(float *out, float2 pair) { out[0] = pair.x + pair.y; }")
    out = zeros(1, np.float32)
    give((1,), (1,), (out, pair))
    assert out.tolist() == [3.5]
    give((1,), (1,), (out, np.complex64(1 + 3j)))
    assert out.tolist() == [4]
    with pytest.raises(TypeError, match=r"must be a struct of 8 B, not .* ndarray"):
        give((1,), (1,), (out, pair.astype([("x", "f8"), ("y", "f4")])))
