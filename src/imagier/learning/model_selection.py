"""Which network for these pictures, this machine and this time? From a name to what was learnt.

`auto` stands for a backbone where the pictures are photos; else short pilots choose, which learn
from some of the pictures and answer some of those of validation. Of several networks that the user
names validation keeps the best. The test part is never looked at.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import ImagierError, ModelError, UsageError
from imagier.features import (
    FeaturePlan,
    as_typed,
    backbone_name,
    is_backbone,
    is_backbone_installed,
    open_backbone,
    tuned_backbone,
)
from imagier.i18n import percent, t
from imagier.images import prepare
from imagier.learning.choice import Choice
from imagier.learning.data import SMALL, DataSource, PreparedData
from imagier.learning.head_trainer import HeadTrainer, refuse_shuffled
from imagier.learning.options import CLASS_WEIGHTS, TrainOptions
from imagier.learning.photo_plan import PhotoPlan
from imagier.learning.progress import Progress
from imagier.learning.run_store import RunStore
from imagier.learning.trainers import Run, TooShortError, Trainer
from imagier.machine import Deadline, is_importable
from imagier.neurons import input_size_of
from imagier.recognizer import Recognizer
from imagier.recognizer.history import Trial

if TYPE_CHECKING:
    from imagier.learning.network_trainer import NetworkTrainer
    from imagier.training import Tier

__all__ = ["Choice", "ModelSelection", "check_network", "judge", "trainer_for"]

AUTO, PHOTOS, PLAINEST = "auto", "features", "linear"
PILOT_TRAIN, PILOT_VALIDATION = 2_000, 1_000  # pictures of a pilot
PILOT_EPOCHS = 3
OF_ONE_NETWORK = ("loss_not_finite", "out_of_memory")  # what the others are not touched by
PILOT_SHARE = 0.1  # of the time left that all pilots together may take


class ModelSelection:
    """The way from what the user asked to the trainer whose model is kept.

    Args:
        source: The pictures.
        run: The deadline of all networks together, and who is told of them.
        store: What an earlier run left, and where to keep what is learnt.
    """

    def __init__(self, source: DataSource, run: Run, store: RunStore) -> None:
        self.source, self.run, self.store = source, run, store
        self.options = source.options
        self._photos: dict[str, tuple[PreparedData, list[str]]] = {}

    def best(self) -> Trainer:
        """Learn what was asked for; of several networks the one that validation prefers is kept.

        Raises:
            UsageError: `auto_among_others`, `unknown_network`, `network_spec`, `shuffled_photos`,
                `plan_of_other_classes`.
            ImagierError: As the rooms that are passed through tell.
        """
        if self.source.past is not None:
            return self._fitted(self._again(self.source.past))
        if (init := self.source.init) is not None:  # its network, on pictures as it wants them
            data = self.source.prepare(init.prepare)
            run = self._recorded(self.run, "", data)
            return self._fitted(trainer_for(data, init.network, run))
        networks = self.options.networks
        for network in networks:
            if network.lower() != AUTO:
                check_network(network, self.options)
            elif len(networks) > 1:
                raise UsageError("auto_among_others")
        if len(networks) > 1:
            return self._compared(networks)
        if networks[0].lower() == AUTO:
            return self._chosen()
        return self._learnt(networks[0], "", self.run)

    def _learnt(self, network: str, name: str, run: Run, *, is_auto: bool = False) -> Trainer:
        """Learn one network; where time is too short for it, the plainest one that there is.

        Args:
            network: As typed, or as chosen.
            name: What tells it from the other networks of the run; empty for the only one.
            run: Its deadline, and who is told of it.
            is_auto: Whether nobody asked for it by name.
        """
        begun = self.store.network(name)
        if run.deadline and not begun:
            for trainer in self._by_time(network, name, run, is_auto=is_auto):
                with suppress(TooShortError):
                    return self._fitted(trainer)
        trainer = self._trainer(_canonical(as_typed(begun or network, [network])), name, run)
        try:
            return self._fitted(trainer)
        except TooShortError:
            plainest = self._trainer(PLAINEST, name, run)
            plainest.notes.append(t("learning.choice.too_short", network=trainer.network))
            return self._fitted(plainest)

    def _fitted(self, trainer: Trainer) -> Trainer:
        if trainer.data.init is not None:
            trainer.notes += trainer.data.init.notes(trainer.data)
        for data, notes in self._photos.values():
            if trainer.data is data:
                trainer.notes += notes
        if len(self.options.networks) == 1:
            self.source.forget_contents()
        trainer.fit()
        return trainer

    def _chosen(self) -> Trainer:
        """Choose, unless a stopped run had chosen already."""
        found = self.store.choice
        choice = Choice.from_json(found) if found else self._choose()
        self.store.choice = choice.to_json()
        trainer = self._learnt(choice.network, "", self.run, is_auto=True)
        if choice.reason:
            trainer.notes.insert(0, choice.reason)
            trainer.manner.append(choice.reason)
        trainer.compared = choice.trials
        return trainer

    def _compared(self, networks: tuple[str, ...]) -> Trainer:
        """Give each network an equal share of the time; keep the best of those that were learnt."""
        run, trainers = self.run, list[Trainer]()
        failures: dict[str, ImagierError] = {}
        for number, network in enumerate(networks):
            run.progress(
                Progress(phase="compare", done=number, total=len(networks), network=network)
            )
            share = run.deadline.share(1 / (len(networks) - number)) if run.deadline else None
            try:
                trainer = self._learnt(network, f"{number + 1}", replace(run, deadline=share))
            except KeyboardInterrupt:
                if not trainers:
                    raise
                trainers[-1].interrupted = True  # the finished ones are worth keeping
                break
            except ImagierError as error:
                if error.code not in OF_ONE_NETWORK:
                    raise
                failures[backbone_name(network)] = error
                continue
            trainers.append(trainer)
            if trainer.interrupted:
                break
        if not trainers:
            raise failures[backbone_name(networks[-1])]
        trials = tuple(trainer.trial() for trainer in trainers)
        best = min(trainers, key=lambda one: (-one.trial().accuracy, one.trial().loss))
        best.interrupted = trainers[-1].interrupted
        best.compared = trials
        figures = " · ".join(f"{one.network} {percent(one.accuracy)}" for one in trials)
        facts = {"figures": figures, "n": len(best.data.split.validation)}
        best.notes.insert(0, t("learning.choice.compared", network=best.network, **facts))
        best.notes += [f"{name}: {error.message}" for name, error in failures.items()]
        return best

    def _choose(self) -> Choice:
        """Choose what `auto` stands for."""
        if self._suits_backbone() and (self.run.deadline or not is_importable("torch")):
            return Choice(network=PHOTOS, reason=t("learning.choice.photos"))
        candidates = ["linear", "dense:128", "cnn"]
        run, deadline = self.run, self.run.deadline
        run.progress(Progress(phase="compare", total=len(candidates)))
        pilot = _pilot(self._data(candidates[-1]), self.options.seed)
        trials: list[Trial] = []
        for number, network in enumerate(reversed(candidates), start=1):
            until = deadline.share(PILOT_SHARE / len(candidates)) if deadline else None
            try:
                trials.insert(0, _try(pilot, network, until))
            except TooShortError:
                break
            run.progress(Progress(phase="compare", done=number, total=len(candidates)))
        if len(trials) < 2:  # one alone is no comparison
            reason = t("learning.choice.no_time", network=candidates[-1])
            return Choice(network=candidates[-1], reason=reason, trials=tuple(trials))
        return judge(trials, len(pilot.split.validation))

    def _suits_backbone(self) -> bool:
        is_whole = self.options.shuffle_pixels is None
        return is_whole and self.source.holds_photos() and is_backbone_installed()

    def _by_time(self, network: str, name: str, run: Run, *, is_auto: bool) -> Iterator[Trainer]:
        """Give the trainers that may take the place of a network in so much time, most able first.

        A plain `cnn` gives way to larger ones; `features`, where nobody asked for it by name, to
        `finetune`. Each learns only where the budget allows as many epochs as make it worth while.
        """
        deadline = run.deadline
        assert deadline is not None  # noqa: S101 - asked for where there is one
        if is_auto and network == PHOTOS and is_importable("torch"):
            from imagier.learning.finetune_trainer import FinetuneTrainer

            tuned = self._trainer("finetune", name, run)
            assert isinstance(tuned, FinetuneTrainer)  # noqa: S101 - so it is called
            if tuned.may_fit(deadline):
                yield tuned
        if network.strip().lower() != "cnn":
            return
        from imagier.training import tiers

        data = self._data("cnn", name)
        is_ink = data.dataset.prepare.ink is not None
        for tier in reversed(tiers(min(data.shape[:2]), is_ink=is_ink)):
            trainer = self._of_tier(data, tier, name, run)
            if trainer.may_fit(deadline):
                yield trainer

    def _of_tier(self, data: PreparedData, tier: "Tier", name: str, run: Run) -> "NetworkTrainer":
        from imagier.learning.network_trainer import NetworkTrainer

        return NetworkTrainer(data, tier.network, self._recorded(run, name, data), tier=tier)

    def _trainer(self, network: str, name: str, run: Run) -> Trainer:
        """Make the trainer of a network by its canonical name."""
        data = self._data(network, name)
        return trainer_for(data, network, self._recorded(run, name, data))

    def _again(self, past: Recognizer) -> Trainer:
        """Make the trainer that carries out the learning of a model again."""
        data = self.source.prepare(past.prepare)
        if past.classes != data.dataset.classes:
            names = ", ".join(past.classes)
            raise UsageError("plan_of_other_classes", model=past.name, classes=names)
        weights = past.card.plan.get("class_weights")
        if isinstance(weights, list) and len(weights) != len(past.classes):
            raise ModelError("bad_plan", reason=f"class_weights: {ascii(weights)[:40]}")
        rule = past.card.plan.get("class_weight", self.options.class_weight)
        if rule not in CLASS_WEIGHTS:
            raise ModelError("bad_plan", reason=f"class_weight: {ascii(rule)[:40]}")
        data = replace(data, options=replace(data.options, class_weight=rule))
        run = self._recorded(self.run, "", data)
        network = as_typed(past.card.network, self.options.networks)
        trainer = trainer_for(data, network, run, past.card.plan)
        is_of_layers = not is_backbone(tuned_backbone(network) or network)
        if is_of_layers and trainer.parameters != past.card.parameters:
            raise ModelError("bad_plan", reason=f"network: {ascii(network)[:40]}")
        return trainer

    def _recorded(self, run: Run, name: str, data: PreparedData) -> Run:
        return replace(run, record=self.store.record(name, data.dataset.fingerprint()))

    def _data(self, network: str, name: str = "") -> PreparedData:
        """Prepare the pictures for a network by its canonical name."""
        backbone = tuned_backbone(network) or (network if is_backbone(network) else None)
        if backbone is None:
            return self.source.prepare(self.source.settings(network))
        kept = self.store.prepare(name)
        if kept is not None:
            return self.source.prepare(kept)
        if backbone not in self._photos:
            notes: list[str] = []
            plan = PhotoPlan(
                source=self.source, network=backbone, deadline=self.run.deadline, notes=notes
            )
            self._photos[backbone] = plan.prepared(), notes
        return self._photos[backbone][0]


def trainer_for(
    data: PreparedData, network: str, run: Run, plan: Mapping[str, Any] | None = None
) -> Trainer:
    """Make the trainer of a network by its canonical name, on pictures prepared for it.

    Args:
        data: What it learns from.
        network: Its name.
        run: Its deadline, who is told of it, what is kept on the way.
        plan: The plan of a model to carry out again, as JSON values; None to make one.

    Raises:
        ModelError: `bad_plan`.
        MachineError: `part_missing`, where the network needs torch and it is not there.
    """
    if is_backbone(network):
        return HeadTrainer(
            data, network, run, None if plan is None else FeaturePlan.from_json(plan)
        )
    if backbone := tuned_backbone(network):
        from imagier.learning.finetune_trainer import FinetuneTrainer

        return FinetuneTrainer(data, network, run, backbone=backbone, plan=plan)
    from imagier.learning.network_trainer import NetworkTrainer
    from imagier.training import Plan

    if plan is None:
        return NetworkTrainer(data, network, run, None)
    read = Plan.from_json(plan)
    if read.network != network:
        raise ModelError("bad_plan", reason=f"network: {ascii(read.network)[:40]}")
    return NetworkTrainer(data, network, run, read)


def check_network(network: str, options: TrainOptions) -> None:
    """Refuse the name of a network that cannot be learnt as asked, before anything is learnt.

    Raises:
        UsageError: `unknown_network`, `network_spec` or `shuffled_photos`.
        ImagierError: As `open_backbone` tells.
    """
    backbone = tuned_backbone(network) or network
    if is_backbone(backbone):
        open_backbone(backbone)
        refuse_shuffled(network, options)
    else:
        _canonical(network)


def judge(trials: list[Trial], n: int) -> Choice:
    """Take the last, which gains most from more pictures, unless another is clearly better.

    Args:
        trials: The pilots.
        n: On how many validation pictures they were judged.
    """
    richest, best = trials[-1], max(trials, key=lambda one: one.accuracy)
    noise = math.sqrt(max(best.accuracy * (1 - best.accuracy), 1 / n) / n)
    chosen = best if best.accuracy - richest.accuracy > 2 * noise else richest
    figures = " · ".join(f"{one.network} {percent(one.accuracy)}" for one in trials)
    reason = t("learning.choice.pilots", network=chosen.network, figures=figures, n=n)
    return Choice(network=chosen.network, reason=reason, trials=tuple(trials))


def _canonical(network: str) -> str:
    """Give the name of a network as it is kept in a model."""
    if tuned_backbone(network):
        return network.strip().lower()
    if is_backbone(network):
        return network.strip()
    from imagier.networks import resolve

    return resolve(network)


def _pilot(data: PreparedData, seed: int) -> PreparedData:
    """Take some training and some validation pictures, the same for all pilots."""
    generator = np.random.default_rng(seed)
    train = _some(data.split.train, PILOT_TRAIN, generator)
    validation = _some(data.split.validation, PILOT_VALIDATION, generator)
    rows = np.concatenate([train, validation])
    places = np.arange(len(rows))
    return PreparedData(
        dataset=data.dataset.take(rows),
        split=replace(
            data.split,
            train=places[: len(train)],
            validation=places[len(train) :],
            test=places[:0],
            groups=data.split.groups[rows],
        ),
        options=replace(data.options, epochs=PILOT_EPOCHS, budget=None),
        is_pilot=True,
    )


def _some(rows: NDArray[np.int64], n: int, generator: np.random.Generator) -> NDArray[np.int64]:
    return np.sort(generator.permutation(rows)[:n])


def _try(pilot: PreparedData, network: str, deadline: Deadline | None) -> Trial:
    """Learn a little with one network; nothing of it is kept but its figures."""
    trainer = trainer_for(_shrunk(pilot, network), network, Run(deadline=deadline))
    trainer.fit()
    if trainer.interrupted:  # a pilot cut short is no comparison, and the user wants to stop
        raise KeyboardInterrupt
    return trainer.trial()


def _shrunk(data: PreparedData, network: str) -> PreparedData:
    """Make the pictures of a pilot as small as a network wants them."""
    settings, limit = data.dataset.prepare, input_size_of(network).limit or SMALL
    longest = max(settings.height, settings.width)
    if longest <= limit:
        return data
    smaller = replace(
        settings,
        height=max(1, settings.height * limit // longest),
        width=max(1, settings.width * limit // longest),
    )
    pixels = np.stack([prepare(picture, smaller) for picture in data.dataset.pixels])
    return replace(data, dataset=replace(data.dataset, pixels=pixels, prepare=smaller))
