"""The plan: saved, read again, and its learning rate."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import ModelError, UsageError
from imagier.i18n import use_language
from imagier.training import Plan, learning_rate_at
from imagier.training.schedule import is_averaged_at

PLAIN = {
    "optimizer": "adamw",
    "momentum": 0.9,
    "beta2": 0.99,
    "schedule": "one-cycle",
    "warm_up": 0.2,
    "label_smoothing": 0.0,
    "shift": 0,
    "rotation": 0.0,
    "stretch": 0.0,
    "flip": False,
    "averaging": 0.0,
    "shuffle_pixels": None,
}


def test_it_survives_json(plan):
    cut = plan.cut(2, 3)
    assert Plan.from_json(cut.to_json()) == cut


@pytest.mark.parametrize("damage", ["missing", "epochs", "cuts", "loss"])
def test_a_damaged_plan_is_refused(plan, damage):
    data = plan.to_json()
    if damage == "missing":
        del data["seed"]
    else:
        data[damage] = {"epochs": "many", "cuts": [[1]], "loss": "love"}[damage]
    with pytest.raises(ModelError) as caught:
        Plan.from_json(data)
    assert caught.value.code == "bad_plan"


@pytest.mark.parametrize("damage", ["older", "newer"])
def test_a_plan_of_another_format_is_refused_by_name(plan, damage):
    data = plan.to_json()
    if damage == "older":  # as written before formats were numbered
        del data["format"]
        data["second_momentum"] = data.pop("beta2")
    else:
        data["format"] = 3
    with pytest.raises(ModelError) as caught:
        Plan.from_json(data)
    assert caught.value.code == "plan_format"
    found = "1" if damage == "older" else "3"
    assert caught.value.facts == {"format": found, "known": 2}
    for language in ("en", "fr"):
        with use_language(language):
            assert found in caught.value.message
            assert "--plan" in caught.value.next_step


@pytest.mark.parametrize("data", [None, [], "plan", {}])
def test_what_is_no_plan_is_refused(data):
    with pytest.raises(ModelError):
        Plan.from_json(data)


def test_what_a_plan_does_not_say_keeps_the_plain_loop(plan):
    older = {name: value for name, value in plan.to_json().items() if name not in PLAIN}
    assert Plan.from_json(older) == plan
    assert dataclasses.asdict(plan).items() >= PLAIN.items()


def test_a_constant_rate_stays(plan):
    constant = dataclasses.replace(plan, schedule="constant")
    assert {learning_rate_at(constant, share * 4) for share in (0, 0.1, 0.5, 1)} == {0.01}


def test_the_average_follows_the_plan_of_its_moment(plan):
    averaging = dataclasses.replace(plan, averaging=0.5)
    cut = averaging.cut(2, 3)
    assert [is_averaged_at(averaging, at) for at in (1.9, 2.1, 4)] == [False, True, True]
    assert [is_averaged_at(cut, at) for at in (1.6, 1.9, 2.0, 3)] == [False, False, True, True]
    assert not is_averaged_at(plan, 4)


def test_wrong_numbers_are_refused(plan):
    with pytest.raises(UsageError):
        dataclasses.replace(plan, epochs=0)
    with pytest.raises(UsageError):
        dataclasses.replace(plan, loss="love")


@given(epochs=st.integers(1, 50), data=st.data())
def test_the_rate_stays_between_zero_and_its_peak_and_ends_at_zero(epochs, data):
    plan = Plan(
        network="cnn",
        epochs=epochs,
        epoch_size=10,
        batch_size=2,
        learning_rate=0.1,
        weight_decay=0.0,
        loss="squared",
        class_weights=(1.0,),
        patience=None,
        seed=0,
        threads=1,
    )
    if epochs > 2 and data.draw(st.booleans()):
        done = data.draw(st.integers(1, epochs - 1))
        plan = plan.cut(done, data.draw(st.integers(done + 1, epochs)))
    rates = [learning_rate_at(plan, plan.total * share / 100) for share in range(101)]
    assert all(0 <= rate <= 0.1 + 1e-12 for rate in rates)
    assert rates[-1] == pytest.approx(0)
    assert max(rates) > 0
