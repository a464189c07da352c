from hpcpy_collectives.ping_pong import ping_pong


def test_the_leader_sends_first_and_both_return_what_came():
    notes = []

    def send():
        notes.append("send")

    def recv():
        notes.append("recv")
        return 7

    assert ping_pong(send, recv, leads=True)() == 7
    assert ping_pong(send, recv, leads=False)() == 7
    assert notes == ["send", "recv", "recv", "send"]
