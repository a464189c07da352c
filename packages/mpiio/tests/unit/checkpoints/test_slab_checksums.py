import zlib

import numpy as np
import pytest

from hpcpy_core.errors import FileError
from hpcpy_mpiio.checkpoints.slab_checksums import MOST_SLABS, SLAB_BYTES, Slabs, checksum_slabs
from hpcpy_mpiio.header import read_header


def divided(tmp_path, array, rows_per_slab=None):
    """Save an array; return the file, its header and its slabs."""
    path = tmp_path / "u.npy"
    np.save(path, array)
    header = read_header(path)
    return path, header, Slabs.divide(header, rows_per_slab)


@pytest.mark.parametrize(
    ("shape", "rows"),
    [((10, 7), 3), ((10, 7), 10), ((10, 7), 99), ((5,), 2), ((4, 3, 2), 1), ((), 1)],
)
def test_each_slab_has_the_checksum_of_its_rows(tmp_path, shape, rows):
    array = np.random.default_rng(1).random(shape)
    path, header, slabs = divided(tmp_path, array, rows)
    lines = array.reshape((shape or (1,))[0], -1)
    expected = [
        f"{zlib.crc32(lines[i : i + rows].tobytes()):08x}" for i in range(0, len(lines), rows)
    ]
    assert slabs.count == len(expected)
    assert checksum_slabs(path, header.offset, slabs, range(slabs.count)) == expected
    assert checksum_slabs(path, header.offset, slabs, range(1, slabs.count)) == expected[1:]


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0,)])
def test_an_array_without_items(tmp_path, shape):
    path, header, slabs = divided(tmp_path, np.zeros(shape))
    found = checksum_slabs(path, header.offset, slabs, range(slabs.count))
    assert found == ["00000000"] * slabs.count


def test_a_slab_larger_than_the_buffer(tmp_path):
    array = np.random.default_rng(1).integers(0, 256, (2, 3 * SLAB_BYTES // 2), dtype=np.uint8)
    path, header, slabs = divided(tmp_path, array)
    assert slabs.count == 2
    expected = [f"{zlib.crc32(row.tobytes()):08x}" for row in array]
    assert checksum_slabs(path, header.offset, slabs, range(2)) == expected


def test_slabs_are_about_a_mebibyte_and_not_too_many(tmp_path):
    _, header, slabs = divided(tmp_path, np.zeros((1000, 500)))
    assert 0 <= slabs.rows_per_slab * 4000 - SLAB_BYTES < 4000
    huge = type(header)(shape=(10**7, 1000), dtype=header.dtype, offset=128)
    assert MOST_SLABS // 2 < Slabs.divide(huge).count <= MOST_SLABS


def test_the_spans_are_the_rows(tmp_path):
    _, _, slabs = divided(tmp_path, np.zeros((10, 2)), 4)
    assert [slabs.span(i) for i in range(slabs.count)] == [(0, 4), (4, 8), (8, 10)]
    assert slabs.name(2) == "slab 2 (rows 8 to 9)"


def test_a_file_that_ends_too_early_names_the_slab(tmp_path):
    path, header, slabs = divided(tmp_path, np.zeros((10, 2)), 4)
    with path.open("r+b") as stream:
        stream.truncate(header.offset + 5 * 16)
    with pytest.raises(FileError, match=r"u\.npy ends inside slab 1 \(rows 4 to 7\)"):
        checksum_slabs(path, header.offset, slabs, range(3))


def test_a_file_that_is_not_there(tmp_path):
    _, header, slabs = divided(tmp_path, np.zeros((10, 2)), 4)
    with pytest.raises(FileError, match=r"cannot read .*other\.npy: .*No such file"):
        checksum_slabs(tmp_path / "other.npy", header.offset, slabs, range(3))
