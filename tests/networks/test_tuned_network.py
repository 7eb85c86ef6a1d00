"""The tuned backbone begins with its published weights, all of them."""

import dataclasses

import numpy as np
import pytest
import torch

from imagier.features import FeatureEngine, Head, cut, open_backbone
from imagier.networks.tuned_network import TunedNetwork

SHAPE, CLASSES = (64, 64, 3), 3


@pytest.fixture(scope="module")
def part():
    return cut(open_backbone("features:64"))


@pytest.fixture(scope="module")
def front(part):
    return FeatureEngine(part.graph(SHAPE, full_scale=255), path="front", dimensions=4)


@pytest.fixture(scope="module")
def head(part):
    weights = np.random.default_rng(0).normal(0, 0.1, (CLASSES, part.backbone.outputs))
    return Head(weights=weights.astype(np.float32), bias=np.zeros(CLASSES, np.float32))


def test_every_weight_is_the_published_one(part, front, head):
    learnt, same_head = TunedNetwork(part, front, head).learnt()
    assert learnt.keys() == part.weights.keys()
    for name, value in part.weights.items():
        np.testing.assert_array_equal(learnt[name], value)
    np.testing.assert_array_equal(same_head.weights, head.weights)


@pytest.mark.parametrize("damage", ["misnamed", "missing", "unexpected"])
def test_a_weight_that_is_not_there_by_its_name_is_refused(part, front, head, damage):
    weights = dict(part.weights)
    name = next(name for name in weights if name.endswith(".weight"))
    if damage != "unexpected":
        value = weights.pop(name)
    if damage == "misnamed":
        weights[f"{name}s"] = value
    elif damage == "unexpected":
        name = "body.0.0.more"
        weights[name] = weights[next(iter(weights))]
    with pytest.raises(RuntimeError, match=name):
        TunedNetwork(dataclasses.replace(part, weights=weights), front, head)


def test_it_learns_with_the_means_it_was_given(part, front, head):
    """While learning it answers as it does afterwards: no batch is measured."""
    network = TunedNetwork(part, front, head)
    pixels = torch.from_numpy(np.random.default_rng(1).integers(0, 256, (5, *SHAPE), np.uint8))
    with torch.no_grad():
        torch.testing.assert_close(network.train()(pixels), network.eval()(pixels))


def test_it_answers_in_small_batches_as_at_once(part, front, head, monkeypatch):
    network = TunedNetwork(part, front, head)
    pixels = np.random.default_rng(1).integers(0, 256, (5, *SHAPE), np.uint8)
    at_once = network.probabilities(pixels)
    monkeypatch.setattr("imagier.networks.tuned_network.AT_ONCE", 2)
    np.testing.assert_allclose(network.probabilities(pixels), at_once, atol=1e-5)
