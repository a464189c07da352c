import io
import struct

import numpy as np
import pytest
from numpy.lib import format as npy

from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio.header import (
    LONGEST_HEADER,
    Header,
    check_size,
    decode_header,
    encode_header,
    read_header,
)

DTYPES = [
    "?",
    "<i1",
    ">i4",
    "<u8",
    "<f2",
    ">f8",
    "<g",
    "<c8",
    ">c16",
    "S3",
    ">U5",
    "V7",
    "<M8[s]",
    ">m8[ns]",
    [("a", "<i2"), ("b", ">c16")],
    [("grid", ">f4", (2, 3)), ("é", "S2")],
    np.dtype([("a", "i1"), ("b", "f8")], align=True),
]
SHAPES = [(), (0,), (7,), (101, 67), (4, 0, 3), (1,) * 20]


def npy_bytes(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def with_literal(literal, version=(1, 0)):
    text = literal.encode("utf-8" if version == (3, 0) else "latin1")
    prefix = "<H" if version == (1, 0) else "<I"
    return npy.magic(*version) + struct.pack(prefix, len(text)) + text


def literal(descr="'<f8'", order="False", shape="(2, 3)"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}}}\n"


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_header_is_that_of_numpy_save(dtype, shape):
    array = np.zeros(shape, dtype)
    saved = npy_bytes(array)
    head = encode_header(shape, array.dtype)
    assert saved.startswith(head)
    assert len(saved) == len(head) + array.nbytes
    header = decode_header(saved)
    assert header.dtype == array.dtype
    assert header.shape == shape
    assert not header.fortran_order
    assert (header.offset, header.nbytes, header.file_size) == (
        len(head),
        array.nbytes,
        len(saved),
    )


@pytest.mark.parametrize("shape", [*SHAPES, (1, 5), (5, 1), (1, 5, 2), (3, 4, 5)], ids=str)
def test_fortran_header_is_that_of_numpy_save(shape):
    array = np.zeros(shape, ">c8", order="F")
    head = encode_header(shape, array.dtype, "F")
    assert npy_bytes(array).startswith(head)
    assert decode_header(head).fortran_order == (not array.flags.c_contiguous)


@pytest.mark.parametrize(("fortran_order", "order"), [(False, "C"), (True, "F")])
def test_order_in_the_letters_of_numpy(fortran_order, order):
    header = Header(shape=(2, 3), dtype=np.dtype("f8"), offset=128, fortran_order=fortran_order)
    assert header.order == order


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_numpy_loads_what_follows_an_encoded_header(dtype):
    items = np.arange(6 * np.dtype(dtype).itemsize, dtype=np.uint8) % 2
    array = items.view(dtype).reshape(2, 3)
    loaded = np.load(io.BytesIO(encode_header((2, 3), array.dtype) + array.tobytes()))
    assert loaded.dtype == array.dtype
    np.testing.assert_array_equal(loaded, array)  # padding between fields need not be equal


def test_shape_of_numpy_integers_is_encoded_as_plain_ones():
    assert encode_header(tuple(np.array([2, 3])), np.dtype("f8")) == encode_header(
        (2, 3), np.dtype("f8")
    )


def test_fortran_order_is_decoded():
    assert decode_header(npy_bytes(np.asfortranarray(np.zeros((2, 3))))).fortran_order


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_is_decoded(version):
    stream = io.BytesIO()
    npy.write_array(stream, np.zeros((5, 2), ">i2"), version=version)
    header = decode_header(stream.getvalue())
    assert (header.shape, header.dtype) == ((5, 2), np.dtype(">i2"))
    assert header.file_size == len(stream.getvalue())


@pytest.mark.filterwarnings("ignore:Stored array in format 3.0")
def test_field_names_of_version_3_are_decoded():
    dtype = np.dtype([("温度", "<f8"), ("é'\\", "<i4")])
    assert decode_header(npy_bytes(np.zeros(2, dtype))).dtype == dtype


