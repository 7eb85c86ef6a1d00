"""The head: one layer of neurons on top of features that others learned.

With the features f frozen, the error of the head

    E(W, b) = mean over pictures of -log softmax(W f + b)[label] + strength / 2 |W|²

has a single lowest point, whatever W and b one starts from, and L-BFGS walks to it: no epochs, no
learning rate, no seed. Features are first brought to mean 0 and spread 1, so that the strength
means the same for each. They still say the same things many times over, which makes the valley
long and narrow; the walk is therefore made in coordinates in which the valley would be round if
all answers were equally likely, and takes twenty passes over the pictures instead of two hundred.
What strength is best is asked of the validation part, from the strongest, which hardly learns, to
the weakest; each starts where the one before ended.

Source: D. C. Liu, J. Nocedal, "On the limited memory BFGS method for large scale optimization",
Mathematical Programming, 1989; D. Böhning, "Multinomial logistic regression algorithm", Annals of
the Institute of Statistical Mathematics, 1992, for the coordinates; S. Kornblith et al., "Do better
ImageNet models transfer better?", CVPR 2019, for the protocol.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from imagier.features.parts import Head

__all__ = ["STRENGTHS", "FittedHead", "HeadTrial", "fit_head", "mean_error"]

STRENGTHS = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003)
PATIENCE = 2  # weaker strengths that may give no better figure before the search ends
MOST_STEPS = 60
SLOPE = 1e-4  # the walk ends where no slope is steeper
CHANGE = 1e-6  # or where a step changes nothing more
ROWS = 8192
LEAST_SPREAD = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadTrial:
    """One strength that was tried.

    Attributes:
        strength: Weight of |W|² / 2 in the error.
        steps: Passes over the training pictures.
        train_loss: Mean error on the training pictures, the strength's part left out.
        validation_loss: Mean error on the validation pictures.
        validation_accuracy: Share of the validation pictures named right.
    """

    strength: float
    steps: int
    train_loss: float
    validation_loss: float
    validation_accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedHead:
    """The head that was best on validation.

    Attributes:
        head: For features as they are: what brings them to mean 0 and spread 1 is folded in.
        best: The trial it comes from.
        trials: All trials, strongest first.
    """

    head: Head = field(repr=False)
    best: HeadTrial
    trials: tuple[HeadTrial, ...]


def fit_head(
    train: Sequence[NDArray[np.floating]],
    validation: NDArray[np.floating],
    labels: NDArray[np.int64],
    validation_labels: NDArray[np.int64],
    *,
    class_weights: Sequence[float],
    strengths: Sequence[float] = STRENGTHS,
) -> FittedHead:
    """Fit a head for each strength and keep the one that is best on validation.

    The validation pictures are never learned from, not even at the end.

    Args:
        train: Features of the training pictures, (N, D), once for each view of them.
        validation: Features of the validation pictures as they will be recognised, (V, D).
        labels: Labels of the training pictures, (N,).
        validation_labels: Labels of the validation pictures, (V,).
        class_weights: How much an error counts for each class.
        strengths: The strengths to try, in falling order.
    """
    problem = _Problem(train, labels, class_weights)
    answers = _Validation(problem.standardised(validation), validation_labels, class_weights)
    trials: list[HeadTrial] = []
    best: tuple[HeadTrial, torch.Tensor] | None = None
    for strength, parameters, steps, loss in problem.path(strengths):
        trial = answers.judge(parameters, strength=strength, steps=steps, train_loss=loss)
        trials.append(trial)
        if best is None or _merit(trial) > _merit(best[0]):
            best = trial, parameters.clone()
        elif len(trials) - trials.index(best[0]) > PATIENCE:
            break
    assert best is not None  # noqa: S101 - there is at least one strength
    return FittedHead(head=problem.folded(best[1]), best=best[0], trials=tuple(trials))


def _merit(trial: HeadTrial) -> tuple[float, float]:
    return trial.validation_accuracy, -trial.validation_loss


class _Problem:
    """The training pictures' features at mean 0 and spread 1, and the walk down their error."""

    def __init__(
        self,
        train: Sequence[NDArray[np.floating]],
        labels: NDArray[np.int64],
        class_weights: Sequence[float],
    ) -> None:
        rows, columns = len(train[0]), train[0].shape[1]
        self.features = torch.empty((rows * len(train), columns), dtype=torch.float32)
        for view, table in enumerate(train):
            for at in range(0, rows, ROWS):
                part = torch.from_numpy(np.ascontiguousarray(table[at : at + ROWS]))
                self.features[view * rows + at : view * rows + at + len(part)] = part
        self.mean, self.spread = _moments(self.features)
        self.features.sub_(self.mean).div_(self.spread)
        self.squares = _squares(self.features)
        self.labels = torch.from_numpy(np.tile(labels, len(train)))
        self.weights = torch.tensor(class_weights, dtype=torch.float32)
        self.classes = len(class_weights)

    def standardised(self, features: NDArray[np.floating]) -> torch.Tensor:
        table = torch.from_numpy(np.array(features, np.float32))
        return table.sub_(self.mean).div_(self.spread)

    def path(self, strengths: Sequence[float]) -> Iterator[tuple[float, torch.Tensor, int, float]]:
        """Give for each strength W and b side by side, (K, D + 1), the passes and the error."""
        parameters = torch.zeros(self.classes, self.features.shape[1] + 1)
        for strength in strengths:
            steps, loss = self._walk(parameters, strength)
            yield strength, parameters, steps, loss

    def _walk(self, parameters: torch.Tensor, strength: float) -> tuple[int, float]:
        """Move the parameters to the lowest point; give the passes taken and the error there."""
        round_ = _rounding(self.squares / self.classes, strength)
        start = torch.cat([parameters[:, :-1] @ round_, parameters[:, -1:]], dim=1)
        walked = start.requires_grad_(True)
        optimiser = torch.optim.LBFGS(
            [walked],
            max_iter=MOST_STEPS,
            tolerance_grad=SLOPE,
            tolerance_change=CHANGE,
            line_search_fn="strong_wolfe",
        )
        losses: list[float] = []

        def closure() -> torch.Tensor:
            optimiser.zero_grad()
            weights = _straight(walked[:, :-1], round_)
            logits = torch.addmm(walked[:, -1], self.features, weights.T)
            loss = mean_error(logits, self.labels, self.weights)
            losses.append(float(loss.detach()))
            whole = loss + strength / 2 * weights.square().sum()
            whole.backward()  # type: ignore[no-untyped-call]  # torch's stub
            return whole

        optimiser.step(closure)  # type: ignore[no-untyped-call]  # torch's stub
        found = walked.detach()
        parameters[:, :-1] = _straight(found[:, :-1], round_)
        parameters[:, -1] = found[:, -1]
        return len(losses), losses[-1]

    def folded(self, parameters: torch.Tensor) -> Head:
        """Give the head for features as they are."""
        weights = parameters[:, :-1].double() / self.spread.double()
        bias = parameters[:, -1].double() - weights @ self.mean.double()
        return Head(weights=weights.float().numpy(), bias=bias.float().numpy())


