"""The data of a training run: source opened, pictures prepared, parts and folds drawn."""

import dataclasses
import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.datasets import (
    Dataset,
    Listing,
    Signatures,
    Skipped,
    Split,
    forget_contents,
    hash_key,
    keyed_hash,
    load,
    sample,
    split,
    without_empty_classes,
)
from imagier.errors import DataError
from imagier.files import printable
from imagier.i18n import integer
from imagier.images import Fit, Prepare
from imagier.learning.class_weights import are_unequal, class_weights
from imagier.learning.initial_model import InitialModel
from imagier.learning.options import TrainOptions
from imagier.learning.progress import Progress, ProgressCallback
from imagier.learning.source_listing import list_source
from imagier.neurons import input_size_of
from imagier.recognizer import ModelCard, Recognizer

__all__ = [
    "SMALL",
    "DataSource",
    "PreparedData",
    "group_folds",
    "installed_versions",
]

SMALL = 64  # pictures whose sides are not longer are learnt whole by a network of layers
MOST_GOLDEN = 10
MOST_EXPECTED = 200_000  # probabilities kept with the golden pictures
PACKAGES = ("imagier", "torch", "onnx", "onnxruntime", "numpy", "pillow")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PreparedData:
    """Pictures prepared for one kind of network, and their parts.

    Attributes:
        dataset: The pictures.
        split: How they are shared out.
        options: What the user asked.
        is_pilot: Whether nothing follows the learning: no export, no test, no report.
        init: The model that learning goes on from; None to begin anew.
    """

    dataset: Dataset
    split: Split
    options: TrainOptions
    is_pilot: bool = False
    init: InitialModel | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a prepared picture."""
        height, width, channels = self.dataset.pixels.shape[1:]
        return height, width, channels

    @property
    def learnable(self) -> NDArray[np.int64]:
        """The training and validation pictures, as indices in order."""
        return np.sort(np.concatenate([self.split.train, self.split.validation]))

    @property
    def overlap(self) -> int:
        """Count the test pictures that are learnt from, or copies of such.

        Those of parts of our own making are none, but those of another source's test may be, and
        those that the model learning goes on from has learnt from.
        """
        found = self.known_to_init(self.split.test)
        if self.options.test is None:
            return int(found.sum())
        learnt, tested = self.dataset.hashes[self.learnable], self.dataset.hashes[self.split.test]
        found |= np.isin(tested, learnt)
        if (thumbnails := self.dataset.thumbnails) is not None:
            known = Signatures.of(thumbnails[self.learnable])
            found |= known.resembled_by(thumbnails[self.split.test])
        return int(found.sum())

    def known_to_init(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which pictures the model that learning goes on from was made with, (n,)."""
        if self.init is None:
            return np.zeros(len(rows), bool)
        parts = self.init.parts_of(self.dataset)
        return np.array([parts[row] in ("train", "validation") for row in rows.tolist()], bool)

    def notes_of_init(self) -> list[str]:
        """Say from which model learning goes on, and what became of classes and known pictures."""
        return [] if self.init is None else list(self.init.notes(self))

    def refuse_known_to_init(self) -> None:
        """Let a model that learning goes on from know none of the pictures that judge.

        Raises:
            DataError: `init_knows_pictures`.
        """
        known = int(self.known_to_init(self.learnable).sum())
        if known:
            facts = {"n": known, "count": integer(known), "name": printable(self.dataset.name)}
            raise DataError("init_knows_pictures", **facts)

    def reference_inputs(self, most: int | None = None) -> NDArray[np.uint8]:
        """Give the pictures on which the exported model is compared: some of validation, evenly."""
        rows = self.split.validation
        return self.dataset.pixels[rows[:: max(1, -(-len(rows) // most))] if most else rows]

    def golden(self) -> NDArray[np.uint8]:
        """Give one validation picture of each class, at most ten; none where none may be kept."""
        rows = self.split.validation
        _, first = np.unique(self.dataset.labels[rows], return_index=True)
        most = max(1, min(MOST_GOLDEN, MOST_EXPECTED // len(self.dataset.classes)))
        chosen = rows[np.sort(first)][: most if self.options.pictures else 0]
        return self.dataset.pixels[chosen]

    def card(
        self, network: str, *, parameters: int, seed: int, plan: Mapping[str, Any]
    ) -> ModelCard:
        """Write what `model.json` will say: without pictures no name, and hashes under a key."""
        fingerprint = self.dataset.fingerprint()
        data: dict[str, Any] = {"name": self.dataset.name, "n": len(self.dataset)}
        if self.dataset.prepare.ink is not None:
            learnt = self.dataset.pixels[self.split.train]
            data["blank"] = int(len(learnt) - learnt.any(axis=(1, 2, 3)).sum())
        key = ""
        if not self.options.pictures:
            key = hash_key(fingerprint, {"network": network, "seed": seed, "plan": dict(plan)})
            data = {name: data[name] for name in data if name != "name"} | {"key": key}
        return ModelCard(
            classes=self.dataset.classes,
            prepare=self.dataset.prepare,
            network=network,
            parameters=parameters,
            seed=seed,
            plan=plan,
            data=data | {"fingerprint": keyed_hash(fingerprint, key)},
            versions=installed_versions(),
            other=self.options.other,
        )

    @property
    def is_one_group(self) -> bool:
        """Whether the learnable pictures cannot be parted without parting a group."""
        return len(np.unique(self.split.groups[self.learnable])) == 1

    def class_weights(self, rows: NDArray[np.int64]) -> tuple[float, ...]:
        """Weigh the classes of some pictures as the user asked; by `sqrt`, 1 where all are equal.

        What is equal is told by all the pictures but a test part of the source's own: of two
        pictures a class, parts of our making leave one or two to learn from, and no class is rare.
        """
        labels, classes = self.dataset.labels, len(self.dataset.classes)
        used = np.concatenate([self.learnable, self.split.test])
        is_own_test = np.array([part == "test" for part in self.dataset.parts])
        counts = np.bincount(labels[used[~is_own_test[used]]], minlength=classes)
        rule = self.options.class_weight
        if rule == "sqrt" and not are_unequal(counts):
            return (1.0,) * classes
        return class_weights(labels[rows], classes, rule)

    def folds(self, count: int) -> NDArray[np.int64]:
        """Part the learnable pictures into folds, groups kept together, classes evenly.

        The hash of what a group holds decides, not the order of the files.

        Args:
            count: How many folds there are to be.

        Returns:
            The fold of each picture of `learnable`, 0 to `count` - 1, (n,).
        """
        rows = self.learnable
        return group_folds(self.dataset, self.split.groups, rows, count, seed=self.options.seed)


class DataSource:
    """What a source holds, and its pictures as networks want them.

    Whatever they are prepared for, the pictures stand in the same parts: these depend on the
    pictures and the seed, not on the size of the input.

    Args:
        source: The pictures, or a listing of them.
        options: What the user asked.
        past: The model whose plan is carried out again, if one is.
        progress: Called while pictures are read.
        init: The model that learning goes on from, if one is.

    Attributes:
        listing: What the source holds.
        sample: Some of its pictures, seen once.
        seconds: Time spent on reading, preparing and parting the pictures.

    Raises:
        ImagierError: When the source cannot be opened or its names cannot be used.
    """

    def __init__(
        self,
        source: str | os.PathLike[str] | Listing,
        options: TrainOptions,
        past: Recognizer | None,
        progress: ProgressCallback,
        init: InitialModel | None = None,
    ) -> None:
        began = time.monotonic()
        self.options, self.past, self.progress, self.init = options, past, progress, init
        self.listing = list_source(source, options, () if init is None else init.classes)
        self.sample = sample(self.listing)
        self.listing = dataclasses.replace(
            self.listing, notes=(*self.listing.notes, *self.sample.notes)
        )
        self._prepared: dict[Prepare, PreparedData] = {}
        self.seconds = time.monotonic() - began

    def holds_photos(self) -> bool:
        """Tell whether the pictures are larger than networks of layers take whole, and no ink."""
        settings = self.sample.choose(limit=2 * SMALL, ink=self.options.ink, fit="pad")
        return settings.ink is None and max(settings.height, settings.width) > SMALL

    def settings(self, network: str) -> Prepare:
        """Choose how the pictures become the input of a network of layers."""
        given = self.past or self.init
        if given is not None:
            return given.prepare
        size = input_size_of(network)
        limit = SMALL if size.limit is None else size.limit
        fit: Fit = "pad" if self.options.fit == "auto" else self.options.fit
        settings = self.sample.choose(limit=limit, ink=self.options.ink, fit=fit)
        if size.exact is None:
            return settings
        height, width = size.exact
        return dataclasses.replace(settings, height=height, width=width)

    def prepare(self, settings: Prepare) -> PreparedData:
        """Prepare the pictures; what is prepared already is given again."""
        if settings not in self._prepared:
            began = time.monotonic()
            self._prepared[settings] = self._load(settings)
            self.seconds += time.monotonic() - began
        return self._prepared[settings]

    def forget_contents(self) -> None:
        """Let go of the bytes of the pictures: what is learnt from is prepared."""
        forget_contents(self.listing.pictures)

    def _load(self, settings: Prepare) -> PreparedData:
        options, past = self.options, self.past
        dataset = load(
            self.listing,
            settings,
            progress=lambda done, total: self.progress(
                Progress(phase="data", done=done, total=total)
            ),
        )
        _check_several(dataset, self.listing, dataset.skipped)
        if options.test is not None and "test" not in dataset.parts:
            raise DataError("test_without_pictures", name=printable(os.fspath(options.test)))
        if past is not None:  # the parts and the folds are those that the model was learnt in
            options = dataclasses.replace(options, seed=past.card.seed)
        parts = split(
            dataset,
            seed=options.seed,
            strict=options.strict,
            reuse=None if options.split is None else Path(options.split),
            earlier=() if self.init is None else self.init.parts_of(dataset),
        )
        skipped = (*dataset.skipped, *parts.skipped)
        dataset, parts = without_empty_classes(dataset, parts)
        _check_several(dataset, self.listing, skipped)
        _check_learnt(dataset, parts, self.listing)
        data = PreparedData(dataset=dataset, split=parts, options=options, init=self.init)
        if data.overlap and not options.allow_overlap:
            n, name = len(parts.test), printable(os.fspath(options.test or dataset.name))
            facts = {"n": data.overlap, "overlap": integer(data.overlap), "count": integer(n)}
            if data.known_to_init(parts.test).any():
                raise DataError("test_known_to_init", name=name, **facts)
            raise DataError("test_overlap", name=name, **facts)
        return data


def _check_several(dataset: Dataset, listing: Listing, skipped: Sequence[Skipped]) -> None:
    """Refuse a set of which one class alone has pictures that can be used, with the reason."""
    if len(dataset.classes) > 1:
        return
    label_of = dict(zip(listing.names, listing.labels, strict=True))
    (label,) = dataset.classes
    others = (one for one in skipped if label_of.get(one.path, label) != label)
    reason = next((one.message for one in others), "")
    facts = {"name": printable(dataset.name), "label": printable(label)}
    raise DataError("one_class_usable", reason=reason, **facts)


def _check_learnt(dataset: Dataset, parts: Split, listing: Listing) -> None:
    """Refuse classes that are tested and never learnt: the model would have names of no use."""
    missing = np.setdiff1d(np.arange(len(dataset.classes)), dataset.labels[parts.train])
    if not len(missing):
        return
    names = [dataset.classes[label] for label in missing.tolist()]
    label_of = dict(zip(listing.names, listing.labels, strict=True))
    skipped = (f" {one.message}" for one in dataset.skipped if label_of.get(one.path) in names)
    raise DataError(
        "classes_not_learnt",
        name=printable(dataset.name),
        n=len(names),
        classes=", ".join(map(printable, names[:5])) + (", …" if len(names) > 5 else ""),
        reason=next(skipped, ""),
    )


def group_folds(
    dataset: Dataset,
    groups: NDArray[np.int64],
    rows: NDArray[np.int64],
    count: int,
    *,
    seed: int,
) -> NDArray[np.int64]:
    """Part pictures into folds, groups kept together, classes evenly; see `PreparedData.folds`.

    Args:
        dataset: The pictures.
        groups: The group of each picture of the data set, (N,).
        rows: The pictures to part, (n,).
        count: How many folds there are to be.
        seed: Another seed gives other folds.
    """
    members: dict[int, list[int]] = {}
    for place, group in enumerate(groups[rows].tolist()):
        members.setdefault(group, []).append(place)
    names, labels = dataset.hashes[rows], dataset.labels[rows]

    def rank(places: list[int]) -> tuple[int, bytes]:
        name = f"{seed}\nfold\n{min(str(names[place]) for place in places)}"
        label = int(np.bincount(labels[places]).argmax())
        return label, hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()

    folds = np.empty(len(rows), np.int64)
    for number, places in enumerate(sorted(members.values(), key=rank)):
        folds[places] = number % count
    return folds


def installed_versions() -> dict[str, str]:
    """Give the versions of what shapes a model, those that are installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
