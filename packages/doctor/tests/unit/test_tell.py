import io
import json
import sys

import pytest

from hpcpy_doctor.command import Options
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.merge import Section, merge
from hpcpy_doctor.tell import Teller


@pytest.fixture
def tell(plain_facts):
    def make(seen="sunny", **options):
        teller = Teller(options=Options(**options), facts=[plain_facts()], announced=1)
        section = Section(name="x", title="X", found=merge([(0, [Finding.ok(seen)])]))
        return teller, section

    return make


def test_it_tells_as_it_comes(tell, capsys):
    teller, section = tell(all=True)
    teller.open()
    assert "1 process" in capsys.readouterr().out
    teller.tell(section)
    assert capsys.readouterr().out == "ok       X                 sunny\n"
    teller.close()
    assert capsys.readouterr().out == "\n1 check: 1 ok\n"
    assert teller.code == 0


def test_json_is_one_document(tell, capsys):
    teller, section = tell(as_json=True)
    teller.open()
    teller.tell(section)
    teller.close()
    assert json.loads(capsys.readouterr().out)["checks"][0]["findings"][0]["seen"] == "sunny"


def test_colours_where_they_are_wanted(tell, capsys):
    teller, section = tell(color="always", all=True)
    teller.tell(section)
    assert "\x1b[32m" in capsys.readouterr().out


def test_letters_that_the_terminal_lacks_are_no_error(tell, monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    teller, section = tell("/home/zo\u00eb/\udcff", all=True)
    teller.tell(section)
    out.flush()
    assert rb"/home/zo\xeb/\udcff" in out.buffer.getvalue()


@pytest.mark.parametrize("as_json", [False, True])
def test_what_is_told_has_no_credentials(tell, capsys, monkeypatch, as_json):
    monkeypatch.setenv("SLURM_JWT", "abcdefghij")
    teller, section = tell("srun abcdefghij http://me:pw@host/x", as_json=as_json, all=True)
    teller.open()
    teller.tell(section)
    teller.close()
    said = capsys.readouterr().out
    assert "srun *** http://***@host/x" in said
    assert "abcdefghij" not in said


def found(name, *findings):
    return Section(name=name, title=name.title(), found=merge([(None, findings)]))


@pytest.mark.parametrize("options", [{}, {"all": True}, {"only": ("mpi_jobs",)}])
def test_what_is_well_and_what_follows_are_folded_unless_wanted(tell, capsys, make_kind, options):
    error = make_kind("no-mpi-library", "error", cure="pip install mpich").found("none")
    note, later = make_kind("far", "note"), make_kind("not-tried", "note", cure="x")
    teller, _ = tell(**options)
    for section in (
        found("world", Finding.ok("one process")),
        found("mpi_library", error),
        found("launcher", Finding.ok("none")),
        found("network", note.found("1 km", degrees=1)),
        found("mpi_jobs", later.found("no library")),
        found("spawn", later.found("no library too")),
    ):
        teller.tell(section)
    teller.close()
    said = capsys.readouterr().out
    assert said.endswith("\nDo this first:\n    pip install mpich\n")
    assert ("one process" in said, "1 km" in said, "no library too" in said) == (bool(options),) * 3
    if not options:
        assert "ok       1 more            World\n" in said
        assert "note     1 note            far\n" in said
        assert "From no-mpi-library follow: not-tried (2)\n" in said
        assert "6 checks: 2 ok, 3 note, 1 error (all of it: hpcpy-doctor --all)\n" in said
