"""What is typed at a question is understood, or said not to be; it never means something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.labelling.annotation import read_reply

KNOWN = ("boot", "hat", "T-shirt")


@pytest.mark.parametrize(
    ("text", "kind", "name", "left_out"),
    [
        ("boot", "name", "boot", ()),
        (" Boot ", "name", "boot", ()),
        ("t-SHIRT", "name", "T-shirt", ()),
        ("2", "name", "hat", ()),
        ("4", "name", "4", ()),
        ("", "name", "hat", ()),
        ("x 3", "name", "hat", (2,)),
        ("boot x 1,3-5", "name", "boot", (0, 2, 3, 4)),
        ("2 x 5 4", "name", "hat", (3, 4)),
        ("boot x 10", "places", "", ()),
        ("boot x 0", "places", "", ()),
        ("boot x 5-3", "places", "", ()),
        ("s", "skip", "", ()),
        ("u", "undo", "", ()),
        ("q", "quit", "", ()),
        ("?", "help", "", ()),
        ("=s", "name", "s", ()),
        ("=", "nothing", "", ()),
        ("coat", "name", "coat", ()),
        ("boots", "near", "boots", ()),
        ("=boots", "name", "boots", ()),
        ("rain  coat", "name", "rain coat", ()),
        ("n" * 101, "long", "n" * 101, ()),
        ("box", "name", "box", ()),
        ("model x", "name", "model x", ()),
    ],
)
def test_replies(text, kind, name, left_out):
    reply = read_reply(text, KNOWN, proposed="hat", count=9)
    assert (reply.kind, reply.name, reply.left_out) == (kind, name, left_out)


def test_without_a_proposal_nothing_is_accepted():
    assert read_reply("", KNOWN, count=9).kind == "nothing"
    assert read_reply("x 3", KNOWN, count=9).kind == "nothing"


def test_names_that_are_numbers_have_no_numbers():
    digits = ("0", "1", "7")
    assert read_reply("1", digits).name == "1"
    assert read_reply("3", digits).name == "3"


def test_a_closed_list_takes_no_new_name():
    reply = read_reply("boots", KNOWN, is_closed=True)
    assert (reply.kind, reply.near) == ("unknown", "boot")
    assert read_reply("=coat", KNOWN, is_closed=True).kind == "unknown"
    assert read_reply("HAT", KNOWN, is_closed=True).name == "hat"


def test_accents_typed_in_two_ways_are_one_name():
    assert read_reply("e\u0301te\u0301", ("été",)).name == "été"


@given(st.text(max_size=30), st.integers(1, 20))
def test_whatever_is_typed_is_answered(text, count):
    reply = read_reply(text, KNOWN, proposed="hat", count=count)
    assert all(0 <= place < count for place in reply.left_out)
    if reply.kind == "name":
        assert reply.name.strip() == reply.name != ""
