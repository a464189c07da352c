from mpi4py import MPI

from hpcpy_core.decomposition import Decomposition
from hpcpy_core.selection import select
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.plan import Plan
from hpcpy_diffusion.result import Result
from hpcpy_diffusion.summary import summarise


def test_the_table_fits_a_terminal_and_gives_the_share():
    result = Result(
        parameters=Parameters(),
        kernel="numba-parallel",
        dims=(2, 2),
        plan=Plan(
            exchange="persistent", depth=16, chunk=16, overlap=False, threads=1, why="as asked"
        ),
        selection=select("auto", "auto", MPI.COMM_SELF),
        seconds={"total": 3600.0, "compute": 2700.0, "halo": 900.0, "output": 0.0},
        gcells_per_second=1.5,
        mass=36.0,
        decomposition=Decomposition(shape=(301, 301), dims=(2, 2), boundary=1),
        block=None,
        comm=MPI.COMM_SELF,
    )
    text = summarise(result)
    assert "2x2, kernel numba-parallel, exchange persistent, halo depth 16" in text
    assert "halo share 25%" in text
    assert "13410 steps to t = 15" in text
    assert max(map(len, text.splitlines())) <= 80
