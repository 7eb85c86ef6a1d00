"""How photos are prepared for a backbone: their side, and whether cropped, padded or stretched.

The side is chosen before a picture is read, so that each is shrunk once to what the views need. A
photo is rarely square, and the backbone wants squares: cropped, padded or stretched. Cropped for
the most part is tried first (`crop-pad`), since the subject is mostly in the middle; but where
what matters may lie at the edge the folds find it out, on small pictures of training and
validation.
"""

import math
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from imagier.datasets import load
from imagier.errors import PictureError
from imagier.features import Backbone, View, extract, fit_head, open_backbone
from imagier.i18n import duration, t
from imagier.images import Fit, Prepare, one_picture, prepare
from imagier.learning.data import DataSource, PreparedData
from imagier.learning.head_trainer import FOLDS
from imagier.learning.progress import Progress
from imagier.learning.trainers import log_losses
from imagier.learning.view_budget import CROPPED_SIDE, SIDES, ViewBudget
from imagier.machine import Deadline, available_cores, parallel_map

__all__ = ["PhotoPlan"]

FITS: tuple[Fit, ...] = ("crop-pad", "crop", "pad", "stretch")
FIRST: Fit = "crop-pad"  # that another must beat
TIMED = 16  # pictures on which reading and shrinking is timed
NEARLY_SQUARE = 1.12  # of the long side to the short one: less is lost than could be measured
COMPARED_SIDE, MOST_COMPARED = 160, 600  # of the pictures on which fits are compared, how many
COMPARED_SHARE = 0.12  # of the time left that the comparison may take
DEVIATIONS = 2.0  # of the paired difference by which another fit must be better than the first


