"""The model that learning goes on from (`--init`): what is taken over from it, and what is not.

Its network, its weights and its way of preparing pictures are taken as they are. Which classes
there are is the source's to say, as always: those that the model knows keep their neurons of the
last layer, by name, and the others get new ones. A class of the model of which the source has no
picture is let go: it could neither be kept alive by learning nor tested.

Pictures that the model was made with stay in the part in which they stood: what was learnt from
never tests.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.datasets import Dataset
from imagier.errors import ModelError, UsageError
from imagier.features import Cut, backbone_name, is_backbone, tuned_backbone
from imagier.files import content_hash, printable
from imagier.i18n import integer, t
from imagier.images import Prepare
from imagier.learning.options import TrainOptions
from imagier.recognizer import Recognizer
from imagier.recognizer import load as load_recognizer
from imagier.recognizer.weights import read_weights
from imagier.testing.leakage import KnownPictures, known_pictures

if TYPE_CHECKING:
    from imagier.learning.data import PreparedData

__all__ = ["InitialModel", "check_plan", "open_initial"]

MOST_NAMED = 10  # classes in a sentence


@dataclass(frozen=True, kw_only=True, eq=False)
class InitialModel:
    """A model that learning goes on from.

    Attributes:
        recognizer: As it was saved.
        name: What it is called, without the folders it stands in; empty where nothing may be named.
        known: The pictures that it was made with; None where it does not say.
    """

    recognizer: Recognizer
    name: str
    known: KnownPictures | None
    _parts: dict[tuple[str, ...], list[str]] = field(default_factory=dict, init=False, repr=False)

    @property
    def classes(self) -> tuple[str, ...]:
        """Its classes, in the order of its last layer."""
        return self.recognizer.classes

    @property
    def network(self) -> str:
        """Canonical name of its network."""
        return self.recognizer.card.network

    @property
    def prepare(self) -> Prepare:
        """How it wants pictures."""
        return self.recognizer.prepare

    @property
    def plan(self) -> Mapping[str, Any]:
        """How it was learnt, as JSON values."""
        return self.recognizer.card.plan

    @cached_property
    def hash(self) -> str:
        """Its name by content, 32 hexadecimal digits: of all that learning takes over from it.

        The same learning gives the same: neither names of files nor times are in it.
        """
        facts = [self.network, list(self.classes), self.prepare.to_json()]
        text = json.dumps(facts, ensure_ascii=True)
        return content_hash(self.recognizer.weights + text.encode())

    @cached_property
    def weights(self) -> dict[str, NDArray[Any]]:
        """Its numbers by name."""
        return read_weights(self.recognizer.weights, path=self.recognizer.name)

    def cut_of(self, part: Cut) -> Cut:
        """Give a cut of the same backbone, its second part as this model has learnt it.

        Raises:
            ModelError: `weights_of_other_network`.
        """
        return part.beginning_with(self.weights, path=self.recognizer.name)

    def rows_of(self, classes: Sequence[str]) -> tuple[int | None, ...]:
        """Tell which neuron of its last layer each class had; None for a class it does not know."""
        places = {name: place for place, name in enumerate(self.classes)}
        return tuple(places.get(name) for name in classes)

    def parts_of(self, dataset: Dataset) -> list[str]:
        """Give the part in which each picture stood for it, empty for those it was made without.

        Copies of what it learnt from count as learnt from.
        """
        if dataset.names not in self._parts:  # copies of photos take a second to find
            self._parts[dataset.names] = self._parts_of(dataset)
        return self._parts[dataset.names]

    def _parts_of(self, dataset: Dataset) -> list[str]:
        if self.known is None:
            return [""] * len(dataset)
        hashes = np.asarray(dataset.hashes).tolist()
        parts = np.full(len(hashes), "", dtype="U10")
        parts[self.known.are_set_aside(hashes)] = "test"
        parts[self.known.are_learnt(hashes) | self.known.are_copies(dataset)] = "train"
        if not self.learnt_from_all:
            parts[self.known.are_chosen_with(hashes)] = "validation"
        found: list[str] = parts.tolist()
        return found

    @property
    def learnt_from_all(self) -> bool:
        """Whether it learnt from the pictures of its validation part too, judged by folds."""
        return bool(self.plan.get("folds"))

    def notes(self, data: "PreparedData") -> Iterator[str]:
        """Say from where learning goes on, and what became of the classes and of known pictures."""
        facts = {"name": self.name or t("learning.init.unnamed"), "hash": self.hash[:8]}
        yield t("learning.note.init", network=self.network, **facts)
        classes = data.dataset.classes
        new = [name for name in classes if name not in self.classes]
        gone = [name for name in self.classes if name not in classes]
        if len(new) == len(classes):
            yield t("learning.note.init_none_known", n=len(new))
        elif new:
            yield t("learning.note.init_new", n=len(new), classes=_named(new))
        if gone:
            yield t("learning.note.init_gone", n=len(gone), classes=_named(gone))
        if self.known is None:
            yield t("learning.note.init_pictures_unknown")
        elif n := sum(map(bool, self.parts_of(data.dataset))):
            yield t("learning.note.init_pictures", n=n, count=integer(n))


def open_initial(options: TrainOptions) -> InitialModel | None:
    """Open the model that learning goes on from, where one was named, and check what was asked.

    Raises:
        ModelError: `init_without_weights`; or as `load` tells.
        UsageError: `init_of_features`, where nothing is there to go on from; `init_network` or
            `init_prepare`, where something else is asked than what the model has.
    """
    if options.init is None:
        return None
    recognizer = load_recognizer(options.init)
    card, path = recognizer.card, printable(options.init)
    if is_backbone(card.network):
        raise UsageError("init_of_features", path=path, network=printable(card.network))
    if not recognizer.weights:
        raise ModelError("init_without_weights", path=path)
    _check_network(recognizer, options, path)
    _check_prepare(recognizer, options, path)
    named = Path(options.init)
    return InitialModel(
        recognizer=recognizer,
        name=printable(named.name or named.resolve().name) if options.pictures else "",
        known=known_pictures(recognizer.artifacts, key=card.key),
    )


def check_plan(past: Recognizer | None, init: InitialModel | None) -> None:
    """Carry out a plan again only from the model that it began with.

    Args:
        past: The model whose plan is carried out again, if one is.
        init: The model that learning goes on from, if one is.

    Raises:
        UsageError: `plan_needs_init`, `plan_without_init` or `plan_other_init`.
    """
    if past is None:
        return
    wanted, name = (past.card.plan.get(key) for key in ("init", "init_name"))
    facts = {"model": past.name, "name": printable(str(name)) if name else "…"}
    if wanted is None and init is not None:
        raise UsageError("plan_without_init", **facts)
    if wanted is None:
        return
    facts["hash"] = printable(str(wanted))[:32]
    if init is None:
        raise UsageError("plan_needs_init", **facts)
    if init.hash != wanted:
        raise UsageError("plan_other_init", found=init.hash, **facts)


def _check_network(recognizer: Recognizer, options: TrainOptions, path: str) -> None:
    own = recognizer.card.network
    asked = [name for name in options.networks if name.lower() != "auto"]
    if not asked:
        return
    if len(asked) > 1 or not _is_same(asked[0], own):
        asked_for = printable(options.network)
        raise UsageError("init_network", path=path, network=printable(own), asked=asked_for)


def _is_same(asked: str, own: str) -> bool:
    if tuned_backbone(asked) or is_backbone(asked):
        return backbone_name(asked.strip().lower()) == own
    from imagier.networks import resolve

    return resolve(asked) == own


def _check_prepare(recognizer: Recognizer, options: TrainOptions, path: str) -> None:
    """Refuse another way of preparing pictures than the one that the weights were learnt for."""
    prepare, plan = recognizer.prepare, recognizer.card.plan
    shuffled = plan.get("shuffle_pixels")
    is_ink = prepare.ink is not None
    differing = {
        "--ink": options.ink is not None and options.ink != is_ink,
        "--fit": options.fit not in ("auto", prepare.fit),
        "--shuffle-pixels": options.shuffle_pixels not in (None, shuffled),
    }
    for option, differs in differing.items():
        if differs:
            raise UsageError("init_prepare", path=path, option=option)


def _named(classes: Sequence[str]) -> str:
    shown = ", ".join(map(printable, classes[:MOST_NAMED]))
    return shown + (", …" if len(classes) > MOST_NAMED else "")
