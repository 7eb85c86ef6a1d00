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
    "mistakes_at",
    "surest_mistakes",
    "thumbnail",
    "worst_mistakes",
]

A_CLASS = 16
ALL_IN_ALL = 480  # beyond 30 classes fewer of each are shown, so that the report stays small
MOST_CLASSES = 120
LARGEST, SMALL = 96, 48  # pixels of the longer side, alone and among many
TINY = 40  # pixels; smaller pictures are kept without loss
QUALITY = 85


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One picture named wrong.

    Attributes:
        name: Its file, or its place in the source.
        given: The name it was given.
        answered: The name the recogniser gave it.
        probability: How sure the recogniser was, 0..1.
        content: The picture as it was seen, PNG or JPEG; None where pictures may not be kept.
    """

    name: str
    given: str
    answered: str
    probability: float
    content: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPicture:
    """One picture of the contact sheet, a PNG or JPEG file, and its answer."""

    content: bytes
    answered: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPictures:
    """Pictures of one class, side by side.

    Attributes:
        index: Its place among the classes.
        name: The class.
        n: Pictures it has in all.
        pictures: Some of them.
    """

    index: int
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
    places = surest_mistakes(evaluation)[:limit]
    return mistakes_at(evaluation, dataset, names, places, largest=LARGEST if pictures else None)


def surest_mistakes(evaluation: Evaluation) -> Integers:
    """Give the places of the wrong answers in an evaluation, the surest first."""
    wrong = np.flatnonzero(evaluation.predicted != evaluation.labels)
    return wrong[np.argsort(-evaluation.confidence[wrong], kind="stable")]


def mistakes_at(
    evaluation: Evaluation,
    dataset: "Dataset",
    names: tuple[str, ...],
    places: Integers,
    *,
    largest: int | None,
) -> tuple[Mistake, ...]:
    """Describe some wrong answers.

    Args:
        evaluation: What was answered.
        dataset: The pictures it was asked about.
        names: The recogniser's classes.
        places: Where they stand in the evaluation.
        largest: Pixels of the longer side of each picture; None keeps no picture.
    """
    return tuple(
        Mistake(
            name=printable(dataset.names[row]),
            given=names[evaluation.labels[place]],
            answered=names[evaluation.predicted[place]],
            probability=float(evaluation.confidence[place]),
            content=None if largest is None else _small(dataset, row, largest=largest),
        )
        for place, row in _places(evaluation, places)
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
                content=_small(dataset, row, largest=SMALL),
                answered=names[evaluation.predicted[place]],
            )
            for place, row in _places(evaluation, members[:each])
        )
        styles.append(ClassPictures(index=index, name=names[index], n=len(members), pictures=shown))
    return tuple(styles)


def thumbnail(pixels: NDArray[np.uint8], *, full_scale: int = 255, largest: int = 96) -> bytes:
    """Write one prepared picture as a small file: PNG, or JPEG for photos.

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
    is_photo = picture.mode == "RGB" and max(picture.size) > TINY
    buffer = io.BytesIO()
    if is_photo:
        picture.save(buffer, format="JPEG", quality=QUALITY, optimize=True)
    else:
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


def _small(dataset: "Dataset", row: int, *, largest: int) -> bytes:
    full_scale = dataset.prepare.full_scale
    return thumbnail(dataset.pixels[row], full_scale=full_scale, largest=largest)