class _Validation:
    def __init__(
        self, features: torch.Tensor, labels: NDArray[np.int64], class_weights: Sequence[float]
    ) -> None:
        self.features = features
        self.labels = torch.from_numpy(np.array(labels))
        self.weights = torch.tensor(class_weights, dtype=torch.float32)

    def judge(
        self, parameters: torch.Tensor, *, strength: float, steps: int, train_loss: float
    ) -> HeadTrial:
        logits = torch.addmm(parameters[:, -1], self.features, parameters[:, :-1].T)
        right = logits.argmax(dim=1) == self.labels
        return HeadTrial(
            strength=strength,
            steps=steps,
            train_loss=train_loss,
            validation_loss=float(mean_error(logits, self.labels, self.weights)),
            validation_accuracy=float(right.double().mean()),
        )


def mean_error(logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Give the mean of -log p of the true class, each picture weighed by its class."""
    return torch.nn.functional.cross_entropy(logits, labels, weight=weights)


def _moments(features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Give mean and spread of each column, added up in float64."""
    total = torch.zeros(features.shape[1], dtype=torch.float64)
    squares = total.clone()
    for part in torch.split(features, ROWS):
        total += part.sum(dim=0, dtype=torch.float64)
        squares += part.double().square().sum(dim=0)
    mean = total / len(features)
    variance = (squares / len(features) - mean.square()).clamp_min(0)
    return mean.float(), variance.sqrt().clamp_min(LEAST_SPREAD).float()


def _squares(features: torch.Tensor) -> torch.Tensor:
    """Give the mean products of all pairs of features, float64 (D, D)."""
    squares = torch.zeros(features.shape[1], features.shape[1], dtype=torch.float64)
    for part in torch.split(features, ROWS):
        squares += part.T @ part
    return squares / len(features)


def _rounding(squares: torch.Tensor, strength: float) -> torch.Tensor:
    """Give the triangle L for which the valley is round in the coordinates W L."""
    valley = squares.clone()
    valley.diagonal().add_(strength)
    triangle: torch.Tensor = torch.linalg.cholesky(valley)
    return triangle.float()


def _straight(rounded: torch.Tensor, triangle: torch.Tensor) -> torch.Tensor:
    """Come back from the coordinates W L to W."""
    weights: torch.Tensor = torch.linalg.solve_triangular(
        triangle, rounded, upper=False, left=False
    )
    return weights
