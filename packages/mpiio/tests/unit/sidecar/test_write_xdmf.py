"""A sidecar is read as a stranger would: its XML, then the bytes that it points to."""

from xml.etree import ElementTree

import numpy as np
import pytest

from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio.sidecar.write_xdmf import write_xdmf

NUMBERS = {"UChar": "u", "Char": "i", "Short": "i", "UShort": "u", "Int": "i", "UInt": "u"}
NUMBERS["Float"] = "f"


def save(path, array):
    np.save(path, array)
    return path


def ramp(shape, dtype="<f8", order="C"):
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype, order=order)


def read_grid(sidecar, index=0):
    """Return time, fields, origin and spacing of a grid, all along z, y, x."""
    grid = ElementTree.parse(sidecar).getroot().findall("Domain/Grid/Grid")[index]
    dimensions = [int(n) for n in grid.find("Topology").get("Dimensions").split()]
    origin, spacing = (
        [float(word) for word in item.text.split()] for item in grid.findall("Geometry/DataItem")
    )
    fields = {}
    for attribute in grid.findall("Attribute"):
        item = attribute.find("DataItem")
        endian = {"Little": "<", "Big": ">"}[item.get("Endian")]
        dtype = np.dtype(endian + NUMBERS[item.get("NumberType")] + item.get("Precision"))
        assert [int(n) for n in item.get("Dimensions").split()] == dimensions
        raw = (sidecar.parent / item.text).read_bytes()[int(item.get("Seek")) :]
        fields[attribute.get("Name")] = np.frombuffer(raw, dtype).reshape(dimensions)
    return float(grid.find("Time").get("Value")), fields, origin, spacing


@pytest.mark.parametrize("shape", [(5, 7), (3, 5, 7)], ids=str)
@pytest.mark.parametrize(
    "dtype", ["<f8", ">f8", "<f4", ">f4", "<i8", ">i4", "<u4", "<i2", ">u2", "|i1", "|u1", "|b1"]
)
def test_seek_and_type_lead_to_the_items_of_the_file(tmp_path, shape, dtype):
    array = ramp(shape, dtype)
    save(tmp_path / "u.npy", array)
    sidecar = tmp_path / "u.xdmf"
    lengths = {"origin": [1.0] * len(shape), "spacing": [0.5] * len(shape)}
    write_xdmf(sidecar, [(0.0, {"u": tmp_path / "u.npy"})], **lengths)
    found = read_grid(sidecar)[1]["u"]
    # A plane is a box of one layer.
    assert np.array_equal(found, array.reshape((1, 5, 7) if len(shape) == 2 else shape))


@pytest.mark.parametrize("order", ["C", "F"])
def test_origin_and_spacing_follow_the_axes_of_the_array(tmp_path, order):
    array = ramp((3, 5, 7), order=order)
    save(tmp_path / "u.npy", array)
    frames = [(0.0, {"u": tmp_path / "u.npy"})]
    write_xdmf(tmp_path / "u.xdmf", frames, origin=[1, 2, 3], spacing=[0.1, 0.2, 0.3])
    _, fields, origin, spacing = read_grid(tmp_path / "u.xdmf")
    slowest_first = slice(None) if order == "C" else slice(None, None, -1)
    assert np.array_equal(fields["u"], array if order == "C" else array.T)
    assert (origin, spacing) == ([1, 2, 3][slowest_first], [0.1, 0.2, 0.3][slowest_first])


def test_plane_lies_in_the_first_layer(tmp_path):
    save(tmp_path / "u.npy", ramp((5, 7)))
    frames = [(0.0, {"u": tmp_path / "u.npy"})]
    write_xdmf(tmp_path / "u.xdmf", frames, origin=[2, 3], spacing=[0.2, 0.3])
    assert read_grid(tmp_path / "u.xdmf")[2:] == ([0.0, 2.0, 3.0], [1.0, 0.2, 0.3])


def test_series_keeps_times_and_fields(tmp_path):
    frames = []
    for step in range(3):
        files = {name: save(tmp_path / f"{name}{step}.npy", ramp((5, 7)) + step) for name in "uv"}
        frames.append((0.1 * step, files))
    write_xdmf(tmp_path / "s.xdmf", frames, origin=[0, 0], spacing=[1, 1])
    for step in range(3):
        time, fields, _, _ = read_grid(tmp_path / "s.xdmf", step)
        assert time == 0.1 * step
        assert set(fields) == {"u", "v"}
        assert fields["v"][0, 0, 1] == 1 + step
    series = ElementTree.parse(tmp_path / "s.xdmf").getroot().find("Domain/Grid")
    assert (series.get("GridType"), series.get("CollectionType")) == ("Collection", "Temporal")


def test_files_are_found_from_the_sidecar_wherever_it_was_called_from(tmp_path, monkeypatch):
    (tmp_path / "frames").mkdir()
    save(tmp_path / "frames" / "u.npy", ramp((5, 7)))
    monkeypatch.chdir(tmp_path / "frames")
    write_xdmf("../s.xdmf", [(0.0, {"u": "u.npy"})], origin=[0, 0], spacing=[1, 1])
    assert "frames/u.npy" in (tmp_path / "s.xdmf").read_text()
    monkeypatch.chdir("/")
    assert read_grid(tmp_path / "s.xdmf")[1]["u"][0, 0, 1] == 1


def test_names_are_escaped(tmp_path):
    file = save(tmp_path / "a & <b> é.npy", ramp((5, 7)))
    write_xdmf(tmp_path / "s.xdmf", [(0.0, {'"u" <&>': file})], origin=[0, 0], spacing=[1, 1])
    assert read_grid(tmp_path / "s.xdmf")[1]['"u" <&>'][0, 0, 1] == 1


