from hpcpy_doctor.probing.find_words import find_words

HYDRA = """
Abort(204096911): Fatal error in internal_Init_thread: Other MPI error, error stack:
find_provider(132).........: OFI call getinfo failed (No data available)
Abort(204096911): Fatal error in internal_Init_thread: Other MPI error, error stack:

===================================================================================
=   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES
=   EXIT CODE: 15
"""
PRTERUN = """\
--------------------------------------------------------------------------
No components were able to be opened in the pml framework.

  Framework: pml
--------------------------------------------------------------------------
[vm:00000] *** An error occurred in MPI_Init_thread
[vm:00000] *** MPI_ERRORS_ARE_FATAL (processes in this communicator will now abort,
prterun has exited due to process rank 1 with PID 0 on node vm calling
"abort".
"""
PYTHON = """\
Traceback (most recent call last):
  File "x.py", line 3, in <module>
    import mpi4py
ModuleNotFoundError: No module named 'mpi4py'
"""


def test_what_tells_the_cause_is_kept():
    assert find_words(HYDRA) == (
        "Abort(204096911): Fatal error in internal_Init_thread: Other MPI error, error stack: "
        "find_provider(132).........: OFI call getinfo failed (No data available)"
    )
    assert find_words(PRTERUN) == (
        "No components were able to be opened in the pml framework. Framework: pml"
    )
    assert find_words(PYTHON) == "ModuleNotFoundError: No module named 'mpi4py'"
    assert find_words("\0\n----\n") == ""


def test_of_many_words_the_first_and_the_last_are_kept():
    words = find_words("\n".join(f"line {n}" for n in range(1000)))
    assert len(words) < 420
    assert words.startswith("line 0 line 1 ")
    assert words.endswith(" line 999")
