import pytest
from PIL import Image

from hpcpy_core.errors import FileError
from hpcpy_diffusion.ladder.draw import draw_ladder


def test_every_rung_has_a_bar_with_its_figure(tmp_path, report):
    path = tmp_path / "ladder.svg"
    draw_ladder(path, report)
    text = path.read_text(encoding="utf-8")
    for words in ("python", "numba", "copy of the field", "59.9  (5 x cpp)"):
        assert f"<!-- {words} -->" in text
    assert "<!-- C++ -O3, two loops (yardstick) -->" in text


def test_a_rung_more_makes_it_higher_and_no_cpp_no_mark(tmp_path, report):
    draw_ladder(tmp_path / "a.png", report)
    del report["rungs"]["cpp"]
    for row in report["rungs"].values():
        del row["speed"]["times_cpp"]
    draw_ladder(tmp_path / "b.png", report)
    draw_ladder(tmp_path / "b.svg", report)
    assert "yardstick" not in (tmp_path / "b.svg").read_text(encoding="utf-8")
    with Image.open(tmp_path / "a.png") as more, Image.open(tmp_path / "b.png") as fewer:
        assert more.height > fewer.height
        assert more.width == fewer.width


def test_a_gpus_ladder_is_drawn_against_the_copy(tmp_path, gpu_report):
    path = tmp_path / "ladder.svg"
    draw_ladder(path, gpu_report)
    text = path.read_text(encoding="utf-8")
    for words in (
        *("cupy-raw", "CPU: numba-vector x16", "copy in GPU memory"),
        *("59.9  (1.8 of copy)", "one sweep over memory a step: its roof"),
    ):
        assert f"<!-- {words} -->" in text
    assert "yardstick" not in text


def test_a_picture_that_cannot_be_written_is_said(tmp_path, report):
    with pytest.raises(FileError, match="cannot write"):
        draw_ladder(tmp_path / "missing" / "a.png", report)
