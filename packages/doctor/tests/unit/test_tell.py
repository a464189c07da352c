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
    teller, section = tell()
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
    teller, section = tell(color="always")
    teller.tell(section)
    assert "\x1b[32m" in capsys.readouterr().out


def test_letters_that_the_terminal_lacks_are_no_error(tell, monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    teller, section = tell("/home/zo\u00eb/\udcff")
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
