"""Three ways down the slope: plain steps with momentum, Adam's, Muon's.

    sgd     w ← w − rate · m                 m: the slope, with what is left of the earlier ones
    adamw   w ← w − rate · m / √v            v: its square, likewise, number by number
    muon    w ← w − rate · U Vᵀ              where m = U S Vᵀ: all directions of a kernel matrix
                                             count the same, however large their slope is

Muon is for the kernels of inner convolutions, each a row of a matrix; all other weights go by
AdamW. U Vᵀ is found without a decomposition, by a polynomial that brings every singular value
near 1 in a few steps (Newton-Schulz); in 32-bit numbers, which processors compute fastest.

Source: the deck, chapter 9; Loshchilov and Hutter, 2017; K. Jordan and others, "Muon", 2024.
"""

from collections.abc import Iterator, Mapping

import torch
from torch import nn

from imagier.training.plan import Plan

__all__ = ["Descent", "Muon", "orthogonal"]

POLYNOMIAL = (3.4445, -4.7750, 2.0315)  # Jordan's: steep at 0, and within 0.7..1.2 near 1
NEWTON_SCHULZ_STEPS = 3


class Descent:
    """Corrects the weights of a network, step by step.

    Args:
        network: Whose weights that learn.
        plan: Says how.
    """

    def __init__(self, network: nn.Module, plan: Plan) -> None:
        self._highest = plan.learning_rate
        self._parts = list(_parts(network, plan))
        self._peaks = [part.param_groups[0]["lr"] for part in self._parts]

    def clear(self) -> None:
        """Forget the slopes of the last batch."""
        for part in self._parts:
            part.zero_grad(set_to_none=True)

    def step(self, rate: float) -> None:
        """Correct the weights once.

        Args:
            rate: The learning rate of the moment.
        """
        for part, peak in zip(self._parts, self._peaks, strict=True):
            part.param_groups[0]["lr"] = peak * rate / self._highest
            part.step()

    def tensors(self) -> dict[str, torch.Tensor]:
        """Copy what is remembered of earlier steps, as `PART/WEIGHT/NAME`."""
        return {
            f"{place}/{name}": value.clone()
            for place, part, weight in self._weights()
            for name, value in part.state.get(weight, {}).items()
            if value is not None
        }

    def restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Go on from what was remembered."""
        for place, part, weight in self._weights():
            for name, value in tensors.items():
                if name.startswith(f"{place}/"):
                    like = weight if value.dim() else value
                    part.state[weight][name.rpartition("/")[2]] = _laid_out(value, like)

    def _weights(self) -> Iterator[tuple[str, torch.optim.Optimizer, torch.Tensor]]:
        for number, part in enumerate(self._parts):
            for place, weight in enumerate(part.param_groups[0]["params"]):
                yield f"{number}/{place}", part, weight


class Muon(torch.optim.Optimizer):
    """Steps of the same length in all directions of each kernel matrix.

    Args:
        weights: Kernels, (outputs, inputs, height, width), or matrices.
        rate: The learning rate.
        momentum: Share of the earlier slopes that each step remembers.
        decay: How strongly weights are drawn to zero, relative to the rate.
    """

    def __init__(
        self, weights: list[torch.Tensor], *, rate: float, momentum: float, decay: float = 0.0
    ) -> None:
        super().__init__(weights, {"lr": rate, "momentum": momentum, "weight_decay": decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]  # no line search here
        """Correct each weight once."""
        del closure
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._correct(weight, group)

    def _correct(self, weight: torch.Tensor, group: dict[str, float]) -> None:
        memory = self.state[weight].setdefault("momentum_buffer", torch.zeros_like(weight))
        memory.mul_(group["momentum"]).add_(weight.grad)
        slope = weight.grad.add(memory, alpha=group["momentum"])  # type: ignore[union-attr]  # set
        matrix = slope.reshape(len(slope), -1)
        tall = max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
        weight.mul_(1 - group["lr"] * group["weight_decay"])
        weight.add_(orthogonal(matrix).view_as(slope), alpha=-group["lr"] * tall)


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


def _parts(network: nn.Module, plan: Plan) -> Iterator[torch.optim.Optimizer]:
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    if plan.optimiser == "sgd":
        yield torch.optim.SGD(
            weights,
            lr=plan.learning_rate,
            momentum=plan.momentum,
            nesterov=plan.momentum > 0,
            weight_decay=plan.weight_decay,
            fused=True,
        )
        return
    kernels = _inner_kernels(network) if plan.optimiser == "muon" else []
    if kernels:
        yield Muon(kernels, rate=plan.kernel_rate, momentum=plan.momentum, decay=plan.weight_decay)
    chosen = {id(weight) for weight in kernels}
    yield torch.optim.AdamW(
        [weight for weight in weights if id(weight) not in chosen],
        lr=plan.learning_rate,
        betas=(plan.momentum, plan.second_momentum),
        weight_decay=plan.weight_decay,
        fused=True,
    )


def _inner_kernels(network: nn.Module) -> list[torch.Tensor]:
    """Give the kernels of all convolutions but the first, which sees pixels."""
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    return [module.weight for module in convolutions[1:] if module.weight.requires_grad]


def _laid_out(value: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Copy into memory laid out as another tensor's: the order of a sum may hang on it."""
    return torch.empty_like(like, dtype=value.dtype).copy_(value).detach()
