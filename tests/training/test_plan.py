"""The plan: saved, read again, and its learning rate."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import ModelError, UsageError
from imagier.training import Plan, learning_rate_at


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
