"""What is said to a reader beside the options of every training: what its lines are made of."""

import os
from dataclasses import dataclass

from imagier.arguments import one_of, path, text
from imagier.datasets.synthetic import STYLES
from imagier.errors import UsageError
from imagier.learning import TrainOptions

__all__ = ["ReaderOptions", "check_reader_options"]

OF_CLASSES = ("classes", "other", "other_from", "shuffle_pixels", "ink", "init")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderOptions:
    r"""The options of a reader, under their own names.

    Attributes:
        characters: A source of single characters of which lines are composed, to learn from beside
            the real ones.
        format: A pattern of the texts that are composed, such as `\d{5}`; None for the texts of
            the real lines, or up to eight characters.
        style: How composed lines look, a name of `STYLES`; None for what suits the source.
    """

    characters: str | os.PathLike[str] | None = None
    format: str | None = None
    style: str | None = None

    def __post_init__(self) -> None:
        if self.characters is not None:
            path("characters", self.characters, example="mnist")
        if self.format is not None:
            text("format", self.format, example=r"\d{5}")
        if self.style is not None:
            one_of("style", self.style, tuple(STYLES))


def check_reader_options(options: TrainOptions) -> None:
    """Refuse what makes no sense where lines are read.

    Raises:
        UsageError: `option_not_for_reader`.
    """
    plain = TrainOptions()
    for name in (*OF_CLASSES, "loss", "fit", "class_weight"):
        if getattr(options, name) != getattr(plain, name):
            raise UsageError("option_not_for_reader", option="--" + name.replace("_", "-"))
    if len(options.networks) > 1:
        raise UsageError("option_not_for_reader", option="--network A;B")
