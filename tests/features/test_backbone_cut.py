"""A backbone cut in two sees what the whole sees, and its second part can learn."""

import numpy as np
import pytest
import torch

from imagier.features import (
    FeatureEngine,
    Head,
    cut,
    open_backbone,
    run_features,
    tuned_backbone,
)
from imagier.networks.tuned_network import TunedNetwork
from imagier.neurons import describe, output_shape, total
from imagier.neurons.classics.efficientnet_lite import efficientnet_lite0_features

SHAPE, CLASSES = (64, 64, 3), 3


@pytest.fixture(scope="module")
def part():
    return cut(open_backbone("features:64"))


@pytest.fixture(scope="module")
def front(part):
    return FeatureEngine(part.graph(SHAPE, full_scale=255), path="front", dimensions=4)


@pytest.fixture
def network(part, front):
    head = np.random.default_rng(0).normal(0, 0.1, (CLASSES, part.backbone.outputs))
    return TunedNetwork(
        part, front, Head(weights=head.astype(np.float32), bias=np.zeros(CLASSES, np.float32))
    )


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(1).integers(0, 256, (5, *SHAPE), np.uint8)


def features(backbone, pictures):
    return run_features(backbone.graph(SHAPE, full_scale=255), pictures, path="whole")


def test_both_parts_together_see_what_the_whole_sees(part, network, pictures):
    whole = features(part.backbone, pictures)
    network.eval()
    with torch.inference_mode():
        seen = network.body[0](network.maps(torch.from_numpy(pictures))).numpy()
    np.testing.assert_allclose(seen, whole, atol=1e-4)
    head = network.learnt()[1]
    np.testing.assert_allclose(
        network.probabilities(pictures), head.probabilities(whole), atol=1e-4
    )


def test_joined_again_with_nothing_learnt_it_is_the_same_file(part):
    assert part.joined(part.weights).core == part.backbone.core


def test_what_was_learnt_is_in_the_joined_backbone(part, network, pictures):
    pixels, labels = torch.from_numpy(pictures), torch.tensor([0, 1, 2, 0, 1])
    network.train()
    for _ in range(3):
        torch.nn.functional.cross_entropy(network(pixels), labels).backward()
    with torch.no_grad():
        for weight in network.parameters():
            weight.sub_(0.01 * weight.grad)
    learnt, head = network.learnt()
    joined = part.joined(learnt)
    assert joined.key != part.backbone.key
    seen = features(joined, pictures)
    assert np.abs(seen - features(part.backbone, pictures)).max() > 1e-3
    np.testing.assert_allclose(head.probabilities(seen), network.probabilities(pictures), atol=1e-4)


def test_learning_measures_no_new_means_and_spreads(part, network, pictures):
    network.train()
    network(torch.from_numpy(pictures))
    learnt, _ = network.learnt()
    measured = [name for name in part.weights if "running_" in name]
    assert measured
    for name in measured:
        np.testing.assert_array_equal(learnt[name], part.weights[name])


def test_behind_the_cut_lie_most_numbers_and_a_third_of_the_work(part):
    shape = SHAPE
    for layer in efficientnet_lite0_features(early=True)[:-1]:
        shape = output_shape(layer, shape)
    behind = total(describe(part.layers, shape))
    whole = total(describe(efficientnet_lite0_features(early=True), SHAPE))
    assert behind.parameters / whole.parameters == pytest.approx(0.8, abs=0.02)
    assert behind.multiplications / whole.multiplications == pytest.approx(0.36, abs=0.02)


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("finetune", "features"),
        (" Finetune:288 ", "features:288"),
        ("features", None),
        ("cnn", None),
        ("finetunes", None),
    ],
)
def test_which_backbone_a_name_says_to_tune(spec, name):
    assert tuned_backbone(spec) == name
