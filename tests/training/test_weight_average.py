"""The mean of the weights: against a plain loop, put in place and taken away."""

import numpy as np
import torch
from torch import nn

from imagier.training import train
from imagier.training.weight_average import WeightAverage


def new_net():
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))


def test_it_is_the_mean_of_what_was_added():
    net, average, seen = new_net(), None, []
    average = WeightAverage(net)
    for step in range(5):
        with torch.no_grad():
            net[0].weight.fill_(float(step**2))
            net[1].running_mean.fill_(float(step))
        average.update()
        seen.append(step)
    assert average.count == 5
    np.testing.assert_allclose(
        average.state_dict()["0.weight"], np.mean(np.square(seen)), rtol=1e-6
    )
    np.testing.assert_allclose(average.state_dict()["1.running_mean"], np.mean(seen), rtol=1e-6)


def test_it_stands_in_place_for_a_while_only():
    net = new_net()
    average = WeightAverage(net)
    with torch.no_grad():
        net[0].weight.fill_(1.0)
        average.update()
        net[0].weight.fill_(3.0)
        average.update()
    with average.in_place():
        assert float(net[0].weight[0, 0, 0, 0].detach()) == 2.0
    assert float(net[0].weight[0, 0, 0, 0].detach()) == 3.0


def test_without_any_step_nothing_is_put_in_place():
    net = new_net()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    with WeightAverage(net).in_place():
        assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())


def test_the_loop_averages_its_last_steps(new_network, examples, changed):
    plan = changed(epochs=2, averaging=0.5, batch_size=60)  # epochs of three steps
    plain, averaged = new_network(), new_network()
    steps = []
    watched = plain.body[0].weight
    watched.register_post_accumulate_grad_hook(lambda _: steps.append(watched.detach().clone()))
    for _ in train(plain, examples, changed(epochs=2, batch_size=60)):
        pass
    steps.append(watched.detach().clone())  # each hook saw the weights before its step
    for epoch in train(averaged, examples, plan):
        kept = epoch.weights()
    expected = torch.stack(steps[4:]).mean(dim=0)
    torch.testing.assert_close(kept["body.0.weight"], expected)
    torch.testing.assert_close(averaged.body[0].weight.detach(), expected)
