"""Learning: it learns, it repeats to the bit, it stops where it should."""

import itertools

import numpy as np
import pytest
import torch

from imagier.errors import DataError
from imagier.networks import build
from imagier.neurons import Dense, Dropout, Flatten, Softmax
from imagier.training import measure_normalisation, train
from imagier.training.loop import order_of


def weights_after(network, examples, plan):
    for _ in train(network, examples, plan):
        pass
    return {name: value.clone() for name, value in network.state_dict().items()}


def test_it_learns(new_network, examples, plan):
    epochs = list(train(new_network(), examples, plan))
    assert [epoch.number for epoch in epochs] == [1, 2, 3, 4]
    assert epochs[-1].validation_accuracy > 0.95
    assert epochs[-1].train_loss < epochs[0].train_loss


@pytest.mark.parametrize("loss", ["cross-entropy", "squared", "absolute"])
@pytest.mark.parametrize("network", ["linear", "dense:8", "dense:8:sigmoid", "cnn:4"])
def test_every_family_learns_with_every_loss(new_network, examples, changed, network, loss):
    plan = changed(network=network, loss=loss, epochs=10)
    epochs = list(train(new_network(plan), examples, plan))
    assert epochs[-1].train_loss < epochs[0].train_loss


def test_the_same_plan_gives_the_same_bits(new_network, examples, plan):
    first = weights_after(new_network(), examples, plan)
    torch.rand(7)  # whatever else the process draws
    second = weights_after(new_network(), examples, plan)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_another_seed_gives_other_weights(new_network, examples, plan, changed):
    other = changed(seed=1)
    first = weights_after(new_network(), examples, plan)
    second = weights_after(new_network(other), examples, other)
    assert not torch.equal(first["body.0.weight"], second["body.0.weight"])


def test_reading_the_weights_changes_nothing(new_network, examples, plan):
    watched = new_network()
    for epoch in train(watched, examples, plan):
        epoch.weights()
    plain = weights_after(new_network(), examples, plan)
    assert all(torch.equal(plain[name], value) for name, value in watched.state_dict().items())


def test_the_weights_are_a_copy(new_network, examples, plan):
    stream = train(new_network(), examples, plan)
    kept = next(stream).weights()
    before = kept["body.0.weight"].clone()
    next(stream)
    assert torch.equal(kept["body.0.weight"], before)


def test_a_cut_ends_the_plan_early_and_is_written_down(new_network, examples, plan):
    def replan(plan, epoch):
        return plan.cut(2, 3) if epoch.number == 2 else plan

    epochs = list(train(new_network(), examples, plan, replan=replan))
    assert len(epochs) == 3
    executed = epochs[-1].plan
    assert executed.cuts == ((2, 3),)
    again = weights_after(new_network(executed), examples, executed)
    assert all(torch.equal(again[name], value) for name, value in epochs[-1].weights().items())


def test_a_cut_after_the_last_epoch_is_in_the_executed_plan(new_network, examples, plan):
    def stop(plan, epoch):
        return plan.cut(2, 2) if epoch.number == 2 else plan

    epochs = list(train(new_network(), examples, plan, replan=stop))
    assert len(epochs) == 2
    assert epochs[-1].plan.total == 2
    assert len(list(train(new_network(), examples, epochs[-1].plan))) == 2


