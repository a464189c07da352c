import pytest

from hpcpy_doctor.mailbox import Mailbox


@pytest.fixture
def bases(tmp_path):
    return [tmp_path / "first", tmp_path / "second"]


@pytest.fixture
def mailbox(bases):
    return Mailbox("launch", bases)


def test_a_letter_is_put_read_and_taken_once(mailbox):
    assert mailbox.read("a.hello") is None
    mailbox.put("a.hello", {"rank": 1})
    assert mailbox.read("a.hello") == {"rank": 1}
    assert mailbox.names(".hello") == ["a.hello"]
    assert mailbox.take("a.hello") == {"rank": 1}
    assert mailbox.take("a.hello") is None


def test_only_the_first_can_claim_a_name(mailbox, bases):
    assert mailbox.claim("reporter", {"pid": 1})
    assert not Mailbox("launch", bases).claim("reporter", {"pid": 2})
    assert mailbox.read("reporter") == {"pid": 1}
    mailbox.put("reporter", {"pid": 3})
    assert mailbox.read("reporter") == {"pid": 3}


def test_another_launch_does_not_see_it(mailbox, bases):
    mailbox.put("a.hello", {})
    assert Mailbox("other", bases).names(".hello") == []


def test_the_second_place_takes_what_the_first_does_not(mailbox, bases, tmp_path):
    bases[0].write_text("no folder")
    mailbox.put("a.hello", {"rank": 1})
    assert (bases[1] / "launch" / "a.hello").exists()
    assert mailbox.take("a.hello") == {"rank": 1}


def test_letters_of_others_in_a_place_of_others_are_not_read(mailbox, bases):
    mailbox.put("a.hello", {"rank": 1})
    bases[0].chmod(0o755)
    assert mailbox.read("a.hello") is None


def test_no_place_at_all(mailbox, bases):
    for base in bases:
        base.write_text("no folder")
    with pytest.raises(OSError, match=r"first|second|exists|folder"):
        mailbox.put("a.hello", {})
    with pytest.raises(OSError, match="no place to meet"):
        Mailbox("launch", []).put("a.hello", {})


def test_half_a_letter_is_no_letter(mailbox, bases):
    mailbox.put("a.hello", {"rank": 1})
    path = bases[0] / "launch" / "a.hello"
    path.write_text(path.read_text()[:-3])
    assert mailbox.read("a.hello") is None
    (bases[0] / "launch" / "b.hello.part").write_text("{}")
    assert mailbox.names(".hello") == ["a.hello"]


def test_a_file_gets_a_place_and_is_found_and_dropped(mailbox):
    path = mailbox.place("a.story")
    assert path.read_bytes() == b""
    assert mailbox.find("a.story") == path
    mailbox.put("a.hello", {})
    mailbox.drop("a.*")
    assert mailbox.find("a.story") is None
    assert mailbox.names("") == []


def test_the_last_one_takes_the_place_away(mailbox, bases):
    mailbox.put("a.hello", {})
    mailbox.close()
    assert bases[0].exists()
    mailbox.drop("a.hello")
    mailbox.close()
    assert not bases[0].exists()