@dataclass(slots=True, kw_only=True, eq=False)
class PhotoPlan:
    """What a source of photos becomes for a backbone, in the time there is.

    Attributes:
        source: The photos.
        network: Canonical name of the backbone.
        deadline: The budget; None where epochs or a plan decide.
        notes: What the user should know, as sentences.
    """

    source: DataSource
    network: str
    deadline: Deadline | None
    notes: list[str]

    def prepared(self) -> PreparedData:
        """Read the photos once, at the side and in the fit that suit them and the time."""
        backbone = open_backbone(self.network)
        settings = self._settings(backbone)
        data = self.source.prepare(settings)
        if self.source.options.fit != "auto" or self.deadline is None or settings.fit != FIRST:
            return data
        fit = self._best_fit(data, backbone)
        return data if fit == FIRST else self.source.prepare(replace(settings, fit=fit))

    def _settings(self, backbone: Backbone) -> Prepare:
        """Choose side and fit before the pictures are read, and say if the time will not do."""
        source, options = self.source, self.source.options
        fit: Fit = FIRST if options.fit == "auto" else options.fit
        limit = CROPPED_SIDE if fit.startswith("crop") else SIDES[-1]
        largest = source.sample.choose(limit=limit, ink=options.ink, fit=fit)
        side = backbone.side
        if self.deadline is not None:
            source.progress(Progress(phase="pilot"))
            budget = ViewBudget(
                backbone=backbone,
                threads=available_cores(),
                pictures=len(source.listing),
                classes=len(source.listing.classes),
                read=lambda side: self._seconds_to_read(self._at(side, fit)),
            )
            left = self.deadline.left()
            side = budget.side(left, largest=min(largest.height, largest.width))
            needed = budget.seconds((View(side=side),))
            if needed > left:
                spent = self.deadline.budget - left
                facts = {"needed": duration(spent + needed), "budget": duration(spent + left)}
                self._say(t("learning.note.takes_longer", **facts))
        return self._at(side, fit)

    def _at(self, side: int, fit: Fit) -> Prepare:
        return self.source.sample.choose(limit=side, ink=self.source.options.ink, fit=fit)

    def _say(self, sentence: str) -> None:
        self.notes.append(sentence)
        self.source.progress(Progress(phase="pilot", message=sentence))

    def _seconds_to_read(self, settings: Prepare) -> float:
        """Time reading and shrinking on a few pictures, all cores at work."""
        listing = self.source.listing
        rows = np.linspace(0, len(listing) - 1, min(TIMED, len(listing))).astype(int).tolist()

        def read(row: int) -> None:
            # what cannot be read is named and left out when all are read
            with suppress(PictureError), one_picture():
                content = listing.pictures.read(row)
                picture = listing.pictures.decode(
                    row, content, settings.wanted, settings.deep_white
                )
                prepare(picture.pixels, settings, scale=listing.full_scale)

        began = time.monotonic()
        for _ in parallel_map(read, rows):
            pass
        return (time.monotonic() - began) / len(rows)

    def _best_fit(self, data: PreparedData, backbone: Backbone) -> Fit:
        """Compare all fits by the log-loss of folds, on small pictures."""
        sizes = self.source.sample.sizes
        shape = median(max(height, width) / min(height, width) for height, width in sizes)
        rows = data.learnable
        rows = np.sort(np.random.default_rng(data.options.seed).permutation(rows)[:MOST_COMPARED])
        if (
            data.is_one_group
            or shape < NEARLY_SQUARE
            or not self._has_time_for(len(FITS) * len(rows), backbone)
        ):
            return FIRST
        self.source.progress(Progress(phase="pilot", total=len(FITS)))
        errors = {}
        for number, fit in enumerate(FITS, start=1):
            errors[fit] = self._errors(data, rows, fit, backbone)
            self.source.progress(Progress(phase="pilot", done=number, total=len(FITS)))
        return _clearly_better(errors)

    def _has_time_for(self, views: int, backbone: Backbone) -> bool:
        assert self.deadline is not None  # noqa: S101 - asked for where there is one
        budget = ViewBudget(backbone=backbone, threads=available_cores(), pictures=views, classes=0)
        pace = budget.seconds_a_view(COMPARED_SIDE)
        reading = self._seconds_to_read(self._at(COMPARED_SIDE, FIRST))
        return views * (pace + reading) <= COMPARED_SHARE * self.deadline.left()

    def _errors(
        self, data: PreparedData, rows: NDArray[np.int64], fit: Fit, backbone: Backbone
    ) -> NDArray[np.float64]:
        """Give the log-loss of each picture, in one fit, by a head that had not learnt from it."""
        names = {name: row for row, name in enumerate(self.source.listing.names)}
        listing = self.source.listing.take(names[data.dataset.names[row]] for row in rows)
        settings = replace(self._at(COMPARED_SIDE, fit), height=COMPARED_SIDE, width=COMPARED_SIDE)
        small = load(listing, settings, classes=data.dataset.classes)
        wanted = [data.dataset.names[row] for row in rows]
        is_there = np.isin(wanted, small.names)  # a file may have gone meanwhile
        *_, last = extract(
            backbone,
            small.pixels,
            small.hashes,
            prepare=settings,
            view=View(side=backbone.side if backbone.step == 0 else COMPARED_SIDE),
        )
        labels = small.labels
        fitted = fit_head(
            last.features,
            labels,
            data.folds(FOLDS)[np.searchsorted(data.learnable, rows[is_there])],
            class_weights=data.class_weights(rows[is_there]),
        )
        errors = np.full(len(rows), np.log(len(small.classes)))
        errors[is_there] = log_losses(fitted.held_out, labels)
        return errors


def _clearly_better(errors: Mapping[Fit, NDArray[np.float64]]) -> Fit:
    """Take the first fit unless another is better, picture by picture, by more than chance.

    >>> noise = np.random.default_rng(0).normal(size=100)
    >>> _clearly_better({"crop-pad": noise + 1, "pad": noise + 0.9, "stretch": noise})
    'stretch'
    >>> _clearly_better({"crop-pad": noise, "pad": noise[::-1] - 0.01, "stretch": noise + 1})
    'crop-pad'
    """
    best: Fit = min(errors, key=lambda fit: float(errors[fit].mean()))
    gain = errors[FIRST] - errors[best]
    noise = float(gain.std()) / math.sqrt(len(gain))
    return best if float(gain.mean()) > DEVIATIONS * noise else FIRST