@pytest.mark.parametrize("name", ["a\nb", " a", "a\x01", "a\udcff"], ids=repr)
def test_name_that_xml_cannot_hold(tmp_path, name):
    save(tmp_path / "u.npy", ramp((5, 7)))
    with pytest.raises(InputError, match="cannot stand in XDMF: rename it"):
        describe(tmp_path, {name: tmp_path / "u.npy"})
    assert not (tmp_path / "s.xdmf").exists()


def describe(folder, fields, axes=2, **options):
    lengths = {"origin": [0.0] * axes, "spacing": [1.0] * axes}
    write_xdmf(folder / "s.xdmf", [(0.0, fields)], **lengths, **options)


@pytest.mark.parametrize("dtype", ["<c16", "<f2", "<u8", "S3", "<M8[s]", [("a", "<f8")]], ids=str)
def test_items_without_a_number_type(tmp_path, dtype):
    file = save(tmp_path / "u.npy", np.zeros((5, 7), dtype))
    with pytest.raises(InputError, match=r"u\.npy has items of .* save real numbers"):
        describe(tmp_path, {"u": file})
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("shape", [(), (7,), (0, 4), (2, 2, 2, 2)], ids=str)
def test_shape_that_is_no_grid(tmp_path, shape):
    file = save(tmp_path / "u.npy", np.zeros(shape))
    with pytest.raises(InputError, match="needs 2 or 3 axes and at least one point"):
        describe(tmp_path, {"u": file}, axes=len(shape))


def test_origin_of_too_few_axes(tmp_path):
    file = save(tmp_path / "u.npy", ramp((3, 5, 7)))
    with pytest.raises(InputError, match="has 3 axes: give origin and spacing a length for each"):
        describe(tmp_path, {"u": file}, axes=2)


@pytest.mark.parametrize("other", [ramp((7, 5)), ramp((5, 7), order="F")], ids=["shape", "order"])
def test_files_of_two_kinds(tmp_path, other):
    files = {"u": save(tmp_path / "u.npy", ramp((5, 7))), "v": save(tmp_path / "v.npy", other)}
    with pytest.raises(InputError, match=r"v\.npy has shape .* but the first file \(5, 7\) in C"):
        describe(tmp_path, files)


def test_truncated_file(tmp_path):
    file = save(tmp_path / "u.npy", ramp((5, 7)))
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(FileError, match="is truncated"):
        describe(tmp_path, {"u": file})


def test_nothing_to_describe(tmp_path):
    with pytest.raises(InputError, match="give at least one frame"):
        describe(tmp_path, {})


def test_existing_sidecar_is_kept_without_overwrite(tmp_path):
    file = save(tmp_path / "u.npy", ramp((5, 7)))
    (tmp_path / "s.xdmf").write_text("old")
    with pytest.raises(InputError, match=r"s\.xdmf exists: pass overwrite=True"):
        describe(tmp_path, {"u": file})
    assert (tmp_path / "s.xdmf").read_text() == "old"
    describe(tmp_path, {"u": file}, overwrite=True)
    assert read_grid(tmp_path / "s.xdmf")[1]["u"].shape == (1, 5, 7)


def test_array_is_never_replaced_by_its_sidecar(tmp_path):
    file = save(tmp_path / "u.npy", ramp((5, 7)))
    before = file.read_bytes()
    with pytest.raises(InputError, match=r"end it in \.xdmf"):
        write_xdmf(file, [(0.0, {"u": file})], origin=[0, 0], spacing=[1, 1], overwrite=True)
    assert file.read_bytes() == before


def test_missing_folder(tmp_path):
    file = save(tmp_path / "u.npy", ramp((5, 7)))
    with pytest.raises(FileError, match=r"cannot write .*missing"):
        write_xdmf(
            tmp_path / "missing" / "s.xdmf", [(0.0, {"u": file})], origin=[0, 0], spacing=[1, 1]
        )


try:
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOXdmf2 import vtkXdmfReader
except ImportError:  # some 100 MB, which no lock of ours has
    pass
else:

    @pytest.mark.parametrize("dtype", ["<f8", ">f4", "<i2", "|u1", "|b1"])
    @pytest.mark.parametrize("order", ["C", "F"])
    @pytest.mark.parametrize("shape", [(5, 7), (3, 5, 7)], ids=str)
    def test_vtk_finds_every_value_at_its_point(tmp_path, shape, order, dtype):
        frames = []
        for time in (0.5, 2.0):
            array = ramp(shape, dtype, order) + np.asarray(time > 1).astype(dtype)
            frames.append((time, {"u": save(tmp_path / f"{time}.npy", array)}))
        origin, spacing = [1.0, 20.0, 300.0][: len(shape)], [0.5, 0.25, 2.0][: len(shape)]
        write_xdmf(tmp_path / "s.xdmf", frames, origin=origin, spacing=spacing)
        reader = vtkXdmfReader()
        reader.SetFileName(str(tmp_path / "s.xdmf"))
        reader.UpdateTimeStep(2.0)
        grid = reader.GetOutputDataObject(0)
        values = vtk_to_numpy(grid.GetPointData().GetArray("u"))
        array = np.load(tmp_path / "2.0.npy")
        for index in np.ndindex(shape):
            place = [o + s * i for o, s, i in zip(origin, spacing, index, strict=True)]
            x_y_z = [*(place[::-1] if order == "C" else place), 0.0][:3]
            assert values[grid.FindPoint(*x_y_z)] == array[index]
