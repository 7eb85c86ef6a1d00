"""The one story: examples, learning, test; then the recogniser is ready for use.

`learn()` composes what the other rooms do: open a source, prepare the pictures, set parts aside,
learn within a budget, export, test once on what was set aside, report.
"""

import os
from collections.abc import Sequence
from typing import Literal

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
    source: str | os.PathLike[str],
    *,
    network: str = "auto",
    budget: str | float | None = None,
    epochs: int | None = None,
    plan: str | os.PathLike[str] | None = None,
    seed: int = 0,
    test: str | os.PathLike[str] | None = None,
    classes: Sequence[str] = (),
    other: str | None = None,
    other_from: str | os.PathLike[str] | None = None,
    group: str | None = None,
    group_from: str | None = None,
    path_column: str | None = None,
    label_column: str | None = None,
    images: str | os.PathLike[str] | None = None,
    ending: str | None = None,
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
) -> tuple[Recognizer, Report]:
    """Learn from named pictures and test once on pictures that were set aside.

    Args:
        source: Anything that `imagier train` accepts: a folder with one folder a class, a table,
            IDX, NPZ, a zip, or a named set such as `digits`.
        network: `auto`, `linear`, `dense:8,8`, `cnn`...
        budget: Time for everything, such as `60s`, `10m` or a number of seconds; a minute when
            neither budget, epochs nor plan is given.
        epochs: Show the training pictures exactly so many times, however long it takes.
        plan: A model whose learning is to be carried out again.
        seed: Decides parts, first weights and order.
        test: Other pictures to test on; then the source gives training and validation only.
        classes: Keep these classes only.
        other: Name of the class that takes all the classes not kept.
        other_from: A folder of anything else, in any order, from which the class `other` is learnt.
        group: A table's column: pictures of one group stay on one side.
        group_from: A regular expression that finds the group in a file's name.
        path_column: A table's column that names the pictures.
        label_column: A table's column of labels, or columns of 0 and 1 with commas between them.
        images: The folder that a table's paths begin at, in place of its own.
        ending: What to write behind a table's paths, such as `.jpg`.
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

    Returns:
        The recogniser, ready to `predict` and `save`, and the report of its test.

    Raises:
        ImagierError: With a code, a sentence and a next step, as its subclasses tell.
    """
    options = TrainOptions(
        network=network,
        budget=None if budget is None else parse_budget(budget),
        epochs=epochs,
        plan=plan,
        seed=seed,
        test=test,
        classes=tuple(classes),
        other=other,
        other_from=other_from,
        group=group,
        group_from=group_from,
        path_column=path_column,
        label_column=label_column,
        images=images,
        ending=ending,
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
    )
    result = train_recognizer(source, options)
    return result.recognizer, result.report
