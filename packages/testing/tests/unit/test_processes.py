import os
import subprocess
import sys
import time
import uuid

import pytest

from hpcpy_testing.processes import TOKEN, end_all, of_job


@pytest.fixture
def token():
    return uuid.uuid4().hex


def start(token, *, session):
    return subprocess.Popen(
        [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"],
        env={**os.environ, TOKEN: token},
        stdout=subprocess.PIPE,
        start_new_session=session,
    )


@pytest.mark.parametrize("session", [False, True])
def test_a_process_of_the_job_is_found_and_ended_in_any_session(token, session):
    with start(token, session=session) as process:
        process.stdout.readline()
        assert of_job(token) == [process.pid]
        ended = end_all(token, settle=0)
        assert process.wait(5) == -9
    assert [line.split()[1] for line in ended] == [f"{process.pid}:"]
    assert "time.sleep(60)" in ended[0]


def test_a_process_of_another_job_is_left_alone(token):
    with start(uuid.uuid4().hex, session=False) as process:
        process.stdout.readline()
        assert end_all(token, settle=0) == []
        assert process.poll() is None
        process.kill()


def test_a_process_that_ends_by_itself_is_not_reported(token):
    with subprocess.Popen(["sleep", "0.3"], env={TOKEN: token, **os.environ}) as process:
        began = time.monotonic()
        assert end_all(token, settle=5) == []
        assert time.monotonic() - began < 4
        assert process.wait() == 0
