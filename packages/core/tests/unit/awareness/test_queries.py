from hpcpy_core.awareness.queries import ASKED, WORTH, ask_environment


def test_wishes_are_named_with_their_values():
    environ = {"UCX_TLS": "cuda", "MPICH_GPU_SUPPORT_ENABLED": "1", "HOME": "/"}
    assert ask_environment(environ) == {ASKED: "MPICH_GPU_SUPPORT_ENABLED=1 UCX_TLS=cuda"}
    assert ask_environment({"HOME": "/"}) == {ASKED: "nothing"}


def test_each_answer_has_its_worth():
    assert set(ask_environment({})) <= set(WORTH)
