"""Three ways down the slope: plain steps with momentum, Adam's, Muon's.

    sgd     w ← w − rate · m                 m: the slope, with what is left of the earlier ones
    adamw   w ← w − rate · m / √v            v: its square, likewise, number by number
    muon    w ← w − rate · U Vᵀ              where m = U S Vᵀ: all directions of a kernel matrix
                                             count the same, however large their slope is

Muon is for the kernels of inner convolutions, each a row of a matrix; all other weights go by
AdamW. U Vᵀ is found without a decomposition, by a polynomial that brings every singular value
near 1 in a few steps (Newton-Schulz); in 32-bit numbers, which processors compute fastest.

The steps themselves are torch's functions. Its optimiser objects would load torch's compiler, for a
second and a half, only to tell it not to compile them.

Source: the deck, chapter 9; Loshchilov and Hutter, 2017; K. Jordan and others, "Muon", 2024.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import final

import torch
from torch import nn
from torch.optim.adamw import adamw
from torch.optim.sgd import sgd

from imagier.training.plan import Plan

__all__ = ["Descent", "Muon", "orthogonal"]

POLYNOMIAL = (3.4445, -4.7750, 2.0315)  # Jordan's: steep at 0, and within 0.7..1.2 near 1
NEWTON_SCHULZ_STEPS = 3
LEAST_SPREAD = 1e-8  # added to √v, so that nothing is divided by zero


class Descent:
    """Corrects the weights of a network, step by step.

    Args:
        network: Whose weights that learn.
        plan: Says how.
    """

    def __init__(self, network: nn.Module, plan: Plan) -> None:
        self._highest = plan.learning_rate
        self._rules = list(_rules(network, plan))

    def clear(self) -> None:
        """Forget the slopes of the last batch."""
        for rule in self._rules:
            for weight in rule.weights:
                weight.grad = None

    def step(self, rate: float) -> None:
        """Correct the weights once.

        Args:
            rate: The learning rate of the moment.
        """
        for rule in self._rules:
            rule.step(rule.highest * rate / self._highest)

    def tensors(self) -> dict[str, torch.Tensor]:
        """Copy what is remembered of earlier steps, as `RULE/WEIGHT/NAME`."""
        return {
            f"{number}/{place}/{name}": memory[name].clone()
            for number, rule in enumerate(self._rules)
            for place, memory in enumerate(rule.memories)
            for name in memory
        }

    def restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Go on from what was remembered."""
        for key, value in tensors.items():
            number, place, name = key.split("/")
            rule = self._rules[int(number)]
            like = rule.weights[int(place)] if value.dim() else value
            rule.memories[int(place)][name] = _laid_out(value, like)


