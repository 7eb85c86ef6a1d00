"""What is asked is checked at the door."""

import pytest

from imagier.errors import UsageError
from imagier.learning import TrainOptions, parse_budget


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60s", 60), ("60", 60), (60, 60), ("2m", 120), ("2 min", 120), ("1.5h", 5400), ("0,5m", 30)],
)
def test_lengths_of_time(text, seconds):
    assert parse_budget(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-5s", "0", "5d", "1e99", "nan", "٣s"])
def test_what_is_no_length_of_time(text):
    with pytest.raises(UsageError) as caught:
        parse_budget(text)
    assert caught.value.code == "bad_budget"


def test_only_one_thing_decides_how_long():
    with pytest.raises(UsageError) as caught:
        TrainOptions(budget=60, epochs=3)
    assert caught.value.code == "choose_one"
    assert "--budget, --epochs" in caught.value.message


def test_a_minute_when_nothing_is_said():
    assert TrainOptions().seconds == 60
    assert TrainOptions(epochs=2).seconds is None
    assert TrainOptions(plan="model").seconds is None
    assert TrainOptions(budget=5).seconds == 5


@pytest.mark.parametrize("field", ["seed", "shuffle_pixels"])
@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_that_no_generator_takes_is_refused_at_once(field, seed):
    with pytest.raises(UsageError) as caught:
        TrainOptions(**{field: seed})
    assert caught.value.code == "bad_seed"
    assert str(seed) in caught.value.message
