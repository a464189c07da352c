import pytest

from hpcpy_core.no_gpu import NoGpu
from hpcpy_core.places import Place, describe_gpus, describe_missing, describe_sharing

H100, A100 = "NVIDIA H100 80GB HBM3", "NVIDIA A100"


def place(rank, node=0, ordinal=0, *, missing=None, name=H100, visible=4):
    return Place(
        rank=rank,
        host=f"node{node}",
        node=node,
        visible=visible,
        ordinal=ordinal,
        uuid=f"{node}-{ordinal}",
        name=name,
        missing=NoGpu(missing, "mend it") if missing else None,
    )


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ([place(0), place(1)], None),
        ([place(0, missing="no cupy")], "no GPU: no cupy"),
        ([place(0, missing="no cupy"), place(1, 1, missing="full")], "no GPU: no cupy"),
        ([place(0), place(1, missing="full")], "no GPU for rank 1: full"),
        ([place(0), place(1, 1, missing="none")], "no GPU on node1: none"),
        (
            [place(0), place(1, 1, missing="none"), place(2, 2, missing="none")],
            "no GPU on 2 of 3 nodes, first node1: none",
        ),
    ],
)
def test_who_lacks_a_gpu_and_why(places, words):
    assert describe_missing(places) == words


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ([place(0)], H100),
        ([place(0, 0, 0), place(1, 0, 1)], f"2 {H100}"),
        ([place(0, 0), place(1, 1)], f"2 {H100}"),
        ([place(0), place(1)], f"{H100}, shared by 2 ranks"),
        ([place(0), place(1, 0, 1), place(2)], f"2 {H100}, shared by 3 ranks"),
        ([place(0), place(1, 1, name=A100)], f"{H100} and {A100}"),
        ([place(rank, 0, rank, name=str(rank)) for rank in range(3)], "3 GPUs of 3 kinds"),
    ],
)
def test_what_computes(places, words):
    assert describe_gpus(places) == words


def test_a_gpu_for_each_rank_is_no_warning():
    assert describe_sharing([place(0), place(1, 0, 1), place(2, 1, 0)]) is None


def test_who_shares_which_gpu_and_what_to_do():
    places = [place(0, visible=1), place(1, visible=1), place(2, 1, visible=1)]
    assert describe_sharing(places) == (
        f"ranks 0 and 1 of node0 share GPU 0 ({H100}). They wait for each other's kernels and "
        "split its memory. Start at most 1 rank per node, or let their kernels run side by side "
        "with NVIDIA's MPS (nvidia-cuda-mps-control -d)"
    )


def test_more_ranks_than_gpus():
    places = [place(rank, 0, rank % 2, visible=2) for rank in range(5)]
    warning = describe_sharing(places)
    assert warning.startswith(f"ranks 0, 2 and 4 of node0 share GPU 0 ({H100}); ranks 1 and 3 of ")
    assert "Start at most 2 ranks per node" in warning


def test_the_node_with_the_fewest_gpus_limits_the_ranks():
    small = [place(rank, 0, 0, visible=1) for rank in range(2)]
    large = [place(rank, 1, rank % 2, visible=2) for rank in range(2, 6)]
    assert "Start at most 1 rank per node" in describe_sharing([*small, *large])


def test_a_gpu_that_all_were_told_to_take_beside_idle_ones():
    warning = describe_sharing([place(0), place(1)])
    assert "--device gpu gives them different ones" in warning


def test_a_large_job_is_told_in_few_words():
    places = [place(rank, rank // 64, rank % 2, visible=2) for rank in range(640)]
    warning = describe_sharing(places)
    assert "32 ranks from 0 to 62 of node0 share GPU 0" in warning
    assert "16 more GPUs are shared" in warning
    assert len(warning) < 600
