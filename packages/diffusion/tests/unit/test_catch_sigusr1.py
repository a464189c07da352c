import os
import signal

import pytest

from hpcpy_diffusion.catch_sigusr1 import catching_sigusr1


@pytest.fixture(autouse=True)
def disposition():
    """Put back what the tests' own process does with the signal."""
    before = signal.getsignal(signal.SIGUSR1)
    yield before
    signal.signal(signal.SIGUSR1, before)


def test_the_signal_is_noted_and_nothing_else_happens():
    with catching_sigusr1() as request:
        assert not request.seen
        os.kill(os.getpid(), signal.SIGUSR1)
        assert request.seen


def test_without_a_signal_all_is_as_before(disposition):
    with catching_sigusr1():
        assert signal.getsignal(signal.SIGUSR1) != disposition
    assert signal.getsignal(signal.SIGUSR1) == disposition


def test_a_late_signal_does_not_kill_a_process_that_has_stopped():
    with catching_sigusr1() as request:
        request.seen = True  # the other ranks said so
    os.kill(os.getpid(), signal.SIGUSR1)
    assert signal.getsignal(signal.SIGUSR1) == signal.SIG_IGN