class _Rule(ABC):
    """One way down, for some of the weights.

    Args:
        weights: What it corrects.
        highest: The highest rate of the plan.
        plan: Says how.

    Attributes:
        memories: What it remembers of each weight.
    """

    def __init__(self, weights: Sequence[torch.Tensor], highest: float, plan: Plan) -> None:
        self.weights = list(weights)
        self.highest = highest
        self.plan = plan
        self.memories: list[dict[str, torch.Tensor]] = [{} for _ in self.weights]

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Correct each weight that has a slope once."""
        moving = [
            (weight, weight.grad, memory)
            for weight, memory in zip(self.weights, self.memories, strict=True)
            if weight.grad is not None
        ]
        if moving:
            weights, slopes, memories = (list(part) for part in zip(*moving, strict=True))
            self.correct(weights, slopes, memories, rate)

    @abstractmethod
    def correct(
        self,
        weights: list[torch.Tensor],
        slopes: list[torch.Tensor],
        memories: list[dict[str, torch.Tensor]],
        rate: float,
    ) -> None:
        """Move the weights in place, and remember."""


@final
class _Plain(_Rule):
    def correct(
        self,
        weights: list[torch.Tensor],
        slopes: list[torch.Tensor],
        memories: list[dict[str, torch.Tensor]],
        rate: float,
    ) -> None:
        momenta = [memory.get("momentum_buffer") for memory in memories]
        sgd(
            weights,
            slopes,
            momenta,
            fused=True,
            weight_decay=self.plan.weight_decay,
            momentum=self.plan.momentum,
            lr=rate,
            dampening=0.0,
            nesterov=self.plan.momentum > 0,
            maximize=False,
        )
        for memory, momentum in zip(memories, momenta, strict=True):
            if momentum is not None:
                memory["momentum_buffer"] = momentum


@final
class _AdamW(_Rule):
    def correct(
        self,
        weights: list[torch.Tensor],
        slopes: list[torch.Tensor],
        memories: list[dict[str, torch.Tensor]],
        rate: float,
    ) -> None:
        for weight, memory in zip(weights, memories, strict=True):
            if not memory:
                memory["step"] = torch.zeros((), dtype=torch.float32)
                memory["exp_avg"] = torch.zeros_like(weight)
                memory["exp_avg_sq"] = torch.zeros_like(weight)
        adamw(
            weights,
            slopes,
            [memory["exp_avg"] for memory in memories],
            [memory["exp_avg_sq"] for memory in memories],
            [],
            [memory["step"] for memory in memories],
            fused=True,
            amsgrad=False,
            beta1=self.plan.momentum,
            beta2=self.plan.second_momentum,
            lr=rate,
            weight_decay=self.plan.weight_decay,
            eps=LEAST_SPREAD,
            maximize=False,
        )


@final
class Muon(_Rule):
    """Steps of the same length in all directions of each kernel matrix.

    Its weights are kernels, (outputs, inputs, height, width), or matrices.
    """

    def correct(
        self,
        weights: list[torch.Tensor],
        slopes: list[torch.Tensor],
        memories: list[dict[str, torch.Tensor]],
        rate: float,
    ) -> None:
        """Move the weights in place, and remember."""
        share, decay = self.plan.momentum, self.plan.weight_decay
        for weight, slope, memory in zip(weights, slopes, memories, strict=True):
            momentum = memory.setdefault("momentum_buffer", torch.zeros_like(weight))
            momentum.mul_(share).add_(slope)
            direction = slope.add(momentum, alpha=share)
            matrix = direction.reshape(len(direction), -1)
            tall = max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
            weight.mul_(1 - rate * decay)
            weight.add_(orthogonal(matrix).view_as(direction), alpha=-rate * tall)


def orthogonal(matrix: torch.Tensor, *, steps: int = NEWTON_SCHULZ_STEPS) -> torch.Tensor:
    """Bring all singular values of a matrix near 1 and keep its directions.

    Args:
        matrix: Of any shape, (M, N).
        steps: More bring also the smallest singular values near 1.
    """
    if len(matrix) > matrix.shape[1]:
        return orthogonal(matrix.T, steps=steps).T
    first, third, fifth = POLYNOMIAL
    now: torch.Tensor = matrix / (matrix.norm() + 1e-7)
    for _ in range(steps):
        square = now @ now.T
        now = first * now + (third * square + fifth * square @ square) @ now
    return now


def _rules(network: nn.Module, plan: Plan) -> Iterator[_Rule]:
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    if plan.optimiser == "sgd":
        yield _Plain(weights, plan.learning_rate, plan)
        return
    kernels = _inner_kernels(network) if plan.optimiser == "muon" else []
    if kernels:
        yield Muon(kernels, plan.kernel_rate, plan)
    chosen = {id(weight) for weight in kernels}
    others = [weight for weight in weights if id(weight) not in chosen]
    yield _AdamW(others, plan.learning_rate, plan)


def _inner_kernels(network: nn.Module) -> list[torch.Tensor]:
    """Give the kernels of all convolutions but the first, which sees pixels."""
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    return [module.weight for module in convolutions[1:] if module.weight.requires_grad]


def _laid_out(value: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Copy into memory laid out as another tensor's: the order of a sum may hang on it."""
    return torch.empty_like(like, dtype=value.dtype).copy_(value).detach()
