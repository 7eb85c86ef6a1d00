"""Fine-tuning of a backbone's last stages on few pictures, judged by folds against the head.

Where there are few pictures, those of validation alone cannot tell whether learning more than a
head helps. So all training and validation pictures are parted into folds; each fold is named by a
network that has learnt from the others, its head too; and what they say together is compared with
what the heads of the folds say, picture by picture. Where it is better by more than chance, one
network more learns from all the pictures.

All networks learn for the same number of epochs, fixed before: none of them is judged by the
pictures that would choose its best one. Once the pictures still to be named are too few to change
what is decided, no further fold is learnt.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import ModelError
from imagier.features import Head, fit_head, run_features
from imagier.features.strangers import StrangerParts, fit_score
from imagier.i18n import percent, t
from imagier.learning.class_weights import weight_notes
from imagier.learning.data import PreparedData
from imagier.learning.head_trainer import FOLDS as HEAD_FOLDS
from imagier.learning.progress import Progress
from imagier.learning.trainers import Run, TooShortError, score
from imagier.machine import Deadline
from imagier.networks.tuned_network import TunedNetwork
from imagier.onnx_io.strangeness import features_graph
from imagier.recognizer import Recognizer
from imagier.recognizer.history import EpochRow
from imagier.training import Epoch, Plan, Throughput, Tier, TrainingData, train

__all__ = [
    "FoldTuning",
    "Verdict",
    "epochs_within",
    "folds_for",
    "folds_of",
    "shown_in_all",
    "with_all_pictures",
]

FOLDS, MOST_FOLDS = 3, 10  # that there are, that a plan may ask for
MARGIN = 0.92  # share of the time left that is planned: machines do not keep an even speed


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How the folds of the tuned networks and of the head alone named the same pictures.

    Attributes:
        n: How many pictures both have named.
        both: How many both named right.
        only_tuned: How many the tuned networks alone named right.
        only_head: How many the head alone named right.
        to_gain: How many pictures the head named wrong and no tuned network has named yet.
    """

    n: int
    both: int
    only_tuned: int
    only_head: int
    to_gain: int = 0

    @property
    def is_better(self) -> bool:
        """Whether the tuned networks name more right, by more than chance.

        Were both equally good, each picture on which they differ would be a coin tossed, and the
        difference would have a standard deviation of the square root of their number.

        >>> Verdict(n=100, both=80, only_tuned=9, only_head=2).is_better
        True
        >>> Verdict(n=100, both=80, only_tuned=9, only_head=6).is_better
        False
        """
        return _is_clear(self.only_tuned, self.only_head)

    @property
    def is_open(self) -> bool:
        """Whether the tuned networks come out better if they name all others right.

        >>> Verdict(n=50, both=40, only_tuned=1, only_head=4, to_gain=9).is_open
        True
        >>> Verdict(n=50, both=40, only_tuned=1, only_head=4, to_gain=5).is_open
        False
        """
        return _is_clear(self.only_tuned + self.to_gain, self.only_head)

    def sentence(self, folds: int, done: int) -> str:
        """Say what was found and decided.

        Args:
            folds: How many folds there are.
            done: How many of them were learnt.
        """
        if not done:
            return t("learning.note.nothing_to_tune", n=self.to_gain)
        after, before = (
            percent((self.both + only) / self.n) for only in (self.only_tuned, self.only_head)
        )
        if done < folds:
            key = "tuning_given_up"
        else:
            key = "tuned_by_folds" if self.is_better else "not_tuned_by_folds"
        facts = {"after": after, "before": before, "n": self.n, "folds": folds, "done": done}
        return t(f"learning.note.{key}", **facts)


def _is_clear(gained: int, lost: int) -> bool:
    return gained - lost > math.sqrt(gained + lost)


