"""A red launch shows no credentials, though pytest prints whole environments."""

DUMPS = """
def test_dumps(comm):
    print("login with", os.environ["SLURM_JWT"], flush=True)
    assert {**os.environ}["SLURM_JWT"] == "wrong"
"""


def test_a_red_launch_has_no_credentials(write_case, launcher, case_environment):
    case_environment["SLURM_JWT"] = "abcdefghij"
    outcome = launcher(write_case(f"import os\n{DUMPS}"), ranks="2")
    assert outcome.code == 1
    assert "login with ***" in outcome.output
    assert "***" in outcome.junit.read_text()
    assert "abcdefghij" not in outcome.output + outcome.junit.read_text()
