"""The front door of readers from Python: lines with their texts in, a tested reader out."""

import os
from typing import Any

from imagier.arguments import path
from imagier.learning import TrainOptions, parse_budget
from imagier.reading.line_report import LineReport
from imagier.reading.pipeline import train_reader
from imagier.reading.reader_options import ReaderOptions
from imagier.recognizer import Recognizer

__all__ = ["learn_reader"]


def learn_reader(  # noqa: PLR0913 - the front door has the options of `imagier train`
    source: str | os.PathLike[str],
    *,
    network: str = "reader",
    characters: str | os.PathLike[str] | None = None,
    format: str | None = None,  # noqa: A002 - as the command line calls it
    style: str | None = None,
    budget: str | float | None = None,
    epochs: int | None = None,
    plan: str | os.PathLike[str] | None = None,
    seed: int = 0,
    test: str | os.PathLike[str] | None = None,
    pictures: bool = True,
    **of_source: Any,
) -> tuple[Recognizer, LineReport]:
    r"""Learn to read lines of characters and test once on lines that were set aside.

    Args:
        source: A table with a column of texts, a folder of pictures that are called by their
            texts, or single characters such as `mnist`, of which lines are composed.
        network: `reader`, or `reader:32,64,128,192` with other numbers of kernels.
        characters: Single characters of which more lines are composed, beside real ones.
        format: A pattern of the texts that are composed, such as `\d{5}`.
        style: How composed lines look: `codes`, `cheques`, `print` or `captcha`.
        budget: Time for everything, such as `4m`; a minute when nothing else is given.
        epochs: Learn exactly so many epochs of 2,000 lines, however long it takes.
        plan: A reader whose learning is to be carried out again.
        seed: Decides parts, first weights and order.
        test: Other lines to test on.
        pictures: Whether the report and the model may hold lines and their texts.
        **of_source: As `imagier.learn` takes them: `group`, `group_from`, `path_column`,
            `label_column`, `images`, `ending`, `label_from`, `follow_links`, `split`, `accept`,
            `optimizer`, `learning_rate`, `batch_size`.

    Returns:
        The reader, to `save` and to open with `imagier.load_reader`, and the report of its test.

    Raises:
        ImagierError: With a code, a sentence and a next step, as its subclasses tell.
    """
    path("source", source, example="lines.csv")
    options = TrainOptions(
        network=network,
        budget=None if budget is None else parse_budget(budget),
        epochs=epochs,
        plan=plan,
        seed=seed,
        test=test,
        pictures=pictures,
        **of_source,
    )
    reader = ReaderOptions(characters=characters, format=format, style=style)
    result = train_reader(source, options, reader)
    return result.recognizer, result.report
