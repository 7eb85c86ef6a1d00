"""The learning loop, as a generator of epochs.

Order is a pure function of (seed, epoch): stopping, resuming or watching changes nothing.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from imagier.errors import DataError
from imagier.networks.building import Network, Normalisation
from imagier.training.losses import LOSSES
from imagier.training.plan import Plan, learning_rate_at

__all__ = [
    "PREDICT_BATCH",
    "Epoch",
    "Examples",
    "Replan",
    "Snapshot",
    "evaluate",
    "measure_normalisation",
    "order_of",
    "train",
    "until_flat",
]

PREDICT_BATCH = 500
Replan = Callable[[Plan, "Epoch"], Plan]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examples:
    """The pictures to learn from and those that judge each epoch.

    Attributes:
        pixels: All prepared pictures, uint8 (N, H, W, C).
        labels: Their classes, (N,).
        train: Indices of the training pictures.
        validation: Indices of the validation pictures.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    train: NDArray[np.int64]
    validation: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """All that the next epoch needs: going on from it gives the same bits as not stopping.

    Attributes:
        number: Epochs done.
        plan: The plan as executed so far, with what is left of it.
        tensors: Copies of weights and of what the optimiser remembers, by name.
        numbers: What else it remembers, as JSON values.
    """

    number: int
    plan: Plan
    tensors: dict[str, torch.Tensor]
    numbers: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Epoch:
    """What one passage over the training pictures gave.

    Attributes:
        number: Epochs done, from 1.
        plan: The plan as executed so far, with what is left of it.
        train_loss: Mean loss while learning.
        train_accuracy: Share named right while learning.
        validation_loss: Mean loss on the validation pictures, after the epoch.
        validation_accuracy: Share of the validation pictures named right.
        learning_rate: The rate at its end.
        seconds: How long it took, validation included.
        state: Copies the weights, to call before asking for the next epoch.
        snapshot: Copies all that the next epoch needs, to call before asking for it.
    """

    number: int
    plan: Plan
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    seconds: float
    state: Callable[[], dict[str, torch.Tensor]]
    snapshot: Callable[[], Snapshot]

    def is_better_than(self, other: "Epoch | None") -> bool:
        """Tell whether validation prefers this epoch: more right, then less loss."""
        return other is None or (self.validation_accuracy, -self.validation_loss) > (
            other.validation_accuracy,
            -other.validation_loss,
        )


def train(
    network: Network,
    examples: Examples,
    plan: Plan,
    *,
    replan: Replan | None = None,
    after: Snapshot | None = None,
) -> Iterator[Epoch]:
    """Learn, epoch by epoch; the network's weights change in place.

    Args:
        network: Built with the plan's seed.
        examples: Pictures, labels and their parts.
        plan: What to do.
        replan: Called after each epoch, gives the plan for the rest: how a budget shortens it.
        after: Where an earlier run stopped; its plan is the one that is gone on with.

    Yields:
        One `Epoch` after each passage over the training pictures.

    Raises:
        DataError: `loss_not_finite`, when the weights ran away.
    """
    optimiser = torch.optim.AdamW(
        network.parameters(),
        lr=plan.learning_rate,
        betas=(0.9, 0.99),
        weight_decay=plan.weight_decay,
        fused=True,
    )
    number = 0
    if after:
        number, plan = after.number, after.plan
        _restore(after, network, optimiser)
    while number < plan.total:
        started = time.monotonic()
        with _exact(plan.threads):
            loss, accuracy, rate = _one_epoch(network, examples, plan, number, optimiser)
            validation = evaluate(network, examples, plan)
        number += 1
        epoch = Epoch(
            number=number,
            plan=plan,
            train_loss=loss,
            train_accuracy=accuracy,
            validation_loss=validation[0],
            validation_accuracy=validation[1],
            learning_rate=rate,
            seconds=time.monotonic() - started,
            state=lambda: _copy(network.state_dict()),
            snapshot=lambda: _snapshot(number, plan, network, optimiser),
        )
        if not np.isfinite(loss):
            raise DataError("loss_not_finite", epoch=number)
        plan = replan(plan, epoch) if replan else plan
        yield replace(epoch, plan=plan)


def _copy(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in tensors.items()}


