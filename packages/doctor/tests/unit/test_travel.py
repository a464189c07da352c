import json

from hpcpy_doctor.finding import Finding
from hpcpy_doctor.run_checks import Examined
from hpcpy_doctor.travel import pack, unpack


def test_what_was_packed_arrives_the_same(plain_facts, make_kind):
    facts = plain_facts(2, 4, environ={"PATH": "/bin"})
    findings = (Finding.ok("sunny"), make_kind().found("3 degrees", degrees=20))
    examined = (Examined(name="weather", findings=findings, seconds=0.25),)
    assert unpack(json.loads(json.dumps(pack(facts, examined)))) == (facts, examined)


def test_what_is_on_its_way_has_no_credentials(plain_facts, monkeypatch):
    monkeypatch.setenv("SLURM_JWT", "abcdefghij")
    findings = (Finding.ok("mpiexec --token=abcdefghij"),)
    said = pack(plain_facts(), (Examined(name="weather", findings=findings, seconds=0.25),))
    assert said["examined"][0]["findings"][0]["seen"] == "mpiexec --token=***"
