import pytest

from hpcpy_core.device import CPU
from hpcpy_core.topology import count_nodes
from hpcpy_spawn_pi.examples import TOPICS

pytestmark = pytest.mark.mpi

EXAMPLES = [example for topic in TOPICS.values() for example in topic]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_every_rank_has_the_right_answer(comm, example):
    result = example.load()(comm, CPU)
    verdicts = comm.allgather((result.correct, result.expected))
    assert all(correct for correct, _ in verdicts), verdicts
    spoken = comm.allgather(bool(result.lines))
    assert any(spoken)
    assert count_nodes(comm) == 1  # so that all shields found their guard
