import pytest

from compile_mpi import compile_mpi
from hpcpy_core.errors import HpcpyError


@pytest.fixture
def compiled(tmp_path, script, tools):
    """Return a function that compiles a source which writes down what it was asked."""
    log = tmp_path / "calls"
    script(
        tmp_path / "source" / "configure",
        f'echo configure "$@" $LD_LIBRARY_PATH >> {log}',
    )
    etc = "${2#DESTDIR=}/opt/cuda-mpi/etc"
    tools("make", f'echo make "$@" $HOSTNAME >> {log}; [ $1 != install ] || mkdir -p {etc}')
    (tmp_path / "work").mkdir()

    def compile_it():
        prefix = compile_mpi(
            tmp_path / "source",
            tmp_path / "work",
            tmp_path / "log",
            cuda=tmp_path / "cuda",
            stub=tmp_path / "stub",
            ucx=tmp_path / "ucx",
        )
        return prefix, log.read_text().splitlines()

    return compile_it


def test_it_is_configured_compiled_and_installed_apart_from_this_machine(compiled, tmp_path):
    prefix, (configure, make, install) = compiled()
    assert prefix == tmp_path / "work" / "installed" / "opt" / "cuda-mpi"
    for name in ("cuda", "ucx"):
        assert f"--with-{name}={tmp_path / name} " in configure
    assert "--enable-mca-dso=accelerator-cuda," in configure
    assert "fcoll-vulcan" in configure.partition("--enable-mca-no-build=")[2].split()[0]
    assert make == "make -j2 hpcpy"
    assert install == f"make install DESTDIR={tmp_path}/work/installed hpcpy"
    assert "silence_warning" in (prefix / "etc" / "pmix-mca-params.conf").read_text()


@pytest.mark.parametrize("known", ["", ":/compiler/lib"])
def test_the_stub_and_ucx_are_found_and_the_compilers_own_libraries_too(
    compiled, tmp_path, monkeypatch, known
):
    monkeypatch.setenv("LD_LIBRARY_PATH", known[1:])
    configure = compiled()[1][0]
    assert configure.endswith(f" {tmp_path}/ucx/lib:{tmp_path}/stub{known}")


def test_a_step_that_fails_is_the_last(compiled, tools, tmp_path):
    tools("make", f"echo once >> {tmp_path}/makes; exit 2")
    with pytest.raises(HpcpyError, match="make ended with 2"):
        compiled()
    assert (tmp_path / "makes").read_text() == "once\n"
