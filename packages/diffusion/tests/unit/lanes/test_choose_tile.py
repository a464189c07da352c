"""Tiles for caches of known sizes."""

import numpy as np
import pytest

from hpcpy_diffusion.kernels.lanes import choose_tile as module
from hpcpy_diffusion.kernels.lanes import layout
from hpcpy_diffusion.kernels.lanes.choose_tile import choose_tile, read_cache_size
from hpcpy_diffusion.kernels.lanes.layout import LaneLayout


@pytest.fixture(autouse=True)
def known_machine(monkeypatch):
    monkeypatch.setattr(module, "read_cache_size", lambda: 2**20)
    for place in (module, layout):
        monkeypatch.setattr(place, "VECTOR_BYTES", 64)


@pytest.mark.parametrize(
    ("columns", "team", "steps"),
    [
        (1, 1, 64),
        (299, 1, 64),
        (1800, 1, 32),  # 72 rows of 14400 bytes fit into 1 MiB
        (1700, 1, 34),
        (4099, 1, 32),  # 11 steps would fit
        (4099, 2, 64),
        (4099, 8, 64),
        (0, 1, 64),
    ],
)
def test_a_pass_fits_into_the_second_cache(columns, team, steps):
    assert choose_tile(LaneLayout(columns=columns, dtype=np.dtype("float64")), team) == (steps, 8)


def write_cache(folder, level, size):
    folder.mkdir(parents=True)
    (folder / "level").write_text(f"{level}\n")
    (folder / "size").write_text(f"{size}\n")


def test_its_size_is_read_from_linux(tmp_path):
    write_cache(tmp_path / "index0", 1, "48K")
    write_cache(tmp_path / "index2", 2, "2048K")
    assert read_cache_size(tmp_path) == 2 * 2**20


def test_without_it_a_usual_one_is_taken(tmp_path):
    assert read_cache_size(tmp_path) == module.USUAL
    write_cache(tmp_path / "index2", 2, "many")
    read_cache_size.cache_clear()
    assert read_cache_size(tmp_path) == module.USUAL
