from xml.etree import ElementTree

import numpy as np
import pytest

from hpcpy_diffusion import Parameters, run, thin
from hpcpy_diffusion.output import OutputDirectory
from hpcpy_diffusion.run_folder import RunFolder
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def prepare_output(path, parameters, comm, *, full=False):
    """Make the folders that a run writes to."""
    if comm.rank == 0:
        (path / "frames").mkdir(parents=True)
    comm.Barrier()
    return OutputDirectory(path, comm, 1 if full else thin.find_stride(parameters.shape))


def read(sidecar):
    """Return time, first item's place and items of every grid, as ParaView would find them."""
    found = []
    for grid in ElementTree.parse(sidecar).getroot().findall("Domain/Grid/Grid"):
        item = grid.find("Attribute/DataItem")
        raw = (sidecar.parent / item.text).read_bytes()[int(item.get("Seek")) :]
        origin = [float(word) for word in grid.find("Geometry/DataItem").text.split()]
        found.append((float(grid.find("Time").get("Value")), origin, np.frombuffer(raw)))
    return found


@pytest.mark.parametrize("outtime", [0.0, 0.5])
def test_sidecars_lead_to_the_field_and_to_every_frame(comm, tmp_path, outtime):
    directory = comm.bcast(tmp_path / "out", root=0)
    parameters = Parameters(dx=1.0, runtime=2.0, outtime=outtime)
    output = prepare_output(directory, parameters, comm)
    result = run(parameters, comm=comm, on_frame=output.write_frame)
    output.write_result(result, {}, plot=False, xdmf=True)
    if comm.rank == 0:
        ((time, origin, items),) = read(output.field_sidecar)
        assert time == parameters.steps * parameters.dt
        assert origin == [0.0, -11.0, -11.0]  # z, y, x
        assert np.array_equal(items, np.load(output.field).ravel())
        assert output.frames_sidecar.exists() == (outtime > 0)
    if comm.rank == 0 and outtime:
        series = read(output.frames_sidecar)
        assert [time for time, _, _ in series] == [t for t, _ in output.list_frames(parameters)]
        for (_, _, items), (_, file) in zip(series, output.list_frames(parameters), strict=True):
            assert np.array_equal(items, np.load(file).ravel())
    left = [path.name for path in RunFolder(directory).list_files() if path.suffix == ".xdmf"]
    parallel_assert(comm, len(left) == 1 + (outtime > 0), f"an earlier run is known by {left}")


def test_thinned_frames_are_as_wide_as_the_field(comm, tmp_path, monkeypatch):
    monkeypatch.setattr(thin, "LARGEST_SIDE", 10)
    directory = comm.bcast(tmp_path / "out", root=0)
    parameters = Parameters(dx=1.0, runtime=2.0, outtime=0.5)
    output = prepare_output(directory, parameters, comm)
    result = run(parameters, comm=comm, on_frame=output.write_frame)
    output.write_result(result, {}, plot=False, xdmf=True)
    parallel_assert(comm, output.stride == 3, f"{output.stride}")  # of 22 points a side
    if comm.rank == 0:
        for sidecar, shape, spacing in (
            (output.field_sidecar, "1 22 22", "1.0 1.0 1.0"),
            (output.frames_sidecar, "1 8 8", "1.0 3.0 3.0"),
        ):
            root = ElementTree.parse(sidecar).getroot()
            for grid in root.findall("Domain/Grid/Grid"):
                origin, width = grid.findall("Geometry/DataItem")
                assert grid.find("Topology").get("Dimensions") == shape
                assert (origin.text, width.text) == ("0.0 -11.0 -11.0", spacing)
