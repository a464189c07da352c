"""A report is what `bench` has written, and nothing that is waited for or ends in a traceback."""

import json
import os

import pytest

from hpcpy_collectives.read_report import COMMAND, read_measurements, read_report
from hpcpy_core.errors import InputError

ROW = {"op": "bcast", "api": "buffer", "size": 8, "unit": "s", "median": 1e-6}
REPORT = {"command": COMMAND, "schema": 1, "measurements": [ROW]}


def test_a_report_is_read_also_with_a_mark_of_its_encoding(tmp_path):
    path = tmp_path / "a.json"
    for begin in (b"", b"\xef\xbb\xbf"):
        path.write_bytes(begin + json.dumps(REPORT).encode())
        assert read_report(path) == REPORT
        assert read_measurements(path) == {("bcast", "buffer", 8): {"unit": "s", "median": 1e-6}}


def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path, kind in ((tmp_path / "fifo", "a FIFO"), ("/dev/zero", "a character device")):
        with pytest.raises(InputError, match=rf"not a regular file \({kind}\); write one with"):
            read_report(path)
    with pytest.raises(InputError, match=r"not a regular file \(a directory\)"):
        read_report(tmp_path)
    with pytest.raises(InputError, match="No such file"):
        read_report(tmp_path / "missing")


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, "9" * 5_000, '{"a": ' * 60_000, "\0", '"\ud800"']
)
def test_what_is_not_json_is_one_short_message(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(InputError) as caught:
        read_report(path)
    assert len(str(caught.value)) < 600 + len(str(path))


@pytest.mark.parametrize(
    "change",
    [
        {"median": "x" * 100_000},
        {"median": None},
        {"median": -1},
        {"median": float("nan")},
        {"size": float("inf")},
        {"size": "9" * 5_000},
        {"size": []},
    ],
    ids=lambda change: str(change)[:20],
)
def test_figures_that_make_no_sense_are_one_short_message(tmp_path, change):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({**REPORT, "measurements": [{**ROW, **change}]}))
    with pytest.raises(InputError, match="measure again") as caught:
        read_measurements(path)
    assert len(str(caught.value)) < 600 + len(str(path))