RECIPES = {
    "adamw": {},
    "sgd": {"optimizer": "sgd", "schedule": "constant", "momentum": 0.0},
    "momentum": {"optimizer": "sgd"},
    "muon": {"optimizer": "muon", "network": "cnn:4,4", "label_smoothing": 0.1},
    "averaged": {"averaging": 0.75, "shift": 1},
    "turned": {"rotation": 5.0, "stretch": 0.05, "flip": True, "averaging": 0.5},
}


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("cut", [False, True])
def test_going_on_from_a_state_gives_the_same_bits(new_network, examples, changed, recipe, cut):
    plan = changed(**{"epochs": 4, "epoch_size": 64} | RECIPES[recipe])

    def replan(plan, epoch):
        return plan.cut(1, 3) if cut and epoch.number == 1 else plan

    network = new_network(plan)
    whole, states = [], []
    for epoch in train(network, examples, plan, replan=replan):
        whole.append((epoch.weights(), epoch.train_loss, epoch.validation_loss))
        states.append(epoch.state())
    assert len(whole) == (3 if cut else 4)
    other = new_network(changed(network=plan.network, seed=9))
    resumed = [
        (epoch.weights(), epoch.train_loss, epoch.validation_loss)
        for epoch in train(other, examples, plan, after=states[1])
    ]
    assert len(resumed) == len(whole) - 2
    for (expected, *figures), (found, *again) in zip(whole[2:], resumed, strict=True):
        assert figures == again
        assert all(torch.equal(expected[name], found[name]) for name in expected)
    final = network.state_dict()
    assert all(torch.equal(final[name], value) for name, value in other.state_dict().items())


def test_the_state_is_a_copy(new_network, examples, plan):
    stream = train(new_network(), examples, plan)
    kept = next(stream).state()
    before = {name: value.clone() for name, value in kept.tensors.items()}
    next(stream)
    assert {name.partition("/")[0] for name in before} == {"network", "optimizer"}
    assert all(torch.equal(before[name], value) for name, value in kept.tensors.items())


def test_a_finished_lesson_has_nothing_to_go_on_with(new_network, examples, changed):
    plan = changed(epochs=1)
    (epoch,) = train(new_network(), examples, plan)
    other = new_network()
    assert list(train(other, examples, plan, after=epoch.state())) == []
    assert all(
        torch.equal(epoch.weights()[name], value) for name, value in other.state_dict().items()
    )


def test_smoothing_is_not_in_the_loss_that_is_told(new_network, examples, changed):
    plain, smooth = changed(epochs=6), changed(epochs=6, label_smoothing=0.4)
    last = list(train(new_network(), examples, smooth))[-1]
    assert last.train_accuracy > 0.95
    # smoothed itself, the loss of the best answer to two classes, (0.8, 0.2), would be 0.5
    assert 0.1 < last.train_loss < 0.45
    assert list(train(new_network(), examples, plain))[-1].train_loss < 0.1


def test_dropout_draws_from_seed_and_epoch(examples, plan):
    layers = (Flatten(), Dropout(share=0.5), Dense(inputs=144, outputs=2), Softmax())
    found = []
    for draw in (1, 2):
        torch.manual_seed(draw)
        network = build(layers, measure_normalisation(examples.pixels, examples.train), seed=0)
        before = torch.get_rng_state()
        found.append([epoch.train_loss for epoch in train(network, examples, plan)])
        assert torch.equal(torch.get_rng_state(), before)
    assert found[0] == found[1]


def test_the_order_is_a_function_of_seed_and_epoch(plan, changed):
    rows = np.arange(180)
    np.testing.assert_array_equal(order_of(plan, rows, 1), order_of(plan, rows, 1))
    assert not np.array_equal(order_of(plan, rows, 1), order_of(plan, rows, 2))
    assert sorted(order_of(plan, rows, 1)) == list(range(180))
    assert len(order_of(changed(epoch_size=50), rows, 1)) == 50


def test_a_loss_that_is_no_number_stops_at_its_step(new_network, examples, plan):
    network = new_network()
    stream = train(network, examples, plan)
    next(stream)
    calls = []

    def poison(module, given, logits):
        calls.append(1)
        return logits * float("nan") if len(calls) == 3 else logits

    network.register_forward_hook(poison)
    with pytest.raises(DataError) as caught:
        next(stream)
    assert caught.value.code == "loss_not_finite"
    assert caught.value.facts == {"epoch": 2, "step": 3}
    assert all(torch.isfinite(value).all() for value in network.state_dict().values())


def test_read_only_pictures_can_be_learnt_from(new_network, examples, plan):
    examples.pixels.flags.writeable = False
    assert len(list(itertools.islice(train(new_network(), examples, plan), 1))) == 1
