import pytest

from hpcpy_collectives.fit import fit_hockney
from hpcpy_core.errors import InputError


def test_a_line_is_found_again_exactly():
    alpha, beta = 1.5e-6, 2e-10
    fit = fit_hockney({1 << k: alpha + beta * (1 << k) for k in range(23)})
    assert fit.alpha == pytest.approx(alpha, rel=1e-12)
    assert fit.beta == pytest.approx(beta, rel=1e-12)
    assert fit.rms < 1e-12


def test_the_weights_are_those_of_relative_errors():
    """One large message that is 10 % slow must not move alpha by more than it moves itself."""
    times = {1 << k: 1e-6 + 1e-10 * (1 << k) for k in range(23)}
    times[1 << 22] *= 1.1
    fit = fit_hockney(times)
    assert fit.alpha == pytest.approx(1e-6, rel=0.01)
    assert fit.beta == pytest.approx(1e-10, rel=0.1)
    assert fit.worst == 1 << 22


def test_residuals_are_measured_over_fitted():
    fit = fit_hockney({0: 1.0, 1: 2.0, 2: 3.0, 3: 5.0})
    for size, residual in fit.residuals.items():
        measured = (residual + 1) * (fit.alpha + fit.beta * size)
        assert measured == pytest.approx({0: 1, 1: 2, 2: 3, 3: 5}[size])


@pytest.mark.parametrize("times", [{}, {8: 1e-6}])
def test_one_size_is_no_line(times):
    with pytest.raises(InputError, match="a line needs two sizes at least"):
        fit_hockney(times)


@pytest.mark.parametrize("times", [{1: 2.0, 2: 1.0}, {1: 1.0, 2: 3.0}])
def test_negative_constants_are_refused(times):
    with pytest.raises(InputError, match="which no network has"):
        fit_hockney(times)
