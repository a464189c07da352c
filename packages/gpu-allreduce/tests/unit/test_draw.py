import pytest

from hpcpy_core.errors import FileError
from hpcpy_core.timing import Timing
from hpcpy_gpu_allreduce.draw import draw_bandwidths, draw_losses
from hpcpy_gpu_allreduce.measurement import Measurement


def test_figures_and_ceilings_are_drawn(tmp_path):
    rows = [
        Measurement(
            algorithm=name,
            nbytes=nbytes,
            ranks=2,
            timing=Timing(seconds=(1e-6 * nbytes, 2e-6 * nbytes)),
            of_copy=1.0,
            is_ceiling=name == "copy",
        )
        for nbytes in (8, 64)
        for name in ("copy", "host")
    ]
    draw_bandwidths(tmp_path / "a.svg", rows)
    text = (tmp_path / "a.svg").read_text()
    assert text.startswith("<?xml")
    assert "<!-- host -->" in text
    assert "<!-- copy -->" in text


def test_losses_are_drawn_or_it_is_said_why_not(tmp_path):
    draw_losses(tmp_path / "a.png", [2.0, 1.0])
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(FileError, match="cannot write"):
        draw_losses(tmp_path / "missing" / "a.png", [1.0])
