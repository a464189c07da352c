import pytest

from hpcpy_doctor.looks.installed import find_folder, find_modules, list_installed


@pytest.fixture
def install(tmp_path):
    """Return a function that leaves a distribution's metadata in a folder."""

    def install(folder, name, version):
        place = tmp_path / folder / f"{name}-{version}.dist-info"
        place.mkdir(parents=True)
        (place / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        return str(tmp_path / folder)

    return install


def test_what_matters_with_versions_and_folders(install, tmp_path):
    first = install("a", "mpi4py", "4.1.2")
    install("a", "hpcpy_core", "0.1.0")
    install("a", "click", "8.0")
    second = install("b", "mpi4py", "4.0.0")
    install("b", "cupy_cuda12x", "13.0")
    found = list_installed([first, second, first])
    assert {(one.name, one.version, one.folder.name) for one in found} == {
        ("mpi4py", "4.1.2", "a"),
        ("hpcpy-core", "0.1.0", "a"),
        ("mpi4py", "4.0.0", "b"),
        ("cupy-cuda12x", "13.0", "b"),
    }
    assert len(found) == 4


def test_damaged_metadata_is_no_distribution(tmp_path):
    (tmp_path / "mpi4py-4.1.2.dist-info").mkdir()
    assert list_installed([str(tmp_path)]) == []


def test_modules_in_the_order_of_the_folders(tmp_path):
    for name in ("a/numpy/__init__.py", "b/numpy.py", "c/numpy/other.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "d").symlink_to("a")
    files = find_modules("numpy", [tmp_path / name for name in "dbca"])
    assert files == [tmp_path / "d/numpy/__init__.py", tmp_path / "b/numpy.py"]
    assert [find_folder(file) for file in files] == [tmp_path / "d", tmp_path / "b"]
