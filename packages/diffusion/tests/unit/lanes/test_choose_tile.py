"""Tiles for caches of known sizes."""

import numpy as np
import pytest

from hpcpy_diffusion.kernels.lanes import choose_tile as module
from hpcpy_diffusion.kernels.lanes.choose_tile import choose_tile, read_cache_sizes
from hpcpy_diffusion.kernels.lanes.layout import LaneLayout


@pytest.fixture(autouse=True)
def known_caches(monkeypatch):
    monkeypatch.setattr(module, "read_cache_sizes", lambda: (32 * 2**10, 2**20))


@pytest.mark.parametrize(
    ("columns", "team", "tile"),
    [
        (1, 1, (64, 12)),
        (299, 1, (64, 8)),  # 11 rows of 2432 bytes fit into 32 KiB, 15 do not
        (1800, 1, (34, 4)),
        (4099, 1, (32, 4)),  # 13 steps would fit
        (4099, 2, (64, 4)),
        (4099, 8, (64, 4)),
        (0, 1, (64, 12)),
    ],
)
def test_a_tile_fits_into_the_caches(columns, team, tile):
    assert choose_tile(LaneLayout(columns=columns, dtype=np.dtype("float64")), team) == tile


def write_cache(folder, level, kind, size):
    folder.mkdir(parents=True)
    (folder / "level").write_text(f"{level}\n")
    (folder / "type").write_text(f"{kind}\n")
    (folder / "size").write_text(f"{size}\n")


def test_sizes_are_read_from_linux(tmp_path):
    write_cache(tmp_path / "index0", 1, "Data", "48K")
    write_cache(tmp_path / "index1", 1, "Instruction", "64K")
    write_cache(tmp_path / "index2", 2, "Unified", "2048K")
    assert read_cache_sizes(tmp_path) == (48 * 2**10, 2 * 2**20)


def test_without_them_usual_ones_are_taken(tmp_path):
    assert read_cache_sizes(tmp_path) == module.USUAL
    write_cache(tmp_path / "index0", 1, "Data", "many")
    read_cache_sizes.cache_clear()
    assert read_cache_sizes(tmp_path) == module.USUAL
