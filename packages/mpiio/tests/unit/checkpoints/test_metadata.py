import json
from zlib import crc32

import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_mpiio.checkpoints.metadata import (
    FieldRecord,
    Metadata,
    check_names,
    decode_metadata,
    describe_dtype,
    encode_metadata,
    plain_parameters,
    plan_metadata,
)

WHOLE = Metadata(
    step=120,
    time=0.1 + 0.2,
    parameters={"D": 1 / 3, "initial": "four-peak", "bounds": [1, 2]},
    versions={"numpy": "2.0"},
    fields={
        "u": FieldRecord(
            shape=(10, 7), dtype="<f8", rows_per_slab=4, checksums=("00000000", "89abcdef", "1" * 8)
        )
    },
)


def sealed(**changes):
    """Return the text of the metadata with some entries changed, and with a right checksum."""
    content = json.loads(encode_metadata(WHOLE))
    del content["checksum"]
    content |= changes
    spelled = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return json.dumps({**content, "checksum": f"{crc32(spelled.encode()):08x}"})


def field(**changes):
    """Return changes that describe the field u otherwise."""
    return {"fields": {"u": json.loads(encode_metadata(WHOLE))["fields"]["u"] | changes}}


def test_what_is_written_is_read():
    assert decode_metadata(encode_metadata(WHOLE)) == WHOLE
    assert decode_metadata(sealed()) == WHOLE


def test_every_changed_character_is_noticed():
    text = encode_metadata(WHOLE)
    assert text.index('"step"')
    changed = 0
    for place, character in enumerate(text):
        other = "1" if character == "0" else "0"
        if character.isdecimal():
            changed += 1
            with pytest.raises(ValueError, match=r"checksum is wrong|schema|JSON|delimiter|Extra"):
                decode_metadata(text[:place] + other + text[place + 1 :])
    assert changed > 50


def test_half_of_it_is_noticed():
    text = encode_metadata(WHOLE)
    for length in (0, 1, len(text) // 2, len(text) - 3):
        with pytest.raises(ValueError, match=r"."):
            decode_metadata(text[:length])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schema": 2}, "its schema is 2, known is 1"),
        ({"schema": None}, "its schema is None"),
        ({"extra": 1}, "its entries cannot be"),
        ({"step": -1}, "its step cannot be -1"),
        ({"step": True}, "its step cannot be True"),
        ({"step": "120"}, "its step cannot be 120"),
        ({"time": "now"}, "its time cannot be now"),
        ({"parameters": []}, "its parameters cannot be"),
        ({"versions": 3}, "its versions cannot be"),
        ({"fields": {}}, "its fields cannot be"),
        ({"fields": {"../x": {}}}, r"the name of a field cannot be \.\./x"),
        ({"fields": {"/etc/x": {}}}, "the name of a field cannot be /etc/x"),
        ({"fields": {"": {}}}, "the name of a field"),
        ({"fields": {"u": [1]}}, "field u is not described"),
        (field(more=1), "field u is not described"),
        (field(shape=[10, -7]), "a shape cannot be"),
        (field(shape=7), "a shape cannot be"),
        (field(rows_per_slab=0), "rows_per_slab cannot be 0"),
        (field(checksums=["00000000"] * 2), "a list of checksums"),
        (field(checksums=["00000000"] * 2 + [3]), "a list of checksums"),
        (field(checksums=["00000000"] * 2 + ["0000000G"]), "a list of checksums"),
    ],
)
def test_what_no_checkpoint_can_say_is_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        decode_metadata(sealed(**changes))


@pytest.mark.parametrize("text", ["[]", "3", '{"schema": NaN}', "[" * 100_000, "\x80", "{}"])
def test_what_is_no_metadata_at_all_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        decode_metadata(text)


@pytest.mark.parametrize(
    "name", ["../x", "a/b", ".", "..", "", "a.b", "ü", "a\n", "-x", "a" * 101, 3]
)
def test_names_that_are_no_plain_words_are_refused(name):
    with pytest.raises((InputError, TypeError), match="cannot name a file"):
        check_names([name])


def test_names_that_are_plain_words():
    check_names(["u", "U_2", "momentum-x", "0"])
    with pytest.raises(InputError, match="a checkpoint needs a field"):
        check_names([])


def test_parameters_may_be_of_numpy():
    given = {"dx": np.float32(0.5), "n": np.int64(3), "on": np.bool_(True), "a": np.arange(3)}
    plain = plain_parameters({**given, "deep": {"b": [np.float64(1.5)]}, "name": np.str_("x")})
    assert plain == {
        **{"dx": 0.5, "n": 3, "on": True, "a": [0, 1, 2]},
        **{"deep": {"b": [1.5]}, "name": "x"},
    }


def test_parameters_are_plain():
    assert plain_parameters({"a": (1, 2.5), "b": None}) == {"a": [1, 2.5], "b": None}
    for bad in (
        float("nan"),
        float("inf"),
        np.float32("nan"),
        object(),
        1j,
        np.array([1j]),
        {1, 2},
    ):
        with pytest.raises(InputError, match="cannot hold these parameters"):
            plain_parameters({"a": bad})


@pytest.mark.parametrize(
    ("step", "time", "words"),
    [
        (-1, 0.0, "step = -1"),
        (1.5, 0.0, "step = 1.5"),
        (True, 0.0, "step = True"),
        (1, float("nan"), "time = nan"),
    ],
)
def test_a_step_or_time_that_cannot_be_is_refused(step, time, words):
    with pytest.raises(InputError, match=words):
        plan_metadata(step, time, {})


def test_dtypes_are_described_as_json_has_them():
    assert describe_dtype(np.float64) == "<f8"
    assert describe_dtype(">i4") == ">i4"
    pair = np.dtype([("a", "<f4"), ("b", "<i2", (3,))])
    assert describe_dtype(pair) == json.loads(json.dumps(describe_dtype(pair)))
    assert describe_dtype(pair) != describe_dtype([("a", "<f4"), ("b", "<i2", (2,))])
