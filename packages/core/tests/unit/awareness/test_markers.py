import subprocess
import sys

from hpcpy_core.awareness.markers import read_markers

SPEAKER = """
from hpcpy_core.awareness.markers import say
print("before", flush=False)
say(1, trying="p2p", bytes=8)
say(0, why='a "quoted" line\\nand one more')
"""


def test_what_ranks_say_is_read_among_other_words():
    said = subprocess.run(
        [sys.executable, "-c", SPEAKER], capture_output=True, text=True, check=True
    ).stdout
    assert said.startswith("before\n")
    assert said.count("\n") == 3, "each marker is one line"
    output = f"warning: no fabric\n[1,0]<stdout>:{said}0: {said.splitlines()[1]}\nbye"
    first, second, third = read_markers(output)
    assert first == third == {"rank": 1, "trying": "p2p", "bytes": 8}
    assert second["why"] == 'a "quoted" line\nand one more'


def test_what_is_cut_off_or_not_a_marker_is_left_out():
    lines = ['hpcpy-probe {"rank": 0, "tr', "hpcpy-probe ", "hpcpy-probe 7", "hpcpy-probe {}", "{}"]
    assert list(read_markers("\n".join(lines))) == []
