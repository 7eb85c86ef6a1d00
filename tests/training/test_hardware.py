"""What the machine offers is taken where it is there, and changes nothing where it is not."""

import numpy as np
import pytest
import torch

from imagier.training import train
from imagier.training.hardware import computing_in, keep_memory, machine_precision


def learned(network, examples, plan):
    return list(train(network, examples, plan))[-1]


def test_the_precision_is_one_that_a_plan_can_have(changed):
    assert changed(precision=machine_precision()).precision == machine_precision()


@pytest.mark.parametrize(("tiles", "precision"), [(True, "bfloat16"), (False, "float32")])
def test_only_tiles_of_16_bits_are_worth_it(monkeypatch, tiles, precision):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": tiles}, raising=False)
    assert machine_precision() == precision


def test_an_older_torch_keeps_32_bits(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert machine_precision() == "float32"


def test_products_are_taken_in_16_bits_and_weights_keep_32(new_network, changed, examples):
    plan = changed(precision="bfloat16")
    network = new_network()
    with computing_in(plan):
        answers = network(torch.from_numpy(examples.pixels[:4]))
    assert answers.dtype == torch.bfloat16
    epoch = learned(network, examples, plan)
    assert all(value.dtype != torch.bfloat16 for value in epoch.weights().values())


def test_learning_in_16_bits_is_as_good_and_repeats_to_the_bit(new_network, changed, examples):
    exact = learned(new_network(), examples, changed())
    rough, again = (
        learned(new_network(), examples, changed(precision="bfloat16")) for _ in range(2)
    )
    assert rough.validation_accuracy == pytest.approx(exact.validation_accuracy, abs=0.05)
    for name, value in rough.weights().items():
        np.testing.assert_array_equal(value, again.weights()[name])


def test_memory_may_be_kept_again_and_again():
    keep_memory()
    keep_memory()
    assert float(torch.ones(3).sum()) == 3
