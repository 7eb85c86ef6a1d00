"""The one story: examples, learning, test; then the recogniser is ready for use.

`learn()` composes what the other rooms do: open a source, prepare the pictures, set parts aside,
learn within a budget, export, test once on what was set aside, report.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, cast

from numpy.typing import NDArray

from imagier.arguments import path, received, texts
from imagier.datasets import Listing, join_test, list_pictures, open_source
from imagier.errors import UsageError
from imagier.learning.options import TrainOptions, parse_budget
from imagier.learning.pipeline import TrainResult, train_recognizer
from imagier.learning.progress import Progress, ProgressCallback
from imagier.recognizer import Recognizer
from imagier.testing import Report

__all__ = [
    "Progress",
    "ProgressCallback",
    "TrainOptions",
    "TrainResult",
    "learn",
    "parse_budget",
    "train_recognizer",
]


def learn(  # noqa: PLR0913 - the front door has the options of `imagier train`
    source: str | os.PathLike[str] | Sequence[Any] | NDArray[Any],
    labels: Sequence[Any] | NDArray[Any] | None = None,
    *,
    network: str = "auto",
    budget: str | float | None = None,
    epochs: int | None = None,
    plan: str | os.PathLike[str] | None = None,
    seed: int = 0,
    test: str | os.PathLike[str] | tuple[Any, Any] | None = None,
    scale: float | None = None,
    classes: Sequence[str] = (),
    other: str | None = None,
    other_from: str | os.PathLike[str] | None = None,
    group: str | None = None,
    group_from: str | None = None,
    path_column: str | None = None,
    label_column: str | None = None,
    images: str | os.PathLike[str] | None = None,
    ending: str | None = None,
    label_from: str | None = None,
    follow_links: bool = False,
    split: str | os.PathLike[str] | None = None,
    loss: str = "cross-entropy",
    strict: bool = False,
    pictures: bool = True,
    ink: bool | None = None,
    fit: Literal["auto", "crop-pad", "crop", "pad", "stretch"] = "auto",
    accept: float | None = None,
    optimizer: str | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    allow_overlap: bool = False,
    class_weight: Literal["balanced", "none", "sqrt"] = "sqrt",
    init: str | os.PathLike[str] | None = None,
) -> tuple[Recognizer, Report]:
    """Learn from named pictures and test once on pictures that were set aside.

    Args:
        source: Anything that `imagier train` accepts: a folder with one folder a class, a table,
            IDX, NPZ, a zip, or a named set such as `digits`. With labels, the pictures themselves:
            an array, (N, H, W) or (N, H, W, C), or a list of arrays, Pillow images, contents or
            names of files.
        labels: The label of each picture, whole numbers or texts; None where the source has them.
        network: `auto`, `linear`, `dense:8,8`, `cnn`...
        budget: Time for everything, such as `60s`, `10m` or a number of seconds; a minute when
            neither budget, epochs nor plan is given.
        epochs: Show the training pictures exactly so many times, however long it takes.
        plan: A model whose learning is to be carried out again.
        seed: Decides parts, first weights and order.
        test: Other pictures to test on, or a pair (pictures, labels); then the source gives
            training and validation only.
        scale: The level that is white in arrays; None for 255, and for 1 where they are fractions.
        classes: Keep these classes only.
        other: Name of the class that takes all the classes not kept.
        other_from: A folder of anything else, in any order, from which the class `other` is learnt.
        group: A table's column: pictures of one group stay on one side.
        group_from: A regular expression that finds the group in a file's name.
        path_column: A table's column that names the pictures.
        label_column: A table's column of labels, or columns of 0 and 1 with commas between them.
        images: The folder that a table's paths begin at, in place of its own.
        ending: What to write behind a table's paths, such as `.jpg`.
        label_from: A regular expression that finds the class in a file's name, where no folder
            tells it.
        follow_links: Whether links that lead out of the folder are followed.
        split: A `split.csv` whose parts are taken again.
        loss: `cross-entropy`, `squared` or `absolute`.
        strict: Refuse identical pictures that bear two names, however few they are.
        pictures: Whether the report and the model may hold small copies of pictures.
        ink: Whether the pictures are ink on paper; None lets the pictures decide.
        fit: How a picture of another shape enters the input; `auto` lets the pictures decide.
        accept: The accuracy that is needed, 0..1; the report says whether the test proves it.
        optimizer: `adamw`, `muon` or `sgd`; None for the recipe of the network.
        learning_rate: Its highest rate; None for the recipe of the network.
        batch_size: Pictures between two corrections; None for the recipe of the network.
        allow_overlap: Whether `test` may hold pictures that are learnt from; its figures say so.
        class_weight: How much more an error on a rare class counts: `sqrt` a little where classes
            are unequal, `balanced` so that all classes count the same, `none` not at all.
        init: A model to go on from, with its network and its way of preparing pictures. The
            classes are those of the source: known ones keep what was learnt of them, by name.

    Returns:
        The recogniser, ready to `predict` and `save`, and the report of its test.

    Raises:
        ImagierError: With a code, a sentence and a next step, as its subclasses tell.
    """
    held = _held(source, labels, test, scale)
    options = TrainOptions(
        network=network,
        budget=None if budget is None else parse_budget(budget),
        epochs=epochs,
        plan=plan,
        seed=seed,
        test=None if isinstance(test, tuple) else test,
        classes=texts("classes", classes, example=["cat", "dog"]),
        other=other,
        other_from=other_from,
        group=group,
        group_from=group_from,
        path_column=path_column,
        label_column=label_column,
        images=images,
        ending=ending,
        label_from=label_from,
        follow_links=follow_links,
        split=split,
        loss=loss,
        strict=strict,
        pictures=pictures,
        ink=ink,
        fit=fit,
        accept=accept,
        optimizer=optimizer,
        learning_rate=learning_rate,
        batch_size=batch_size,
        allow_overlap=allow_overlap,
        class_weight=class_weight,
        init=init,
    )
    result = train_recognizer(held, options)
    return result.recognizer, result.report


def _held(
    source: object, labels: object, test: object, scale: float | None
) -> str | os.PathLike[str] | Listing:
    """Give the source as a path, or what is held in memory as a listing."""
    is_path = isinstance(source, str | os.PathLike)
    if is_path and labels is not None:
        raise UsageError("labels_without_pictures", source=received(source))
    if is_path and scale is not None:
        raise UsageError("scale_without_array", received=received(source))
    if not isinstance(test, tuple):
        if test is not None:
            path("test", test, example="test-photos/")
        return cast("str | os.PathLike[str]", source) if is_path else _listed(source, labels, scale)
    if len(test) != 2:
        raise UsageError("bad_test_pair", received=received(test))
    first = open_source(cast("str", source)) if is_path else _listed(source, labels, scale)
    return join_test(first, replace(_listed(*test, scale), name="test"))


def _listed(pictures: object, labels: object, scale: float | None) -> Listing:
    return list_pictures(pictures, labels, scale=scale)
