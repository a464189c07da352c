"""What ``--overwrite`` and ``--resume`` may touch, and when: digests of a whole directory."""

from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest

from hpcpy_diffusion import output as output_module
from hpcpy_diffusion import solver
from hpcpy_diffusion.__main__ import main
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

GRID = ("run", "--kernel", "numpy", "--quiet", "--set", "dx=1", "--set", "runtime=10")
OLD = (*GRID, "--set", "outtime=2", "--checkpoint-every", "15")


def digest(folder):
    """Return the bytes of all files under a folder, as digests by name."""
    return {
        str(path.relative_to(folder)): blake2b(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def held(comm, tmp_path):
    """A folder with a finished run, its checkpoints, and files of the user's own."""
    folder = Path(comm.bcast(str(tmp_path), root=0))
    code = main((*OLD, "--output", str(folder / "o")))
    parallel_assert(comm, code == 0, f"exit code {code}")
    if comm.rank == 0:
        (folder / "o" / "notes.txt").write_text("mine")
        (folder / "o" / "frames" / "step-mine.npy").write_text("mine")
        (folder / "o" / "checkpoints" / "thesis.txt").write_text("mine")
        np.save(folder / "small.npy", np.zeros((4, 4)))
        np.save(folder / "huge.npy", np.pad(np.full((20, 20), 1e308), 1))
        np.save(folder / "infinite.npy", np.pad(np.full((20, 20), np.inf), 1))
        (folder / "broken.npy").write_bytes(b"no array")
    comm.Barrier()
    return folder


REFUSED = {
    "kernel": ("unknown kernel 'nope'", "--kernel", "nope"),
    "dims": ("dims 7x3 make 21 ranks", "--dims", "7x3"),
    "huge dims": ("make 9999999999800000000001 ranks", "--dims", "99999999999x99999999999"),
    "halo": (
        "halo depth 999: the smallest block has",
        "--halo-depth",
        "999",
        "--exchange",
        "persistent",
    ),
    "no initial file": ("missing.npy does not exist", "--set", "initial=missing.npy"),
    "small initial file": ("holds an array of shape", "--set", "initial={0}/small.npy"),
    "huge initial values": ("holds 1e+308, and a step adds up", "--set", "initial={0}/huge.npy"),
    "infinite initial values": (
        "not a field of finite real numbers",
        "--set",
        "initial={0}/infinite.npy",
    ),
    "broken initial file": ("the magic string is not correct", "--set", "initial={0}/broken.npy"),
    "a folder as initial": (".npy does not exist", "--set", "initial={0}.npy"),
    "no such initial": ("choose four-peak, mode, point", "--set", "initial=nothing"),
    "memory": ("needs 5.96e+06 GiB", "--set", "dx=1e-6", "--force"),
    "gpu kernel": ("computes on a GPU", "--device", "cpu", "--kernel", "cupy-raw"),
    "transport": ("moves device arrays", "--device", "cpu", "--transport", "staged"),
    "threads": (
        "100000 threads: this process may use",
        "--kernel",
        "numba-vector",
        "--threads",
        "100000",
    ),
    "no threads": ("kernel numpy has no threads", "--threads", "2"),
    "room": (
        "most of it 500001 frames of 2008136 bytes",
        "--set",
        "dx=0.02",
        "--set",
        "runtime=100",
        "--set",
        "outtime=2e-4",
    ),
    "frames": (
        "frames of 7620736 bytes",
        "--set",
        "dx=0.0005",
        "--set",
        "runtime=60000000",
        "--set",
        "outtime=6.3e-8",
    ),
    "unknown parameter": ("unknown parameter 'nu'", "--set", "nu=1"),
    "unstable": ("is unstable", "--set", "fourier=0.3"),
    "range": (
        "has a square beyond what float64 holds",
        "--set",
        "x1=-1e200",
        "--set",
        "x2=1e200",
        "--set",
        "dx=1e198",
    ),
    "no parameter file": ("missing.toml: No such file", "missing.toml"),
    "restart from nothing": ("there is no checkpoint in", "--restart", "{0}/nothing"),
    "restart and resume": (
        "leave out --restart or it",
        "--restart",
        "{0}/o/checkpoints",
        "--resume",
    ),
    "checkpoints in the output": ("is the output directory: leave it out", "--checkpoint", "{0}/o"),
    "checkpoints below a file": (
        "below cannot be written: Not a directory",
        "--checkpoint",
        "{0}/small.npy/below",
    ),
    "long name": ("cannot be written: File name too long", "--checkpoint", "{0}/" + 300 * "x"),
}
RESUMED = {
    "other D": ("D = 2.0, but the run in", "--set", "D=2"),
    "other dtype": ("dtype = float32, but", "--set", "dtype=float32"),
    "shorter": ("is a frame that this run does not have", "--set", "runtime=4"),
    "no outtime": ("outtime = 0.0, but the run in", "--set", "outtime=0"),
    "other outtime": ("outtime = 1.0, but", "--set", "outtime=1"),
    "a multiple of outtime": ("outtime = 4.0, but", "--set", "outtime=4"),
    "longer, no outtime": ("outtime = 0.0, but", "--set", "runtime=20", "--set", "outtime=0"),
    "kernel": ("unknown kernel 'nope'", "--kernel", "nope"),
    "dims": ("dims 7x3 make 21 ranks", "--dims", "7x3"),
}


def refuse(comm, folder, argv, cases, capfd, output="o"):
    """See that each case is refused in one message, and that nothing has changed."""
    before = digest(folder) if comm.rank == 0 else None
    for name, (expected, *options) in cases.items():
        if name == "halo" and comm.size == 1:
            continue  # one rank has no halo
        words = [option.format(folder) for option in options]
        code = main((*argv, *words, "--output", str(folder / output)))
        said = capfd.readouterr().err
        parallel_assert(comm, code == 2, f"{name}: exit code {code}, {said}")
        if comm.rank == 0:
            assert said.count("error: ") == 1, (name, said)
            assert "Traceback" not in said, (name, said)
            assert expected in said, (name, said)
            after = digest(folder)
            assert after == before, (name, set(after) ^ set(before))
        comm.Barrier()


def test_a_refused_overwrite_leaves_all_as_it_was(comm, held, capfd):
    refuse(comm, held, (*OLD, "--overwrite"), REFUSED, capfd)


def test_a_refused_resume_leaves_all_as_it_was(comm, held, capfd):
    refuse(comm, held, (*OLD, "--resume"), RESUMED, capfd)
    elsewhere = {
        "elsewhere": (
            "outtime = 0.0, but the run in",
            "--restart",
            f"{held}/o/checkpoints",
            "--set",
            "outtime=0",
        )
    }
    refuse(comm, held, GRID, elsewhere, capfd)


def test_a_failed_overwrite_leaves_all_as_it_was(comm, held, capfd, monkeypatch):
    before = digest(held) if comm.rank == 0 else None

    def fill(u, *args):
        real(u, *args)
        u[u > 0.9] = np.nan

    real = solver.fill_initial
    monkeypatch.setattr(solver, "fill_initial", fill)
    new = (*GRID, "--overwrite", "--output", str(held / "o"))
    for options in ((), ("--set", "outtime=1"), ("--checkpoint-every", "3")):
        code = main((*new, *options))
        parallel_assert(comm, code == 1, f"exit code {code}")
        if comm.rank == 0:
            said = capfd.readouterr().err
            assert "the field at step " in said, said
            assert "is not finite" in said, said
            assert said.count("error: ") == 1, said
            assert digest(held) == before
        comm.Barrier()


def test_an_overwrite_replaces_all_of_the_old_run_and_nothing_else(comm, held):
    code = main((*GRID, "--set", "outtime=5", "--overwrite", "--output", str(held / "o")))
    parallel_assert(comm, code == 0, f"exit code {code}")
    if comm.rank == 0:
        frames = sorted(path.name for path in (held / "o" / "frames").glob("step-0*.npy"))
        assert frames == [f"step-{step:09d}.npy" for step in (0, 20, 40)]
        left = {str(path) for path in digest(held / "o")} - {f"frames/{name}" for name in frames}
        assert left == {
            *("field.npy", "report.json", "notes.txt"),
            *("frames/step-mine.npy", "checkpoints/thesis.txt"),
        }
    comm.Barrier()


def test_the_old_run_is_whole_until_the_new_one_is(comm, held, monkeypatch):
    before = digest(held / "o") if comm.rank == 0 else None
    seen = []

    def write_result(self, *args, **options):
        real(self, *args, **options)
        if comm.rank == 0:
            now = digest(held / "o")
            seen.append({name: now.get(name) for name in before} == before)

    real = output_module.OutputDirectory.write_result
    monkeypatch.setattr(output_module.OutputDirectory, "write_result", write_result)
    argv = (*OLD, "--set", "D=2", "--overwrite", "--output", str(held / "o"))
    code = main(argv)
    parallel_assert(comm, code == 0, f"exit code {code}")
    if comm.rank == 0:
        assert seen == [True]
        after = digest(held / "o")
        assert after["field.npy"] != before["field.npy"]
        assert not [name for name in after if name.startswith(".hpcpy")]
        steps = sorted(path.name for path in (held / "o" / "checkpoints").glob("ckpt-*"))
        assert steps == ["ckpt-000000060", "ckpt-000000075"]
    comm.Barrier()


def test_a_longer_run_goes_on_and_keeps_the_frames(comm, held):
    before = digest(held / "o" / "frames") if comm.rank == 0 else None
    argv = (*OLD, "--set", "runtime=14", "--resume", "--output", str(held / "o"))
    code = main(argv)
    parallel_assert(comm, code == 0, f"exit code {code}")
    if comm.rank == 0:
        after = digest(held / "o" / "frames")
        assert {name: after[name] for name in before} == before
        assert len(after) == len(before) + 2
    comm.Barrier()


def test_a_run_without_a_checkpoint_starts_anew_only_beside_its_own_frames(comm, held, capfd):
    """Killed before its first checkpoint: its frames stay where the parameters are the same."""
    place = held / "p"
    argv = (*OLD, "--resume", "--output", str(place))

    def stop(step):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solver, "march", lambda *args, **options: stop(0))
        with pytest.raises(KeyboardInterrupt):
            solver_main(argv)
    refuse(comm, held, argv, {"other D": ("D = 2.0, but", "--set", "D=2")}, capfd, output="p")
    code = main(argv)
    parallel_assert(comm, code == 0, f"exit code {code}")
    if comm.rank == 0:
        assert digest(place)["field.npy"] == digest(held / "o")["field.npy"]
    comm.Barrier()


def test_frames_that_are_to_go_stay_until_the_run_is_whole(comm, held):
    argv = (*OLD, "--set", "outtime=4", "--resume", "--overwrite", "--output", str(held / "o"))

    def kill(*args, **options):
        raise KeyboardInterrupt

    before = digest(held / "o" / "frames") if comm.rank == 0 else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solver, "march", kill)
        with pytest.raises(KeyboardInterrupt):
            solver_main(argv)
    comm.Barrier()
    if comm.rank == 0:
        assert digest(held / "o" / "frames") == before
    comm.Barrier()
    code = main(argv)
    parallel_assert(comm, code == 0, f"exit code {code}")
    if comm.rank == 0:
        assert set(digest(held / "o" / "frames")) == {
            "step-mine.npy",
            *(f"step-{step:09d}.npy" for step in (0, 16, 32)),
        }
    comm.Barrier()


def solver_main(argv):
    """Run the work of a command without what turns interrupts into exits."""
    from mpi4py import MPI

    from hpcpy_diffusion.command import diffusion

    work = diffusion.main(args=list(argv), prog_name="hpcpy-diffusion", standalone_mode=False)
    work(MPI.COMM_WORLD)


def test_two_jobs_in_one_directory(comm, held, capfd):
    from hpcpy_core.files.hold import hold_together

    before = digest(held / "o") if comm.rank == 0 else None
    new = (*GRID, "--overwrite")
    with hold_together(held / "o", comm):
        code = main((*new, "--output", str(held / "o")))
        parallel_assert(comm, code == 2, f"exit code {code}")
    with hold_together(held / "o" / "checkpoints", comm):
        code = main((*new, "--checkpoint", str(held / "o" / "checkpoints")))
        parallel_assert(comm, code == 2, f"exit code {code}")
    if comm.rank == 0:
        said = capfd.readouterr().err
        assert said.count("is in use by process ") == 2, said
        assert digest(held / "o") == before
    comm.Barrier()
