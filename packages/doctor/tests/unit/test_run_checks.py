import threading

import pytest

from hpcpy_doctor.finding import Finding
from hpcpy_doctor.run_checks import PASSIVE_SECONDS, run_check


def test_a_check_is_given_the_facts(make_check, plain_facts):
    check = make_check(run=lambda facts: [Finding.ok(f"{len(facts)} processes")])
    done = run_check(check, (plain_facts(0, 2), plain_facts(1, 2)))
    assert (done.name, done.findings) == ("weather", (Finding.ok("2 processes"),))
    assert 0 <= done.seconds < PASSIVE_SECONDS


def collapse(facts):
    yield Finding.ok("sunny")
    raise RuntimeError("storm")


@pytest.mark.parametrize(
    ("run", "before", "seen"),
    [
        (collapse, 1, "weather: RuntimeError: storm"),
        (lambda facts: 1 / 0, 0, "weather: ZeroDivisionError: division by zero"),
        (lambda facts: [], 0, "weather: ValueError: it has found nothing"),
        (lambda facts: ["sunny"], 0, "weather: TypeError: 'sunny' is no Finding"),
    ],
    ids=["in the middle", "at once", "nothing found", "no finding"],
)
def test_a_check_that_fails_is_a_finding(make_check, run, before, seen):
    findings = run_check(make_check(run=run), ()).findings
    assert len(findings) == before + 1
    assert findings[-1].id == "check-failed"
    assert findings[-1].seen.startswith(seen)
    assert findings[-1].cure == "hpcpy-doctor --skip weather"


def test_a_check_that_does_not_end_is_left_alone(make_check):
    goes_on = threading.Event()

    def hang(facts):
        yield Finding.ok("sunny")
        goes_on.wait(60)
        yield Finding.ok("later")

    done = run_check(make_check(run=hang), (), limit=0.1)
    goes_on.set()
    assert [found.id for found in done.findings] == [None, "check-failed"]
    assert "has not ended after 0.1 s" in done.findings[-1].seen
