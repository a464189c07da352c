import os
import subprocess
import sys

import pytest

from hpcpy_core.errors import FileError, InputError
from hpcpy_core.masking import is_secret, mask_plain, mask_text, mask_value

SECRET = """
    SLURM_JWT SLURM_JWT_KEY GITHUB_TOKEN HF_TOKEN MYTOKEN AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
    WANDB_API_KEY OPENAI_APIKEY SSH_KEY ssh_keys PMI_SMPD_KEY DB_PASSWORD PGPASSWORD SVN_PASSWD
    MYSQL_PWD DB_PASS GPG_PASSPHRASE SSH_AUTH_SOCK XAUTHORITY PMIX_AUTH proxy_auth
    GOOGLE_APPLICATION_CREDENTIALS SESSION_COOKIE HTTP_BEARER OMPI_MCA_my_secret UCX_API_KEY2
    APPTAINER_DOCKER_PASSWORD apiKey MUNGE_KEY KEY
"""
OPEN = """
    SLURM_JOB_ID SLURM_NTASKS SLURM_STEP_NODELIST SLURM_SUBMIT_DIR SLURM_CLUSTER_NAME PMI_RANK
    PMI_FD PMIX_RANK PMIX_NAMESPACE PMIX_SERVER_URI41 MPIR_CVAR_CH4_OFI_ENABLE_ATOMICS
    MPIR_CVAR_ENABLE_GPU MPIR_CVAR_KEYVAL_DEBUG HYDRA_HOST_FILE OMPI_MCA_btl OMPI_COMM_WORLD_SIZE
    UCX_TLS UCX_IB_PKEY NCCL_IB_PKEY FI_PROVIDER CUDA_VISIBLE_DEVICES PATH PWD OLDPWD HOME
    LD_LIBRARY_PATH KEYBOARD XKB_DEFAULT_LAYOUT MONKEY PRTE_MCA_rmaps_default_mapping_policy
    OMP_NUM_THREADS COMPASS_MODE SINGULARITY_PWD MPI4PY_LIBMPI HPCPY_DEVICE
"""


@pytest.mark.parametrize("name", SECRET.split())
def test_credentials_are_masked(name):
    assert is_secret(name)
    assert mask_value(name, "abc") == "***"
    assert mask_value(name, "") == ""


@pytest.mark.parametrize("name", OPEN.split())
def test_settings_are_shown(name):
    assert not is_secret(name)
    assert mask_value(name, "abc=1") == "abc=1"


def test_users_in_addresses_are_masked():
    assert mask_value("http_proxy", "http://me:pw@proxy:80/x") == "http://***@proxy:80/x"
    assert mask_value("http_proxy", "http://proxy:80/a@b") == "http://proxy:80/a@b"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("srun: token abcdefghij refused", "srun: token *** refused"),
        ("xabcdefghijx", "x***x"),
        ("pin is s1x, not s1xx or as1x", "pin is ***, not s1xx or as1x"),
        ("mpiexec -x MY_TOKEN=other -n 2 a", "mpiexec -x MY_TOKEN=*** -n 2 a"),
        ("curl --api-token other --verbose x", "curl --api-token *** --verbose x"),
        ("a --password='one two' b=c", "a --password=*** b=c"),
        ("GET https://u:p@host/x", "GET https://***@host/x"),
        ("2 ok, 0 errors", "2 ok, 0 errors"),
    ],
)
def test_texts_are_masked(text, masked):
    environ = {
        "SLURM_JWT": "abcdefghij",
        "PIN_KEY": "s1x",
        "EMPTY_KEY": "",
        "ON_KEY": "2",
        "A": "errors",
    }
    assert mask_text(text, environ) == masked


def test_the_longer_of_two_values_goes_first():
    assert mask_text("abcdefghij", {"A_KEY": "abcdefgh", "B_KEY": "abcdefghij"}) == "***"


def test_values_of_json_are_masked_at_any_depth():
    environ = {"SLURM_JWT": "abcdefghij"}
    plain = {"a": ["x abcdefghij", {"b": "abcdefghij"}], "n": 3, "f": 0.5, "none": None}
    assert mask_plain(plain, environ) == {
        "a": ["x ***", {"b": "***"}],
        "n": 3,
        "f": 0.5,
        "none": None,
    }


def test_a_traceback_has_no_credentials():
    script = "from hpcpy_core.masking import mask_tracebacks; mask_tracebacks(); {}['abcdefghij']"
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "SLURM_JWT": "abcdefghij"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "KeyError: '***'" in done.stderr
    assert "abcdefghij" not in done.stderr


def test_the_message_of_an_error_has_no_credentials(monkeypatch):
    monkeypatch.setenv("SLURM_JWT", "abcdefghij")
    assert str(InputError("abcdefghij is no number")) == "*** is no number"
    assert str(FileError("srun --token other failed")) == "srun --token *** failed"
