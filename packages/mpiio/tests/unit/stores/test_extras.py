import importlib.util
from types import SimpleNamespace

import pytest

from hpcpy_core.errors import InputError
from hpcpy_mpiio.stores import extras as extras_module
from hpcpy_mpiio.stores.extras import import_parallel_h5py, import_zarr


@pytest.fixture
def installed(monkeypatch):
    """Choose what can be imported, and what comes of it."""

    def choose(**modules):
        monkeypatch.setattr(extras_module, "find_spec", modules.get)
        monkeypatch.setattr(extras_module, "import_module", modules.__getitem__)

    return choose


def test_missing_zarr_names_the_extra(installed):
    installed()
    with pytest.raises(InputError, match="pip install --upgrade zarr"):
        import_zarr()


def test_zarr_is_imported(installed):
    installed(zarr="the module")
    assert import_zarr() == "the module"


def test_missing_h5py_names_what_has_mpi(installed):
    installed()
    with pytest.raises(InputError, match=r"h5py is not installed.*HDF5_MPI=ON"):
        import_parallel_h5py()


def test_h5py_without_mpi_names_what_has_it(installed):
    installed(h5py=SimpleNamespace(__version__="9", get_config=lambda: SimpleNamespace(mpi=False)))
    with pytest.raises(InputError, match=r"h5py 9 is built without MPI.*HDF5_MPI=ON"):
        import_parallel_h5py()


def test_parallel_h5py_is_imported(installed):
    h5py = SimpleNamespace(get_config=lambda: SimpleNamespace(mpi=True))
    installed(h5py=h5py)
    assert import_parallel_h5py() is h5py


def test_the_real_state_of_this_environment_is_told():
    if importlib.util.find_spec("zarr") is None:
        with pytest.raises(InputError):
            import_zarr()
    else:
        assert import_zarr().__version__.startswith("3")
