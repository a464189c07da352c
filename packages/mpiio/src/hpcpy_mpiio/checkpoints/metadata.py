"""What a checkpoint says of itself in ``metadata.json``: data only, checked when read. No MPI."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from hpcpy_core.errors import InputError
from hpcpy_core.numbers import as_integer, as_real
from hpcpy_mpiio.header import MOST_AXES

__all__ = [
    "SCHEMA_VERSION",
    "FieldRecord",
    "Metadata",
    "check_names",
    "decode_metadata",
    "describe_dtype",
    "encode_metadata",
    "plain_parameters",
    "plan_metadata",
]

SCHEMA_VERSION = 1
LARGEST_STEP = 10**18 - 1
"""Of 18 digits, which are all that a generation's name has."""

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}", re.ASCII)
CHECKSUM = re.compile(r"[0-9a-f]{8}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class FieldRecord:
    """One field of a checkpoint: what its .npy file must hold."""

    shape: tuple[int, ...]
    dtype: Any
    """As `describe_dtype` gives it; compared only, never made into a dtype."""
    rows_per_slab: int
    checksums: tuple[str, ...]
    """One for each slab, see `hpcpy_mpiio.checkpoints.slab_checksums`."""


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What a checkpoint holds, and of which run."""

    step: int
    time: float
    parameters: dict[str, Any]
    versions: dict[str, str]
    fields: dict[str, FieldRecord]


def describe_dtype(dtype: npt.DTypeLike) -> object:
    """Return what a .npy header says of a dtype, as plain JSON values. Local."""
    return json.loads(json.dumps(npy.dtype_to_descr(np.dtype(dtype))))


def check_names(names: Iterable[object]) -> None:
    """Refuse what cannot be the name of a field, and so of its file. Local.

    Raises
    ------
    InputError
        If there is no field, or one has a name that is more than a plain word.
    """
    given = list(names)
    if not given:
        raise InputError('a checkpoint needs a field: give {"u": block}')
    for name in given:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise InputError(
                f"field name {name!r} cannot name a file: use letters, digits, - and _ only"
            )


def plain_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as they come back from JSON: tuples are lists then. Local.

    Raises
    ------
    InputError
        If they are not plain JSON values with finite numbers.
    """
    try:
        plain: dict[str, Any] = json.loads(
            json.dumps(dict(parameters), allow_nan=False, default=_unpack)
        )
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(
            f"a checkpoint cannot hold these parameters ({error}): give finite numbers, texts, "
            "lists and dictionaries of them"
        ) from error
    return plain


def plan_metadata(step: int, time: float, parameters: Mapping[str, Any]) -> Metadata:
    """Return the metadata of a checkpoint whose fields are not written yet. Local.

    Raises
    ------
    InputError
        If step or time is out of range, or the parameters are no plain JSON values.
    """
    step = as_integer(step, "step")
    time = as_real(time, "time")
    if not 0 <= step <= LARGEST_STEP:
        shown = step if abs(step) <= 10 * LARGEST_STEP else "a longer number"
        raise InputError(f"step = {shown}: must be a whole number from 0 to {LARGEST_STEP}")
    if not math.isfinite(time):
        raise InputError(f"time = {time}: must be a finite number")
    return Metadata(
        step=step,
        time=time,
        parameters=plain_parameters(parameters),
        versions={},
        fields={},
    )


def encode_metadata(metadata: Metadata) -> str:
    """Return the text of ``metadata.json``, with a checksum of itself."""
    content = {"schema": SCHEMA_VERSION, **asdict(metadata)}
    content["checksum"] = _checksum(content)
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def decode_metadata(text: str) -> Metadata:
    """Parse the text of ``metadata.json``, trusting nothing in it.

    Raises
    ------
    ValueError
        If it is no JSON, of another schema, changed since it was written, or says
        what no checkpoint can say.
    """
    try:
        content = json.loads(text, parse_constant=_refuse, object_pairs_hook=_no_twins)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(content, dict):
        raise ValueError("it is no JSON object")
    if type(content.get("schema")) is not int or content["schema"] != SCHEMA_VERSION:
        raise ValueError(f"its schema is {content.get('schema')!r}, known is {SCHEMA_VERSION}")
    if content.pop("checksum", None) != _checksum(content):
        raise ValueError("its checksum is wrong: it has changed since it was written")
    del content["schema"]
    _require(set(content) == set(Metadata.__dataclass_fields__), "its entries", sorted(content))
    step, time = content["step"], content["time"]
    _require(_is_count(step, 0), "its step", step)
    _require(isinstance(time, float) and math.isfinite(time), "its time", time)
    for name in ("parameters", "versions", "fields"):
        _require(isinstance(content[name], dict), f"its {name}", content[name])
    for name in content["fields"]:
        _require(NAME.fullmatch(name), "the name of a field", name)
    fields = {name: _decode_field(name, entry) for name, entry in content["fields"].items()}
    _require(fields, "its fields", fields)
    return Metadata(**{**content, "fields": fields})


def _decode_field(name: str, entry: object) -> FieldRecord:
    if not isinstance(entry, dict) or set(entry) != set(FieldRecord.__dataclass_fields__):
        raise ValueError(f"field {name} is not described as it should be")
    shape, rows, checksums = entry["shape"], entry["rows_per_slab"], entry["checksums"]
    _require(_is_shape(shape), "a shape", shape)
    _require(_is_count(rows, 1), "rows_per_slab", rows)
    _require(
        isinstance(checksums, list)
        and all(isinstance(sum_, str) and CHECKSUM.fullmatch(sum_) for sum_ in checksums)
        and len(checksums) == -(-(shape[0] if shape else 1) // rows),
        "a list of checksums",
        checksums,
    )
    return FieldRecord(
        shape=tuple(shape), dtype=entry["dtype"], rows_per_slab=rows, checksums=tuple(checksums)
    )


def _checksum(content: Mapping[str, Any]) -> str:
    """Return the CRC-32 of the content in one spelling, whatever the file's spaces."""
    spelled = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return f"{crc32(spelled.encode()):08x}"


def _require(holds: object, what: str, value: object) -> None:
    if not holds:
        raise ValueError(f"{what} cannot be {str(value)[:80]}")


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_shape(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_AXES
        and all(_is_count(length, 0) and length < 2**63 for length in value)
    )


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object with two entries of one name, of which JSON takes the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it holds a name twice")
    return found


def _unpack(value: object) -> object:
    """Return what Python has for NumPy's scalars and arrays; JSON refuses the rest."""
    if isinstance(value, np.generic | np.ndarray) and value.dtype.kind in "biufU":
        return value.tolist()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _refuse(constant: str) -> None:
    raise ValueError(f"it holds {constant}, which is no JSON")