class FoldTuning:
    """The learning of the last stages in folds, and then on all training and validation pictures.

    Args:
        data: What it learns from.
        plan: What each network does.
        run: Its deadline, who is told of it.
        folds: How many folds there are.
        features: Of the training and validation pictures, in the view that is tuned, (n, D).
        build: Gives the network that begins with a head.
        reserve: Seconds to keep for what comes after learning.

    Attributes:
        plan: What each network does.
        folds: How many folds there are.
        folds_done: How many of them were learnt.
        answers: For each training and validation picture the probabilities by the network that
            had not learnt from it, (n, K).
        rows: The learning curve: errors of learning on all pictures, of validation by the folds.
        weights: Of the network that learnt from all pictures.
    """

    def __init__(
        self,
        data: PreparedData,
        plan: Plan,
        run: Run,
        *,
        folds: int,
        features: NDArray[np.floating],
        build: Callable[[Head], TunedNetwork],
        reserve: float = 0.0,
    ) -> None:
        self.plan, self.folds, self.folds_done = plan, folds, 0
        self.answers = np.full((len(features), len(data.dataset.classes)), np.nan, np.float32)
        self.strange = np.full((len(features), 2), np.nan)  # parts of each, by its fold's network
        self.rows: list[EpochRow] = []
        self.weights: dict[str, Any] = {}
        self._data, self._run, self._features, self._build = data, run, features, build
        self._parts = data.folds(folds)
        self._curve = np.zeros((plan.total, 2))  # loss and errors of each epoch, summed
        self._pace = _Pace(run.deadline, to_learn=plan.total * folds * len(features), kept=reserve)
        self._done = 0

    def judge(self, rows: NDArray[np.int64], head: NDArray[np.float32] | None) -> Verdict:
        """Learn fold by fold and compare, as long as it is open what comes out.

        Args:
            rows: Training and validation pictures, in order, (m,).
            head: Their probabilities by heads that had not learnt from them, (m, K).

        Raises:
            TooShortError: When the machine has become too slow to finish in time.
            DataError: `loss_not_finite`.
        """
        assert head is not None  # noqa: S101 - a head is judged by pictures left out
        learnable, pixels = self._data.learnable, self._data.dataset.pixels
        for fold in range(self.folds):
            if not self._compared(rows, head).is_open:
                break
            is_out = self._parts == fold
            if is_out.any():
                network = self._learnt_from(~is_out, judged=is_out)
                self.answers[is_out] = network.probabilities(pixels[learnable[is_out]])
                seen = network.features(pixels[learnable])
                fitted = fit_score(seen[~is_out], self._labels[~is_out])
                self.strange[is_out] = fitted.parts(seen[is_out])
            self.folds_done += 1
        return self._compared(rows, head)

    def validation_score(self) -> tuple[float, float]:
        """Give accuracy and mean log-loss on the validation part, each left out of its fold."""
        rows = self._data.split.validation
        answers = self.answers[np.searchsorted(self._data.learnable, rows)]
        return score(answers, self._data.dataset.labels[rows])

    def learn_all(self) -> None:
        """Learn from all training and validation pictures for as many epochs, once it was judged.

        Raises:
            TooShortError: When the machine has become too slow to finish in time.
            DataError: `loss_not_finite`.
        """
        everyone = np.ones(len(self._parts), bool)
        self._learnt_from(everyone, judged=~everyone)

    def stranger_parts(self, recognizer: Recognizer) -> StrangerParts:
        """Fit on all pictures, as the network sees them that learnt from all; folds judge."""
        graph = features_graph(recognizer.onnx, path=recognizer.name)
        pixels = np.array(self._data.dataset.pixels[self._data.learnable])
        features = run_features(graph, pixels, path=recognizer.name)
        return StrangerParts(score=fit_score(features, self._labels), parts=self.strange)

    @property
    def _labels(self) -> NDArray[np.int64]:
        labels: NDArray[np.int64] = self._data.dataset.labels[self._data.learnable]
        return labels

    def remarks(self) -> Iterator[str]:
        """Say what is worth knowing once all is learnt."""
        yield from weight_notes(self.plan.class_weights)

    def _compared(self, rows: NDArray[np.int64], head: NDArray[np.float32]) -> Verdict:
        """Compare on the pictures that were named until now."""
        labels = self._data.dataset.labels[rows]
        answers = self.answers[np.searchsorted(self._data.learnable, rows)]
        is_named = np.isfinite(answers[:, 0])
        tuned, alone = (one.argmax(axis=1) == labels for one in (answers, head))
        return Verdict(
            n=int(is_named.sum()),
            both=int((is_named & tuned & alone).sum()),
            only_tuned=int((is_named & tuned & ~alone).sum()),
            only_head=int((is_named & alone & ~tuned).sum()),
            to_gain=int((~is_named & ~alone).sum()),
        )

    def _learnt_from(self, learnt: NDArray[np.bool_], *, judged: NDArray[np.bool_]) -> TunedNetwork:
        """Learn a head from some pictures, then the last stages from the same ones."""
        dataset, learnable = self._data.dataset, self._data.learnable
        network = self._build(self._head_of(learnt))
        data = TrainingData(
            pixels=dataset.pixels,
            labels=dataset.labels,
            train=learnable[learnt],
            validation=learnable[judged],
        )
        self._tell()
        rows: list[EpochRow] = []
        for epoch in train(network, data, self.plan):
            self._done += 1
            if judged.any():
                wrong = 1 - epoch.validation_accuracy
                figures = np.array([epoch.validation_loss, wrong])
                self._curve[epoch.number - 1] += figures * judged.sum()
            else:
                rows.append(self._row(epoch))
            self._tell()
            self._pace.check(int(learnt.sum()), epoch.seconds)
        if rows:
            self.rows, self.weights = rows, epoch.weights()
        return network

    def _head_of(self, learnt: NDArray[np.bool_]) -> Head:
        labels = self._labels[learnt]
        return fit_head(
            self._features[learnt],
            labels,
            self._data.folds(HEAD_FOLDS)[learnt],
            class_weights=self._data.class_weights(self._data.learnable[learnt]),
            threads=self.plan.threads,
        ).head

    def _row(self, epoch: Epoch) -> EpochRow:
        loss, wrong = (self._curve[epoch.number - 1] / len(self._parts)).tolist()
        return EpochRow(
            epoch=epoch.number,
            train_loss=epoch.train_loss,
            train_error=1 - epoch.train_accuracy,
            validation_loss=loss,
            validation_error=wrong,
            kept=epoch.number == self.plan.total,
        )

    def _tell(self) -> None:
        total = (self.folds + 1) * self.plan.total
        self._run.progress(Progress(phase="fit", done=self._done, total=total))


