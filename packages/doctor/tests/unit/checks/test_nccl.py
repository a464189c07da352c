import pytest

from hpcpy_doctor.checks import nccl
from hpcpy_doctor.checks.nccl import look_at_nccl

TWO = {"MPI_LOCALNRANKS": "2", "MPI_LOCALRANKID": "0"}


@pytest.fixture
def look(make_facts, monkeypatch):
    """Return a function that looks where NCCL says this, and there are so many GPUs."""

    def run(said=None, *, gpus=1, environ=TWO, cupy=True):
        monkeypatch.setattr(nccl, "find_spec", lambda _: object() if cupy else None)
        answers = {nccl.DRIVER: {"devices": [{}] * gpus}, nccl.NCCL: said}
        (found,) = look_at_nccl((make_facts(environ),), ask=answers.__getitem__)
        return found

    return run


@pytest.mark.parametrize(
    ("version", "gpus", "kind"),
    [(22703, 1, "nccl-shared-gpu"), (22703, 2, None), (23000, 1, None)],
)
def test_ranks_and_gpus(look, version, gpus, kind):
    assert look({"version": version, "path": "/libnccl.so.2"}, gpus=gpus).id == kind


def test_what_is_told(look):
    well = look({"version": 23004, "path": "/libnccl.so.2"})
    assert well.seen == "NCCL 2.30.4, /libnccl.so.2"
    assert look({"missing": "CuPy finds no libnccl.so.2"}).id == "nccl-missing"


def test_what_is_not_asked(look):
    assert look(cupy=False).seen == "not asked: there is no CuPy"
    assert look(gpus=0).seen == "not asked: there is no GPU"
    assert look(environ={**TWO, "MPI_LOCALRANKID": "1"}).level == "ok"
