"""The optimizers: SGD with momentum, AdamW, Muon.

    sgd     w ← w − lr · m                   m: the gradient, with what is left of the earlier ones
    adamw   w ← w − lr · m / √v              v: its square, likewise, number by number
    muon    w ← w − lr · U Vᵀ                where m = U S Vᵀ: all directions of a kernel matrix
                                             count the same, however large their gradient is

Muon is for the kernels of inner convolutions, each a row of a matrix; all other weights go by
AdamW. U Vᵀ is found without a decomposition, by a polynomial that brings every singular value
near 1 in a few steps (Newton-Schulz); in 32-bit numbers, which processors compute fastest.

The steps are `torch.optim`'s own fused functions, and give its bits. Its classes load torch's
compiler with the first step, 0.7 s of each training, only to tell it not to compile them.

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

__all__ = ["SGD", "AdamW", "Muon", "Optimizer", "ParamGroup", "orthogonalize"]

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # Jordan's: steep at 0, and within 0.7..1.2 near 1
NEWTON_SCHULZ_STEPS = 3
EPS = 1e-8  # added to √v, so that nothing is divided by zero
State = dict[str, torch.Tensor]  # what is kept of a weight's earlier gradients, by torch's names


@final
class Optimizer:
    """Corrects the weights of a network, step by step, as a `torch.optim.Optimizer` does.

    Args:
        network: Whose weights that learn.
        plan: Says how.
    """

    def __init__(self, network: nn.Module, plan: Plan) -> None:
        self._learning_rate = plan.learning_rate
        self.param_groups = list(_param_groups(network, plan))

    def zero_grad(self) -> None:
        """Forget the gradients of the last batch."""
        for group in self.param_groups:
            for weight in group.params:
                weight.grad = None

    def step(self, lr: float) -> None:
        """Correct the weights once.

        Args:
            lr: The learning rate of the moment; groups with a highest rate of their own follow it.
        """
        for group in self.param_groups:
            group.step(group.max_lr * lr / self._learning_rate)

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Copy the state, as `GROUP/WEIGHT/NAME`."""
        return {
            f"{number}/{place}/{name}": state[name].clone()
            for number, group in enumerate(self.param_groups)
            for place, state in enumerate(group.state)
            for name in state
        }

    def load_state_dict(self, state: Mapping[str, torch.Tensor]) -> None:
        """Go on from a copied state."""
        for key, value in state.items():
            number, place, name = key.split("/")
            group = self.param_groups[int(number)]
            like = group.params[int(place)] if value.dim() else value
            # laid out as the weight is: the order of a sum may hang on it
            copied = torch.empty_like(like, dtype=value.dtype).copy_(value).detach()
            group.state[int(place)][name] = copied


class ParamGroup(ABC):
    """Some of the weights, with what corrects them.

    Args:
        params: The weights.
        max_lr: The highest learning rate of the plan for them.
        plan: Says the rest.

    Attributes:
        state: What is kept of each weight's earlier gradients.
    """

    def __init__(self, params: Sequence[torch.Tensor], max_lr: float, plan: Plan) -> None:
        self.params = list(params)
        self.max_lr = max_lr
        self.momentum, self.beta2 = plan.momentum, plan.beta2
        self.weight_decay = plan.weight_decay
        self.state: list[State] = [{} for _ in self.params]

    @final
    @torch.no_grad()
    def step(self, lr: float) -> None:
        """Correct each weight that has a gradient once."""
        moving = [
            (weight, weight.grad, state)
            for weight, state in zip(self.params, self.state, strict=True)
            if weight.grad is not None
        ]
        if moving:
            params, grads, states = (list(part) for part in zip(*moving, strict=True))
            self.update(params, grads, states, lr)

    @abstractmethod
    def update(
        self, params: list[torch.Tensor], grads: list[torch.Tensor], states: list[State], lr: float
    ) -> None:
        """Move the weights in place, and bring the state up to date."""