@pytest.mark.parametrize(
    "dtype",
    [
        "O",
        [("a", "O"), ("b", "f8")],
        np.dtypes.StringDType(),
        [("温度", "f8")],
        [(f"field_{i:04}", "f8") for i in range(1000)],
        {"names": ["a", "b"], "formats": ["f8", "f8"], "offsets": [8, 0]},
    ],
    ids=["object", "object field", "StringDType", "Unicode name", "many fields", "out of order"],
)
def test_dtype_without_a_header_is_refused(dtype):
    with pytest.raises(InputError, match=r"cannot be saved.*astype"):
        encode_header((2,), np.dtype(dtype))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "magic"),
        (b"PK\x03\x04 a zip file", "magic"),
        (npy.magic(1, 0)[:7], "magic"),
        (npy.magic(9, 0) + bytes(200), "version"),
        (npy.magic(1, 0) + b"\x10", "ends inside"),
        (encode_header((2,), np.dtype("f8"))[:-1], "ends inside"),
        (npy.magic(2, 0) + struct.pack("<I", 2**31) + bytes(99), "claims 2147483648 bytes"),
        (with_literal("[" * 9000), "damaged"),
        (with_literal("{'descr': \0}"), "damaged"),
        (with_literal("{'descr': '<f8', 'shape': (2,)}"), "damaged"),
        (with_literal("{{}: 1}"), "damaged"),
        (with_literal(literal(descr="'no dtype'")), "damaged"),
        (with_literal(literal(descr="('<f8',)")), "damaged"),
        (with_literal(literal(order="3")), "damaged"),
        (with_literal(literal(shape="(2.0, 3)")), "damaged"),
        (with_literal(literal(shape="__import__('os').getpid()")), "damaged"),
        (with_literal(literal(shape="(2, -3)")), "no array"),
        (with_literal(literal(shape=str((1,) * 65))), "no array"),
        (with_literal(literal(descr="('<f8', (2,))")), "no array"),
        (with_literal(literal(descr="'|O'")), "Python objects"),
        (with_literal(literal(descr="[('a', '<f8'), ('b', '|O')]")), "Python objects"),
        (npy.magic(3, 0) + struct.pack("<I", 2) + b"\xff\xfe", "utf-8"),
    ],
)
def test_damaged_header_is_refused(content, fault):
    with pytest.raises(ValueError, match=fault):
        decode_header(content)


def test_the_undamaged_neighbour_of_the_damaged_headers_is_accepted():
    assert decode_header(with_literal(literal())).shape == (2, 3)


def test_longest_header_is_read_whole(tmp_path):
    text = literal().rstrip().ljust(LONGEST_HEADER - npy.MAGIC_LEN - 4 - 1) + "\n"
    path = tmp_path / "u.npy"
    path.write_bytes(with_literal(text, version=(2, 0)) + bytes(48))
    header = read_header(path)
    assert header.offset == LONGEST_HEADER
    check_size(path, header)
    path.write_bytes(with_literal(" " + text, version=(2, 0)) + bytes(48))
    with pytest.raises(FileError, match="claims 10001 bytes"):
        read_header(path)


def test_file_that_is_not_npy_names_file_and_cause(tmp_path):
    path = tmp_path / "u.npy"
    path.write_text("1,2,3\n")
    with pytest.raises(FileError, match=r"u\.npy cannot be read as \.npy.*magic"):
        read_header(path)


@pytest.mark.parametrize("name", ["missing.npy", "missing/u.npy", "."])
def test_path_that_is_no_file_is_bad_input(tmp_path, name):
    with pytest.raises(InputError, match="give the path of a"):
        read_header(tmp_path / name)


def test_name_that_the_system_refuses_is_a_file_error(tmp_path):
    with pytest.raises(FileError, match="File name too long"):
        read_header(tmp_path / ("u" * 300))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda saved: saved[:-1], r"truncated: it has 175 bytes.*needs 176"),
        (lambda saved: saved[:128], r"truncated: it has 128 bytes"),
        (lambda saved: saved + b"\0", r"too long: it has 177 bytes.*needs 176"),
    ],
    ids=["one byte less", "no items", "one byte more"],
)
def test_size_must_be_exact(tmp_path, change, fault):
    path = tmp_path / "u.npy"
    saved = npy_bytes(np.zeros((2, 3)))
    path.write_bytes(saved)
    check_size(path, read_header(path))
    path.write_bytes(change(saved))
    with pytest.raises(FileError, match=fault):
        check_size(path, read_header(path))


def test_file_that_vanished_before_its_size_was_read_is_a_file_error(tmp_path):
    path = tmp_path / "u.npy"
    np.save(path, np.zeros(3))
    header = read_header(path)
    path.unlink()
    with pytest.raises(FileError, match=r"cannot read .*u\.npy"):
        check_size(path, header)
