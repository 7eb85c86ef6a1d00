"""Small lessons to test the loop with."""

from dataclasses import replace

import numpy as np
import pytest

from imagier.networks import build
from imagier.neurons import parse_spec
from imagier.training import Plan, TrainingData, measure_normalisation

PLAN = Plan(
    network="cnn:4",
    epochs=4,
    epoch_size=180,
    batch_size=16,
    learning_rate=0.01,
    weight_decay=0.01,
    loss="cross-entropy",
    class_weights=(1.0, 1.0),
    patience=None,
    seed=0,
    threads=1,
)


@pytest.fixture
def plan():
    return PLAN


@pytest.fixture
def examples(stripes):
    pixels, labels = stripes
    return TrainingData(
        pixels=pixels, labels=labels, train=np.arange(180), validation=np.arange(180, 240)
    )


@pytest.fixture
def new_network(examples):
    def make(plan=PLAN):
        layers = parse_spec(plan.network, input=examples.pixels.shape[1:], classes=2)
        return build(layers, measure_normalisation(examples.pixels, examples.train), seed=plan.seed)

    return make


@pytest.fixture
def changed():
    return lambda **values: replace(PLAN, **values)