class _Pace:
    """Watches that learning ends in time, at the mean speed so far."""

    def __init__(self, deadline: Deadline | None, *, to_learn: int, kept: float) -> None:
        self.deadline, self.to_learn, self.kept = deadline, to_learn, kept
        self.learnt, self.seconds = 0, 0.0

    def check(self, pictures: int, seconds: float) -> None:
        self.learnt, self.seconds = self.learnt + pictures, self.seconds + seconds
        if self.deadline is None:
            return
        needed = (self.to_learn - self.learnt) * self.seconds / self.learnt
        if needed > max(self.deadline.left() - self.kept, 0.0):
            raise TooShortError


def folds_for(data: PreparedData, *, fewest: int) -> int:
    """Choose in how many folds what is tuned is judged; 0 where validation judges alone.

    Args:
        data: What is learnt from.
        fewest: Training pictures with which validation can.
    """
    if len(data.split.train) >= fewest:
        return 0
    # with fewer groups of pictures there are too few for a head within each fold
    return FOLDS if len(np.unique(data.folds(HEAD_FOLDS))) == HEAD_FOLDS else 0


def folds_of(plan: Mapping[str, Any]) -> int:
    """Read by how many folds a plan judges what is tuned; 0 where validation judges alone.

    Raises:
        ModelError: `bad_plan`.

    >>> folds_of({"folds": 3}), folds_of({})
    (3, 0)
    """
    folds = plan.get("folds", 0)
    if isinstance(folds, int) and (folds == 0 or folds in range(2, MOST_FOLDS + 1)):
        return int(folds)
    raise ModelError("bad_plan", reason=f"folds: {ascii(folds)[:60]}")


def with_all_pictures(plan: Plan, data: PreparedData) -> Plan:
    """Let a plan learn from the training and validation pictures, where folds judge."""
    rows = data.learnable
    return replace(plan, epoch_size=len(rows), class_weights=data.class_weights(rows))


def shown_in_all(data: PreparedData, epochs: int, folds: int) -> int:
    """Count the pictures that are learnt from in all folds and once more, one for each time."""
    return epochs * folds * len(data.learnable)  # each fold leaves out one part; all learn last


def epochs_within(
    deadline: Deadline,
    data: PreparedData,
    plan: Plan,
    pace: Throughput,
    *,
    folds: int,
    reserve: float,
    tier: Tier,
) -> Plan:
    """Count the epochs that a budget allows, in all folds and once more.

    Args:
        deadline: What is left of the budget.
        data: What is learnt from.
        plan: All but the number of epochs.
        pace: As measured on a few batches.
        folds: How many folds there are.
        reserve: Seconds to keep for what comes after learning.
        tier: Says which numbers of epochs are worth it.

    Raises:
        TooShortError: When fewer fit than are worth it.
    """
    answers = len(data.learnable) / pace.predict  # of the folds, together each picture once
    one = shown_in_all(data, 1, folds) / pace.train + answers
    available = MARGIN * (deadline.left() - reserve) - answers
    epochs = min(int(max(available, 0.0) / one), tier.max_epochs)
    if epochs < tier.min_epochs:
        raise TooShortError
    return replace(plan, epochs=epochs)
