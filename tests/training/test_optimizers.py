"""The optimizers: against torch's own, by their property, and gone on with."""

import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from imagier.errors import UsageError
from imagier.training.optimizers import Muon, Optimizer, orthogonalize


def new_net(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.ReLU(),
        nn.Conv2d(4, 6, 3, bias=False),
        nn.Flatten(),
        nn.Linear(24, 2),
    )


def set_gradients(net, seed):
    generator = torch.Generator().manual_seed(seed)
    for weight in net.parameters():
        weight.grad = torch.randn(weight.shape, generator=generator)


def walk(net, optimizer, steps, start=0):
    for step in range(start, start + steps):
        set_gradients(net, step)
        optimizer.step(0.01 * (step + 1))
    return torch.cat([weight.detach().flatten() for weight in net.parameters()])


REFERENCES = {
    "adamw": lambda weights: torch.optim.AdamW(weights, betas=(0.9, 0.99), weight_decay=0.01),
    "sgd": lambda weights: torch.optim.SGD(weights, momentum=0.9, nesterov=True, weight_decay=0.01),
}


@pytest.mark.parametrize("optimizer", REFERENCES)
def test_each_step_is_that_of_torch(changed, optimizer):
    ours = new_net()
    walked = walk(ours, Optimizer(ours, changed(optimizer=optimizer)), 5)
    theirs = new_net()
    reference = REFERENCES[optimizer](theirs.parameters())
    for step in range(5):
        set_gradients(theirs, step)
        reference.param_groups[0]["lr"] = 0.01 * (step + 1)
        reference.step()
    expected = torch.cat([weight.detach().flatten() for weight in theirs.parameters()])
    torch.testing.assert_close(walked, expected)


def test_plain_steps_are_the_gradient_times_the_rate(changed):
    net = new_net()
    before = net[0].weight.detach().clone()
    plan = changed(optimizer="sgd", momentum=0.0, weight_decay=0.0)
    set_gradients(net, 0)
    Optimizer(net, plan).step(0.5)
    torch.testing.assert_close(net[0].weight.detach(), before - 0.5 * net[0].weight.grad)


def test_muon_moves_inner_kernels_by_equal_singular_values(changed):
    net = new_net()
    before = net[2].weight.detach().clone()
    set_gradients(net, 0)
    plan = changed(optimizer="muon", weight_decay=0.0, muon_lr=0.1, learning_rate=0.01)
    Optimizer(net, plan).step(0.01)  # the highest rate, so that of the kernels is 0.1
    moved = (net[2].weight.detach() - before).reshape(6, -1)
    lengths = torch.linalg.svdvals(moved)
    assert 0.03 < float(lengths.min()) <= float(lengths.max()) < 0.13


def test_muon_leaves_the_other_weights_to_adamw(changed):
    muon, adamw = new_net(), new_net()
    walk(muon, Optimizer(muon, changed(optimizer="muon")), 3)
    walk(adamw, Optimizer(adamw, changed()), 3)
    assert torch.equal(muon[0].weight, adamw[0].weight)
    assert torch.equal(muon[4].weight, adamw[4].weight)
    assert not torch.equal(muon[2].weight, adamw[2].weight)


def test_muon_remembers_and_decays(changed):
    weight = nn.Parameter(torch.eye(3))
    optimizer = Muon([weight], 0.1, changed(momentum=0.5, weight_decay=1.0))
    weight.grad = torch.zeros(3, 3)
    optimizer.step(0.1)
    torch.testing.assert_close(weight.detach(), 0.9 * torch.eye(3))
    weight.grad = torch.eye(3)
    optimizer.step(0.1)
    torch.testing.assert_close(optimizer.state[0]["momentum_buffer"], torch.eye(3))


@pytest.mark.parametrize("optimizer", ["adamw", "muon", "sgd"])
def test_no_step_loads_torchs_compiler(optimizer):
    """It would be a second and a half of every lesson."""
    program = (
        "import sys, torch; from torch import nn; from imagier.training import Plan;"
        "from imagier.training.optimizers import Optimizer;"
        "plan = Plan(network='cnn', epochs=1, epoch_size=1, batch_size=1, learning_rate=0.1,"
        "            weight_decay=0.1, loss='squared', class_weights=(1, 1), patience=None, seed=0,"
        f"           threads=1, optimizer='{optimizer}');"
        "net = nn.Sequential(nn.Conv2d(1, 1, 1), nn.Conv2d(1, 1, 1));"
        "optimizer = Optimizer(net, plan);"
        "net(torch.ones(1, 1, 1, 1)).sum().backward(); optimizer.step(0.1); optimizer.zero_grad();"
        "optimizer.load_state_dict(optimizer.state_dict());"
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 12), columns=st.integers(1, 12), seed=st.integers(0, 1000))
def test_orthogonal_keeps_directions_and_evens_lengths(rows, columns, seed):
    matrix = torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))
    given_left, lengths, given_right = torch.linalg.svd(matrix, full_matrices=False)
    found = orthogonalize(matrix, steps=12)
    inside = given_left.T @ found @ given_right.T  # diagonal, where the directions are kept
    large = lengths > 0.01 * lengths.max()
    assert ((inside.diagonal()[large] > 0.5) & (inside.diagonal()[large] < 1.3)).all()
    off = inside - torch.diag(inside.diagonal())
    assert float(off.abs().max()) < 1e-2


@pytest.mark.parametrize("optimizer", ["adamw", "muon", "sgd"])
def test_what_was_remembered_is_gone_on_with_to_the_bit(changed, optimizer):
    plan = changed(optimizer=optimizer)
    whole = new_net()
    expected = walk(whole, Optimizer(whole, plan), 6)
    first, second = new_net(), new_net(seed=1)
    optimizer = Optimizer(first, plan)
    walk(first, optimizer, 3)
    second.load_state_dict(first.state_dict())
    fresh = Optimizer(second, plan)
    fresh.load_state_dict(optimizer.state_dict())
    assert torch.equal(walk(second, fresh, 3, start=3), expected)


def test_frozen_weights_stay(changed):
    net = new_net()
    net[2].weight.requires_grad_(requires_grad=False)
    before = net[2].weight.detach().clone()
    walk(net, Optimizer(net, changed(optimizer="muon")), 2)
    assert torch.equal(net[2].weight.detach(), before)


def test_unknown_names_are_refused(changed):
    for values, code in (
        ({"optimizer": "luck"}, "unknown_optimizer"),
        ({"schedule": "whenever"}, "unknown_schedule"),
    ):
        with pytest.raises(UsageError) as caught:
            changed(**values)
        assert caught.value.code == code
