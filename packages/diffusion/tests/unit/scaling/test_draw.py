import pytest

from hpcpy_core.errors import FileError
from hpcpy_diffusion.scaling.draw import draw_scaling
from hpcpy_diffusion.scaling.summarise import summarise_scaling

MAGIC = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}


@pytest.fixture
def scaling(outcome):
    strong = [outcome("strong", 1, [2.0, 2.2]), outcome("strong", 4, [3.0])]
    weak = [outcome("weak", 1, [2.0], points=20), outcome("weak", 4, [6.4], points=40)]
    return summarise_scaling(strong + weak)


@pytest.mark.parametrize("suffix", MAGIC)
def test_both_modes_are_drawn(tmp_path, scaling, suffix):
    path = tmp_path / f"a{suffix}"
    draw_scaling(path, scaling)
    assert path.read_bytes().startswith(MAGIC[suffix])
    assert list(tmp_path.iterdir()) == [path]


def test_the_words_are_there(tmp_path, scaling):
    path = tmp_path / "a.svg"
    draw_scaling(path, scaling)
    said = path.read_text()  # matplotlib writes each text as a comment beside its glyphs
    for words in ("strong scaling, 20² points", "weak scaling, 20² to 40² points", "36%", "80%"):
        assert f"<!-- {words} -->" in said
    assert "<!-- speed-up over 1 rank -->" in said
    assert said.count("<!-- ideal -->") == 2


def test_a_mode_that_failed_is_left_out(tmp_path, outcome):
    failed = [outcome("weak", 1, failed="no slots")]
    path = tmp_path / "a.svg"
    draw_scaling(path, summarise_scaling([outcome("strong", 2, [1.0]), *failed]))
    assert "weak scaling" not in path.read_text()


def test_a_picture_that_cannot_be_written_is_said(tmp_path, scaling):
    with pytest.raises(FileError, match="cannot write"):
        draw_scaling(tmp_path / "missing" / "a.png", scaling)
