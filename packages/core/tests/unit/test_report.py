import json
import platform
from datetime import datetime

import mpi4py
import pytest
from mpi4py import MPI

from hpcpy_core.errors import FileError
from hpcpy_core.report import SCHEMA_VERSION, build_report, write_report
from hpcpy_core.selection import select


@pytest.fixture
def report():
    selection = select("auto", "auto", MPI.COMM_SELF)
    return build_report("test", selection, {"n": 3}, seconds={"total": 1.5})


def test_report_says_what_ran_where(report):
    assert report["schema"] == SCHEMA_VERSION
    assert report["parameters"] == {"n": 3}
    assert report["seconds"] == {"total": 1.5}
    assert report["versions"]["mpi4py"] == mpi4py.__version__
    assert report["versions"]["python"] == platform.python_version()
    assert report["machine"]["cores"] >= 1
    assert report["ranks"] == 1
    assert datetime.fromisoformat(report["date"]).tzinfo is not None


def test_report_is_plain_json(report, tmp_path):
    write_report(tmp_path / "report.json", report)
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == report


def test_a_report_that_cannot_be_written_is_said(report, tmp_path):
    with pytest.raises(FileError, match="cannot write"):
        write_report(tmp_path / "missing" / "report.json", report)


def test_a_report_has_no_credentials(tmp_path, monkeypatch):
    monkeypatch.setenv("SLURM_JWT", "abcdefghij")
    selection = select("auto", "auto", MPI.COMM_SELF)
    told = build_report("test", selection, {"host": "http://me:pw@host"}, words=["x abcdefghij"])
    assert told["parameters"] == {"host": "http://***@host"}
    assert told["words"] == ["x ***"]
    write_report(tmp_path / "report.json", {"words": "x abcdefghij"})
    assert json.loads((tmp_path / "report.json").read_text()) == {"words": "x ***"}
