import json
from dataclasses import replace

import pytest

from hpcpy_core.awareness import OPERATIONS, Verdict
from hpcpy_core.awareness import __main__ as module
from hpcpy_core.awareness.queries import ASKED, WORTH

VERDICT = Verdict(
    failures={"rma": "segmentation fault (Put, Get, 8 B)"},
    library="MPI 1.0",
    driver="13.0, GPU",
    nodes=1,
    seconds=2.0,
    lasting=True,
    queries={ASKED: "UCX_TLS=tcp"},
)
NONE = replace(
    VERDICT,
    failures=dict.fromkeys(OPERATIONS, "no NVIDIA driver: " + "long " * 30),
    lasting=False,
    nodes=0,
)


@pytest.fixture
def proof(tmp_path, monkeypatch):
    """The launches that were asked for, and the verdict that they bring."""
    asked = []

    def prove(launch):
        asked.append(launch)
        return asked.verdict

    class Asked(list):
        verdict = VERDICT

    asked = Asked()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(module, "identify", lambda: {"library": "MPI"})
    monkeypatch.setattr(module, "prove", prove)
    return asked


def test_it_proves_once_and_then_remembers(proof, capsys):
    assert module.main(["--json"]) == 0
    first = capsys.readouterr().out
    assert Verdict.from_json(first) == VERDICT
    assert json.loads(first)["operations"]["p2p"] == {"proven": True, "reason": None}
    assert module.main(["--json"]) == 0
    assert capsys.readouterr().out == first
    assert proof == [None]
    assert module.main(["--json", "--no-cache"]) == 0
    assert module.main(["--json", "--launch", "srun -N 2 -n '2'"]) == 0
    assert proof == [None, None, ["srun", "-N", "2", "-n", "2"]]


def test_the_table_fits_and_says_all(proof, capsys):
    assert module.main([]) == 0
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 80
    words = " ".join(said.split())
    assert "MPI MPI 1.0 driver CUDA 13.0, GPU proof on 1 node, 2.0 s, kept in " in words
    assert f"{ASKED}: UCX_TLS=tcp. {WORTH[ASKED]}" in words
    assert "p2p proven: Send, Recv, Sendrecv, Isend, Irecv" in words
    assert "rma segmentation fault (Put, Get, 8 B)" in words
    assert module.main([]) == 0
    assert "2.0 s, of an earlier proof" in " ".join(capsys.readouterr().out.split())


def test_a_proof_that_could_not_be_run(proof, capsys):
    proof.verdict = NONE
    for _ in range(2):
        assert module.main([]) == 1
        said = capsys.readouterr().out
        assert said.startswith("The proof could not be run: no NVIDIA driver: long long")
        assert max(map(len, said.splitlines())) <= 80
    assert proof == [None, None], "it is not remembered"


@pytest.mark.parametrize("launch", ["", " ", "srun 'x"])
def test_bad_words(proof, capsys, launch):
    assert module.main(["--launch", launch]) == 2
    assert "srun -n 2" in capsys.readouterr().err
    assert proof == []
