"""The pictures that a reader should see: the worst mistakes, and "à chacun son style".

A percentage hides what went wrong. The worst mistakes are those where the recogniser was surest:
either it learnt something false, or the given name is. The contact sheet shows pictures of each
class as they come, for "as many people, as many handwritten 0, 1, 2, 3…" (deck, chapter 4).
"""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.files import printable
from imagier.testing.evaluation import Evaluation
from imagier.testing.metrics import Integers

if TYPE_CHECKING:
    from imagier.datasets import Dataset

__all__ = [
    "ClassPictures",
    "Mistake",
    "ShownPicture",
    "contact_sheet",
    "thumbnail",
    "worst_mistakes",
]

A_CLASS = 16
ALL_IN_ALL = 480  # beyond 30 classes fewer of each are shown, so that the report stays small
MOST_CLASSES = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One picture named wrong.

    Attributes:
        name: Its file, or its place in the source.
        given: The name it was given.
        answered: The name the recogniser gave it.
        probability: How sure the recogniser was, 0..1.
        png: The picture as it was seen; None where pictures may not be kept.
    """

    name: str
    given: str
    answered: str
    probability: float
    png: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPicture:
    """One picture of the contact sheet and its answer."""

    png: bytes
    answered: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPictures:
    """Pictures of one class, side by side.

    Attributes:
        name: The class.
        n: Pictures it has in all.
        pictures: Some of them.
    """

    name: str
    n: int
    pictures: tuple[ShownPicture, ...]


def worst_mistakes(
    evaluation: Evaluation,
    dataset: "Dataset",
    names: tuple[str, ...],
    *,
    limit: int = 24,
    pictures: bool = True,
) -> tuple[Mistake, ...]:
    """Pick the wrong answers that the recogniser was surest of, the surest first.

    Args:
        evaluation: What was answered.
        dataset: The pictures it was asked about.
        names: The recogniser's classes.
        limit: How many to give at most.
        pictures: Whether their pictures are kept.
    """
    wrong = np.flatnonzero(evaluation.predicted != evaluation.labels)
    order = wrong[np.argsort(-evaluation.confidence[wrong], kind="stable")]
    return tuple(
        Mistake(
            name=printable(dataset.names[row]),
            given=names[evaluation.labels[place]],
            answered=names[evaluation.predicted[place]],
            probability=float(evaluation.confidence[place]),
            png=_png(dataset, row, largest=96) if pictures else None,
        )
        for place, row in _places(evaluation, order[:limit])
    )


def contact_sheet(
    evaluation: Evaluation, dataset: "Dataset", names: tuple[str, ...]
) -> tuple[ClassPictures, ...]:
    """Pick pictures of each class: 16, or fewer where there are more than 30 classes.

    Which ones depends on their content only: the same set gives the same sheet.
    """
    each = max(4, min(A_CLASS, ALL_IN_ALL // len(names)))
    by_content = np.argsort(np.asarray(dataset.hashes)[evaluation.indices], kind="stable")
    styles = []
    for index in sorted(_missed_most(evaluation.counts)[:MOST_CLASSES]):
        members = by_content[evaluation.labels[by_content] == index]
        shown = tuple(
            ShownPicture(
                png=_png(dataset, row, largest=48), answered=names[evaluation.predicted[place]]
            )
            for place, row in _places(evaluation, members[:each])
        )
        styles.append(ClassPictures(name=names[index], n=len(members), pictures=shown))
    return tuple(styles)


def thumbnail(pixels: NDArray[np.uint8], *, full_scale: int = 255, largest: int = 96) -> bytes:
    """Write one prepared picture as a PNG file.

    It is made again from the prepared pixels, so nothing of the user's file goes with it: no
    position, no camera, no comment.

    Args:
        pixels: One picture, (H, W, C), C 1 or 3, grey levels or colours in 0..full_scale.
        full_scale: The level that means white.
        largest: The longer side is brought down to this; smaller pictures keep their size.
    """
    white = np.rint(np.arange(256) * (255 / full_scale)).clip(0, 255).astype(np.uint8)
    levels = white[pixels]  # looked up: a large picture is not held as floating-point numbers
    picture = Image.fromarray(levels[..., 0] if levels.shape[2] == 1 else levels)
    if max(picture.size) > largest:
        picture.thumbnail((largest, largest), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def _missed_most(counts: Integers) -> list[int]:
    """Order the classes that are there, those with the most mistakes first."""
    given = counts.sum(axis=1)
    mistakes = given - np.diag(counts)
    order = np.argsort(-mistakes, kind="stable")
    return [int(index) for index in order if given[index]]


def _places(evaluation: Evaluation, places: Integers) -> list[tuple[int, int]]:
    return [(int(place), int(evaluation.indices[place])) for place in places]


def _png(dataset: "Dataset", row: int, *, largest: int) -> bytes:
    full_scale = dataset.prepare.full_scale
    return thumbnail(dataset.pixels[row], full_scale=full_scale, largest=largest)
