"""Room that is taken and given back, and the rate of a token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import MachineError, UsageError
from imagier.server.admission import Places, RateLimit


def test_there_is_no_more_room_than_there_is():
    places = Places(2, code="server_busy")
    with places.held(), places.held(), pytest.raises(MachineError) as caught:
        places.take()
    assert caught.value.facts["seconds"] == 1
    assert places.taken == 0


def test_room_is_given_back_after_an_error():
    places = Places(1, code="server_busy")
    with pytest.raises(ValueError, match="x"), places.held():
        raise ValueError("x")
    places.take()


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def passes(limit, name="a"):
    try:
        limit.count(name)
    except UsageError:
        return False
    return True


@given(
    rate=st.floats(0.1, 50),
    pauses=st.lists(st.floats(0, 1), min_size=1, max_size=60),
)
def test_no_more_pass_than_the_rate_and_its_reserve(rate, pauses):
    clock = Clock()
    limit = RateLimit(rate, clock=clock)
    passed = 0
    for pause in pauses:
        clock.now += pause
        passed += passes(limit)
    assert passed <= max(1, rate) + rate * clock.now + 1e-6


def test_waiting_as_long_as_told_is_enough():
    clock = Clock()
    limit = RateLimit(0.3, clock=clock)
    assert passes(limit)
    with pytest.raises(UsageError) as caught:
        limit.count("a")
    clock.now += caught.value.facts["seconds"]
    assert passes(limit)


def test_each_token_has_its_own():
    limit = RateLimit(1, clock=Clock())
    assert passes(limit)
    assert not passes(limit)
    assert passes(limit, "b")


def test_without_a_rate_all_pass():
    limit = RateLimit(None)
    assert all(passes(limit) for _ in range(1000))
