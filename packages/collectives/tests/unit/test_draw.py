import pytest

from hpcpy_collectives.algorithms import Machine
from hpcpy_collectives.draw import draw_measurements, draw_predictions
from hpcpy_collectives.measurement import Measurement
from hpcpy_collectives.predict import predict
from hpcpy_core.errors import FileError

MAGIC = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}


def measured(op, size, unit):
    figures = dict.fromkeys(("average", "minimum", "maximum", "median"), 1e-6 * (size + 1))
    quartiles = dict.fromkeys(("lower_quartile", "upper_quartile"), 1e-6 * (size + 1))
    return Measurement(
        op=op,
        api="buffer",
        size=size,
        unit=unit,
        **figures,
        **quartiles,
        iterations=1,
        blocks=1,
        verified=True,
    )


@pytest.mark.parametrize("suffix", MAGIC)
def test_times_and_bandwidths_are_drawn(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    rows = [measured("latency", 8, "s"), measured("barrier", 0, "s"), measured("bw", 8, "B/s")]
    draw_measurements(path, rows)
    assert path.read_bytes().startswith(MAGIC[suffix])
    assert list(tmp_path.iterdir()) == [path]


def test_predictions_are_drawn_or_it_is_said_why_not(tmp_path):
    predictions = predict(Machine(alpha=1e-6, beta=1e-10, gamma=1e-10), [2, 1024], sizes=[8])
    draw_predictions(tmp_path / "p.png", predictions)
    assert (tmp_path / "p.png").stat().st_size > 10_000
    with pytest.raises(FileError, match="cannot write"):
        draw_predictions(tmp_path / "missing" / "p.png", predictions)
