import os
import sys
import time

import pytest

from hpcpy_testing.processes import of_job
from hpcpy_testing.run_job import run_job

CHILD = "import subprocess; print(subprocess.Popen(['sleep', '60'], start_new_session=True).pid)"


def python(program, **options):
    settings = {"env": os.environ, "timeout": 20.0, **options}
    return run_job([sys.executable, "-c", program], **settings)


def test_what_a_job_returned_and_said():
    done = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n")
    assert not done.timed_out
    assert done.leftovers == ()
    assert 0 < done.seconds < 10


def test_a_grandchild_in_a_session_of_its_own_does_not_survive():
    done = python(CHILD)
    assert len(done.leftovers) == 1
    assert done.leftovers[0] == f"process {done.stdout.strip()}: sleep 60"


def test_a_lost_job_is_ended():
    done = python("import time; time.sleep(60)", lost=lambda: True)
    assert done.returncode == -15
    assert not done.timed_out
    assert done.seconds < 10


def test_time_is_over():
    done = run_job(["timeout", "1", "sleep", "60"], env=os.environ, timeout=1.0)
    assert done.returncode == 124
    assert done.timed_out


def test_an_interrupted_caller_leaves_nothing(monkeypatch):
    token = "test-an-interrupted-caller"
    monkeypatch.setattr("uuid.uuid4", lambda: type("Fixed", (), {"hex": token}))
    began = time.monotonic()

    def interrupt():
        if len(of_job(token)) > 0:
            raise KeyboardInterrupt
        return time.monotonic() - began > 10

    with pytest.raises(KeyboardInterrupt):
        python("import time; time.sleep(60)", lost=interrupt)
    assert of_job(token) == []
