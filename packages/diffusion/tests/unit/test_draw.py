import numpy as np
import pytest
from PIL import Image

from hpcpy_core.errors import FileError
from hpcpy_diffusion import draw
from hpcpy_diffusion.parameters import Parameters


@pytest.fixture
def parameters():
    return Parameters(dx=1.0)


@pytest.fixture
def densities(tmp_path, parameters):
    files = []
    for k in range(3):
        path = tmp_path / f"{k}.npy"
        np.save(path, np.full(parameters.shape, float(k)))
        files.append((0.5 * k, path))
    return files


def test_densities_are_side_by_side(tmp_path, parameters, densities):
    one, three = tmp_path / "one.png", tmp_path / "three.png"
    draw.draw_densities(one, parameters, densities[:1])
    draw.draw_densities(three, parameters, densities)
    with Image.open(one) as narrow, Image.open(three) as wide:
        assert wide.format == "PNG"
        assert wide.height == narrow.height
        assert wide.width == 3 * narrow.width


def test_an_animation_has_every_frame(tmp_path, parameters, densities):
    path = tmp_path / "animation.gif"
    draw.draw_animation(path, parameters, densities)
    with Image.open(path) as animation:
        assert animation.format == "GIF"
        assert animation.n_frames == 3
    assert not list(tmp_path.glob(".*"))


def test_large_fields_are_thinned(tmp_path):
    path = tmp_path / "large.npy"
    np.save(path, np.zeros((2501, 2501), dtype="float32"))
    assert draw._read(path).shape == (834, 834)


def test_a_picture_that_cannot_be_written_is_said(tmp_path, parameters, densities):
    with pytest.raises(FileError, match="cannot write"):
        draw.draw_densities(tmp_path / "missing" / "a.png", parameters, densities)
