import pytest

from hpcpy_core.errors import InputError
from hpcpy_core.launch import Announcement
from hpcpy_diffusion import refuse_ranks as module
from hpcpy_diffusion.refuse_ranks import refuse_ranks


@pytest.fixture
def started(monkeypatch):
    """Return a function that sets what the launcher announces."""

    def announce(size, rank):
        said = Announcement(launcher="mpiexec", variable="PMI_SIZE", size=size, rank=rank)
        monkeypatch.setattr(module, "read_announcement", lambda: said)

    return announce


def test_one_process_is_right(monkeypatch, started):
    monkeypatch.setattr(module, "read_announcement", lambda: None)
    refuse_ranks("scaling")
    started(1, 0)
    refuse_ranks("scaling")


def test_of_several_the_first_says_it(started):
    started(4, 0)
    with pytest.raises(InputError, match="scaling is one process, but mpiexec has started 4: "):
        refuse_ranks("scaling")


def test_of_several_the_others_are_silent(started, capsys):
    started(4, 3)
    with pytest.raises(SystemExit) as left:
        refuse_ranks("scaling")
    assert left.value.code == 2
    assert capsys.readouterr() == ("", "")