@final
class SGD(ParamGroup):
    """Steps against the gradient, with Nesterov's momentum where there is any."""

    def update(
        self, params: list[torch.Tensor], grads: list[torch.Tensor], states: list[State], lr: float
    ) -> None:
        """Move the weights in place, and bring the state up to date."""
        buffers = [state.get("momentum_buffer") for state in states]
        sgd(
            params,
            grads,
            buffers,
            fused=True,
            weight_decay=self.weight_decay,
            momentum=self.momentum,
            lr=lr,
            dampening=0.0,
            nesterov=self.momentum > 0,
            maximize=False,
        )
        for state, buffer in zip(states, buffers, strict=True):
            if buffer is not None:
                state["momentum_buffer"] = buffer


@final
class AdamW(ParamGroup):
    """Steps as long for a weight with small gradients as for one with large ones."""

    def update(
        self, params: list[torch.Tensor], grads: list[torch.Tensor], states: list[State], lr: float
    ) -> None:
        """Move the weights in place, and bring the state up to date."""
        for weight, state in zip(params, states, strict=True):
            if not state:
                state["step"] = torch.zeros((), dtype=torch.float32)
                state["exp_avg"] = torch.zeros_like(weight)
                state["exp_avg_sq"] = torch.zeros_like(weight)
        adamw(
            params,
            grads,
            [state["exp_avg"] for state in states],
            [state["exp_avg_sq"] for state in states],
            [],
            [state["step"] for state in states],
            fused=True,
            amsgrad=False,
            beta1=self.momentum,
            beta2=self.beta2,
            lr=lr,
            weight_decay=self.weight_decay,
            eps=EPS,
            maximize=False,
        )


@final
class Muon(ParamGroup):
    """Steps of the same length in all directions of each kernel matrix.

    Its weights are kernels, (outputs, inputs, height, width), or matrices.
    """

    def update(
        self, params: list[torch.Tensor], grads: list[torch.Tensor], states: list[State], lr: float
    ) -> None:
        """Move the weights in place, and bring the state up to date."""
        for weight, grad, state in zip(params, grads, states, strict=True):
            buffer = state.setdefault("momentum_buffer", torch.zeros_like(weight))
            buffer.mul_(self.momentum).add_(grad)
            direction = grad.add(buffer, alpha=self.momentum)  # Nesterov's
            matrix = direction.reshape(len(direction), -1)
            scale = max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
            weight.mul_(1 - lr * self.weight_decay)
            weight.add_(orthogonalize(matrix).view_as(direction), alpha=-lr * scale)


def orthogonalize(matrix: torch.Tensor, *, steps: int = NEWTON_SCHULZ_STEPS) -> torch.Tensor:
    """Bring all singular values of a matrix near 1 and keep its directions.

    Args:
        matrix: Of any shape, (M, N).
        steps: More bring also the smallest singular values near 1.
    """
    if len(matrix) > matrix.shape[1]:
        return orthogonalize(matrix.T, steps=steps).T
    a, b, c = NEWTON_SCHULZ
    x: torch.Tensor = matrix / (matrix.norm() + 1e-7)
    for _ in range(steps):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x


def _param_groups(network: nn.Module, plan: Plan) -> Iterator[ParamGroup]:
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    if plan.optimizer == "sgd":
        yield SGD(weights, plan.learning_rate, plan)
        return
    kernels = _inner_kernels(network) if plan.optimizer == "muon" else []
    if kernels:
        yield Muon(kernels, plan.muon_lr, plan)
    chosen = {id(weight) for weight in kernels}
    others = [weight for weight in weights if id(weight) not in chosen]
    yield AdamW(others, plan.learning_rate, plan)


def _inner_kernels(network: nn.Module) -> list[torch.Tensor]:
    """Give the kernels of all convolutions but the first, which sees pixels."""
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    return [module.weight for module in convolutions[1:] if module.weight.requires_grad]
