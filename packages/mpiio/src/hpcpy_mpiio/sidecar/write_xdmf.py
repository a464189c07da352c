"""A sidecar from which ParaView and VTK open .npy files in place. No MPI: one rank calls it.

XDMF is a few lines of XML that say where in which file the items are. Its grids
count from the slowest axis to the fastest, so a C-ordered array is described as
it is, with its last axis along x. A Fortran-ordered one is described backwards:
its first axis lies along x, as in the program that wrote it.
Source: https://www.xdmf.org/index.php/XDMF_Model_and_Format
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from hpcpy_core.errors import InputError
from hpcpy_core.replacing import replacing
from hpcpy_mpiio.header import Header, check_size, read_header

__all__ = ["write_xdmf"]

# Of what VTK's readers know, by dtype in this machine's byte order.
NUMBER_TYPES = {
    **dict.fromkeys(("bool", "uint8"), "UChar"),
    **{"int8": "Char", "int16": "Short", "uint16": "UShort"},
    **{"int32": "Int", "uint32": "UInt", "int64": "Int"},
    **{"float32": "Float", "float64": "Float"},
}
SUFFIXES = (".xdmf", ".xmf")


def write_xdmf(
    path: str | Path,
    frames: Sequence[tuple[float, Mapping[str, str | Path]]],
    *,
    origin: Sequence[float],
    spacing: Sequence[float],
    overwrite: bool = False,
) -> None:
    """Describe .npy files on a uniform grid, so that ParaView opens them in place. Local.

    Parameters
    ----------
    path
        The sidecar, ``.xdmf`` or ``.xmf``. It names the files relative to itself:
        move it and them together.
    frames
        Time, in the problem's own unit, and for each name of a field its .npy file,
        with a value for each point of the grid. All files have one shape, of 2 or 3
        axes, and one order.
    origin, spacing
        Where the first point is and how far apart the points are, a length for each
        axis of the array.
    overwrite
        Whether an existing sidecar may be replaced.

    Raises
    ------
    InputError
        If XDMF cannot describe the files: complex, structured or other items that
        are not numbers of a usual size, other than 2 or 3 axes, shapes that differ;
        or if the sidecar exists.
    FileError
        If a file is not a whole .npy file, or the sidecar cannot be written.
    """
    sidecar = Path(path).absolute()
    if sidecar.suffix not in SUFFIXES:
        raise InputError(f"{path}: ParaView knows XDMF by its name, so end it in .xdmf")
    if sidecar.exists() and not overwrite:
        raise InputError(f"{path} exists: pass overwrite=True, or choose another name")
    if not any(fields for _, fields in frames):
        raise InputError(f"{path} would describe no file: give at least one frame with a field")
    root = ElementTree.Element("Xdmf", Version="3.0")
    domain = ElementTree.SubElement(root, "Domain")
    series = ElementTree.SubElement(
        domain, "Grid", Name="series", GridType="Collection", CollectionType="Temporal"
    )
    first: Header | None = None
    for time, fields in frames:
        grid = ElementTree.SubElement(series, "Grid", Name="grid", GridType="Uniform")
        ElementTree.SubElement(grid, "Time", Value=repr(float(time)))
        for name, file in fields.items():
            header = _read_describable(Path(file), (origin, spacing))
            if first is None:
                first = header
            _check_same_grid(Path(file), header, first)
            if grid.find("Topology") is None:
                _add_points(grid, header, origin, spacing)
            _add_field(grid, name, os.path.relpath(Path(file).absolute(), sidecar.parent), header)
    ElementTree.indent(root)
    with replacing(sidecar) as temporary:
        ElementTree.ElementTree(root).write(temporary, encoding="utf-8", xml_declaration=True)


def _read_describable(file: Path, lengths: Sequence[Sequence[float]]) -> Header:
    """Read a header and refuse what XDMF has no words for."""
    header = read_header(file)
    check_size(file, header)
    axes, dtype = len(header.shape), header.dtype
    if dtype.newbyteorder("=").name not in NUMBER_TYPES:
        raise InputError(
            f"{file} has items of {dtype}, which VTK does not read through XDMF: save real "
            "numbers, such as array.real, abs(array) or array.astype('f8')"
        )
    if axes not in (2, 3) or header.nbytes == 0:
        raise InputError(
            f"{file} has shape {header.shape}: a grid needs 2 or 3 axes and at least one point"
        )
    if any(len(values) != axes for values in lengths):
        raise InputError(f"{file} has {axes} axes: give origin and spacing a length for each")
    return header


def _check_same_grid(file: Path, header: Header, first: Header) -> None:
    if (header.shape, header.fortran_order) != (first.shape, first.fortran_order):
        raise InputError(
            f"{file} has shape {header.shape} in {_order(header)} order, but the first file "
            f"{first.shape} in {_order(first)} order: write a sidecar for each kind"
        )


def _order(header: Header) -> str:
    return "Fortran" if header.fortran_order else "C"


def _add_points(
    grid: ElementTree.Element, header: Header, origin: Sequence[float], spacing: Sequence[float]
) -> None:
    ElementTree.SubElement(
        grid,
        "Topology",
        TopologyType="3DCoRectMesh",
        Dimensions=_from_slowest(header, header.shape, "1"),
    )
    geometry = ElementTree.SubElement(grid, "Geometry", GeometryType="ORIGIN_DXDYDZ")
    for lengths, beyond in ((origin, "0.0"), (spacing, "1.0")):
        item = ElementTree.SubElement(geometry, "DataItem", Dimensions="3", Format="XML")
        item.set("NumberType", "Float")
        item.set("Precision", "8")
        item.text = _from_slowest(header, [float(length) for length in lengths], beyond)


def _add_field(grid: ElementTree.Element, name: str, file: str, header: Header) -> None:
    for text in (name, file):
        if not text.isprintable() or text != text.strip():
            raise InputError(
                f"{text!r} cannot stand in XDMF: rename it, without control characters and "
                "outer spaces"
            )
    dtype = header.dtype
    attribute = ElementTree.SubElement(
        grid, "Attribute", Name=name, AttributeType="Scalar", Center="Node"
    )
    item = ElementTree.SubElement(attribute, "DataItem", Format="Binary")
    item.set("NumberType", NUMBER_TYPES[dtype.newbyteorder("=").name])
    item.set("Precision", str(dtype.itemsize))
    item.set("Endian", "Big" if dtype.str.startswith(">") else "Little")
    item.set("Seek", str(header.offset))
    item.set("Dimensions", _from_slowest(header, header.shape, "1"))
    item.text = file


def _from_slowest(header: Header, values: Sequence[float], beyond: str) -> str:
    """Print a value for each of three axes, that of the slowest in memory first.

    An array of two axes is a box of one layer, since VTK draws XDMF's 2-D meshes
    in the y-z plane.
    """
    words = [repr(value) for value in (reversed(values) if header.fortran_order else values)]
    return " ".join([beyond] * (3 - len(words)) + words)
