import json

from hpcpy_doctor.build_report import SCHEMA, build_report
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.merge import Section, merge


def test_the_schema(plain_facts, make_kind):
    facts = [plain_facts(0, 3), plain_facts(2, 3, host="node2")]
    cold = make_kind().found("3 degrees", degrees=20)
    sections = [
        Section(
            name="weather",
            title="Weather",
            found=merge([(0, [Finding.ok("sunny")]), (2, [cold])]),
            seconds=0.5,
        )
    ]
    report = json.loads(json.dumps(build_report(facts, 3, sections, 2)))
    assert report["schema"] == SCHEMA == "hpcpy-doctor/1"
    assert report["command"] == "hpcpy-doctor"
    assert report["launch"] == {
        "launcher": "mpiexec of MPICH (Hydra)",
        "announced": 3,
        "heard": 2,
        "hosts": ["node1", "node2"],
    }
    assert [(one["rank"], one["pid"]) for one in report["processes"]] == [(0, 100), (2, 102)]
    assert report["checks"] == [
        {
            "name": "weather",
            "title": "Weather",
            "level": "warning",
            "seconds": 0.5,
            "findings": [
                {
                    "level": "warning",
                    "id": "too-cold",
                    "seen": "3 degrees",
                    "cause": "Nobody heats.",
                    "cure": "heat --to 20",
                    "ranks": [2],
                    "docs": "docs/doctor/findings.md#too-cold",
                },
                {
                    "level": "ok",
                    "id": None,
                    "seen": "sunny",
                    "cause": None,
                    "cure": None,
                    "ranks": [0],
                    "docs": None,
                },
            ],
        }
    ]
    assert report["counts"] == {"ok": 0, "note": 0, "warning": 1, "error": 0}
    assert report["do_first"] == ["heat --to 20"]
    assert report["exit_code"] == 2
