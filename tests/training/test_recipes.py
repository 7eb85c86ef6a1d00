"""The recipes: plans that can be carried out, and do no harm."""

import dataclasses

import pytest

from imagier.neurons import canonical, describe, parse_spec, total
from imagier.training import Plan
from imagier.training.recipes import MAX_EPOCHS, RECIPES, recipe, tiers

NETWORKS = ["linear", "dense:8,8", "cnn", "cnn:16,32:max", "lenet", "alexnet", "googlenet:paper"]


def plan_with(plan, network, **asked):
    asked = {"pictures": 60_000, "loss": "cross-entropy"} | asked
    return dataclasses.replace(plan, network=network, **recipe(network, **asked))


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("optimizer", [None, "adamw", "muon", "sgd"])
def test_every_recipe_is_a_plan_that_keeps_names_true(plan, network, optimizer):
    made = plan_with(plan, network, optimizer=optimizer)
    assert Plan.from_json(made.to_json()) == made
    assert not made.flip
    assert made.rotation == 0
    assert made.shift == 0
    assert made.optimizer == (optimizer or "adamw")


def test_every_family_has_one():
    families = {network.partition(":")[0] for network in NETWORKS}
    assert families | {"finetune", "reader"} == set(RECIPES)


def test_sgd_is_that_of_books(plan):
    made = plan_with(plan, "dense:8,8:sigmoid", optimizer="sgd")
    assert (made.momentum, made.schedule, made.weight_decay) == (0.0, "constant", 0.0)
    assert made.label_smoothing == 0.0


def test_fewer_pictures_are_learnt_in_smaller_batches_and_steps(plan):
    few, many = (plan_with(plan, "cnn", pictures=pictures) for pictures in (1_000, 60_000))
    assert (few.batch_size, many.batch_size) == (32, 128)
    assert few.learning_rate == pytest.approx(many.learning_rate / 2)


def test_only_cross_entropy_is_smoothed(plan):
    assert plan_with(plan, "cnn").label_smoothing == 0.1
    assert plan_with(plan, "cnn", loss="squared").label_smoothing == 0.0


def work(network, side):
    shape = (side, side, 1)
    return total(describe(parse_spec(network, input=shape, classes=10), shape)).multiplications


@pytest.mark.parametrize("side", [8, 12, 13, 28, 40, 41, 64])
def test_each_tier_looks_closer_and_wants_more_time(side):
    found = tiers(side)
    assert [canonical(tier.network) for tier in found] == [tier.network for tier in found]
    works = [work("cnn", side), *(work(tier.network, side) for tier in found)]
    assert works == sorted(works)
    times = [tier.min_epochs * work(tier.network, side) for tier in found]
    assert times == sorted(times)
    assert all(1 <= tier.min_epochs <= tier.max_epochs for tier in found)


@pytest.mark.parametrize("side", [8, 28, 64])
def test_every_tier_is_a_plan(plan, side):
    for tier in tiers(side, is_ink=True):
        made = plan_with(plan, tier.network)
        made = dataclasses.replace(made, **tier.fields)
        assert Plan.from_json(made.to_json()) == made


def test_only_signs_drawn_by_hand_are_turned_and_by_little():
    assert not any("rotation" in tier.fields for tier in tiers(28))
    turned = [tier.fields["rotation"] for tier in tiers(28, is_ink=True) if tier.fields]
    assert turned
    assert max(turned) <= 15


def test_every_family_has_most_epochs():
    assert set(MAX_EPOCHS) == set(RECIPES)
