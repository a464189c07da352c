from hpcpy_doctor.probing.write_together import BLOCK, ROUNDS, expected


def test_blocks_of_ranks_take_turns_and_differ():
    content = expected(2)
    blocks = [content[at : at + BLOCK] for at in range(0, len(content), BLOCK)]
    assert len(blocks) == 2 * ROUNDS
    assert len(set(blocks)) == len(blocks)
    assert blocks[0] == bytes(index % 251 for index in range(BLOCK))
    assert blocks[1][0] == 101
    assert blocks[2][0] == 17