def _snapshot(
    number: int, plan: Plan, network: Network, optimiser: torch.optim.Optimizer
) -> Snapshot:
    tensors = {f"network/{name}": value for name, value in network.state_dict().items()}
    for index, memory in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser/{index}/{name}": value for name, value in memory.items()}
    return Snapshot(number=number, plan=plan, tensors=_copy(tensors), numbers={})


def _restore(after: Snapshot, network: Network, optimiser: torch.optim.Optimizer) -> None:
    memory: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in after.tensors.items():
        if name.startswith("optimiser/"):
            _, index, key = name.split("/")
            memory.setdefault(int(index), {})[key] = value
    weights = {name.removeprefix("network/"): value for name, value in after.tensors.items()}
    network.load_state_dict({name: weights[name] for name in network.state_dict()})
    optimiser.load_state_dict(optimiser.state_dict() | {"state": memory})


def until_flat(epochs: Iterable[Epoch], patience: int | None) -> Iterator[Epoch]:
    """Let epochs through until validation has not improved for `patience` of them."""
    best, waited = None, 0
    for epoch in epochs:
        yield epoch
        waited = 0 if epoch.is_better_than(best) else waited + 1
        best = epoch if waited == 0 else best
        if patience is not None and waited >= patience:
            return


def evaluate(network: Network, examples: Examples, plan: Plan) -> tuple[float, float]:
    """Give mean loss and share named right on the validation pictures."""
    indices = examples.validation
    loss, right = 0.0, 0
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(indices), PREDICT_BATCH):
            pixels, labels = _batch(examples, indices[start : start + PREDICT_BATCH])
            logits = network(pixels)
            loss += float(LOSSES[plan.loss](logits, labels).sum())
            right += int((logits.argmax(dim=1) == labels).sum())
    n = max(len(indices), 1)
    return loss / n, right / n


def order_of(plan: Plan, indices: NDArray[np.int64], epoch: int) -> NDArray[np.int64]:
    """Give the pictures of one epoch in their order: a pure function of seed and epoch."""
    generator = np.random.default_rng((plan.seed, epoch))
    return generator.permutation(indices)[: plan.epoch_size]


def measure_normalisation(pixels: NDArray[np.uint8], indices: NDArray[np.int64]) -> Normalisation:
    """Measure mean and spread of each channel on at most 10,000 of the given pictures."""
    sample = pixels[np.sort(indices[:: -(-len(indices) // 10_000)])]
    channels = sample.reshape(-1, sample.shape[-1])
    mean = channels.mean(axis=0, dtype=np.float64)
    spread = np.maximum(channels.std(axis=0, dtype=np.float64), 1.0)
    return Normalisation(mean=tuple(mean.tolist()), spread=tuple(spread.tolist()))


def _one_epoch(
    network: Network, examples: Examples, plan: Plan, done: int, optimiser: torch.optim.Optimizer
) -> tuple[float, float, float]:
    network.train()
    order = order_of(plan, examples.train, done)
    weights = torch.tensor(plan.class_weights, dtype=torch.float32)
    steps = max(1, round(len(order) / plan.batch_size))
    total_loss = torch.zeros((), dtype=torch.float64)
    right = torch.zeros((), dtype=torch.int64)
    rate = 0.0
    for step, indices in enumerate(np.array_split(order, steps)):
        rate = learning_rate_at(plan, done + (step + 0.5) / steps)
        for group in optimiser.param_groups:
            group["lr"] = rate
        pixels, labels = _batch(examples, indices)
        logits = network(pixels)
        losses = LOSSES[plan.loss](logits, labels)
        optimiser.zero_grad(set_to_none=True)
        (losses * weights[labels]).mean().backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()
        total_loss += losses.detach().sum()
        right += (logits.detach().argmax(dim=1) == labels).sum()
    return float(total_loss) / len(order), float(right) / len(order), rate


def _batch(examples: Examples, indices: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
    """Gather pictures and labels; the copy is the batch's own, so the set may be read-only."""
    pixels = torch.from_numpy(np.take(examples.pixels, indices, axis=0))
    return pixels, torch.from_numpy(np.take(examples.labels, indices))


@contextmanager
def _exact(threads: int) -> Iterator[None]:
    """Compute with `threads` threads and with operations that give the same bits each time."""
    before, exact = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(exact)
        torch.set_num_threads(before)
