"""The options of a training run, checked before anything is read."""

import os
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from imagier.arguments import flag, number, one_of, path, received, text, texts, whole
from imagier.datasets import TableOptions, keyed_hash
from imagier.errors import UsageError
from imagier.features import backbone_name
from imagier.files import content_hash, read_regular
from imagier.i18n import t
from imagier.recognizer.folder_contents import CARD_FILE

__all__ = ["CLASS_WEIGHTS", "DEFAULT_BUDGET", "ClassWeight", "TrainOptions", "parse_budget"]

ClassWeight = Literal["balanced", "none", "sqrt"]
CLASS_WEIGHTS: tuple[str, ...] = get_args(ClassWeight)
DEFAULT_BUDGET = 60.0
DEFAULT_LOSS = "cross-entropy"
READER = "reader"  # the family of networks that read lines
MOST_SEED = 2**63 - 1  # as large as every generator takes
UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
PATHS = ("test", "split", "plan", "images", "other_from", "init")
LATER = (
    *("group_from", "path_column", "label_column", "images", "ending", "other_from"),
    *("label_from", "follow_links"),
)
MOST_COMPARED = 2**28  # bytes of a file by whose content it is told from another
UNDECISIVE = (
    "pictures",
    "accept",
    "allow_overlap",
)  # they change what is kept and said, not what is learnt
TEXTS = {
    "network": "cnn",
    "other": "rest",
    "group": "patient",
    "group_from": r"(\d+)_",
    "path_column": "file",
    "label_column": "species",
    "ending": ".jpg",
    "optimizer": "adamw",
}
LOSSES = ("cross-entropy", "squared", "absolute")
FITS = ("auto", "crop-pad", "crop", "pad", "stretch")
BUDGET = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(s|m|min|h)?\s*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions:
    """The options of `imagier train`, under their own names.

    Attributes:
        network: Specification of the network, or `auto`.
        budget: Seconds for everything; None when epochs or a plan decide, or for the default.
        epochs: Exact number of epochs.
        plan: A model whose plan is to be carried out again.
        seed: Decides parts, first weights and order.
        test: Another source to test on.
        classes: Classes to keep.
        other: The class that takes the rest.
        other_from: A folder of anything else, from which that class is learnt.
        group: A table's column of groups.
        group_from: A regular expression that finds the group in a file's name.
        path_column: A table's column of paths.
        label_column: A table's column of labels, or several of 0 and 1 with commas between them.
        images: The folder that a table's paths begin at, in place of its own.
        ending: What is written behind a table's paths.
        label_from: A regular expression that finds the class in a file's name.
        follow_links: Whether links that lead out of the source are followed.
        split: A split.csv to take again.
        loss: The error to make small.
        strict: Whether identical pictures with two names are refused however few they are.
        pictures: Whether copies of pictures may be kept in the model.
        ink: Whether the pictures are ink on paper; None lets the pictures decide.
        fit: How a picture of another shape enters the input; `auto` lets the pictures decide.
        accept: The accuracy that is needed, 0..1.
        optimizer: What follows the gradient; None for the recipe of the network.
        learning_rate: Its highest rate; None for the recipe of the network.
        batch_size: Pictures between two corrections; None for the recipe of the network.
        class_weight: How much more an error on a rare class counts.
        shuffle_pixels: Puts the pixels of all pictures in one random order, drawn from this seed.
        init: A model to go on from, with its network, its weights and its way of preparing
            pictures.
    """

    network: str = "auto"
    budget: float | None = None
    epochs: int | None = None
    plan: str | os.PathLike[str] | None = None
    seed: int = 0
    test: str | os.PathLike[str] | None = None
    classes: tuple[str, ...] = ()
    other: str | None = None
    other_from: str | os.PathLike[str] | None = None
    group: str | None = None
    group_from: str | None = None
    path_column: str | None = None
    label_column: str | None = None
    images: str | os.PathLike[str] | None = None
    ending: str | None = None
    label_from: str | None = None
    follow_links: bool = False
    split: str | os.PathLike[str] | None = None
    loss: str = DEFAULT_LOSS
    strict: bool = False
    pictures: bool = True
    ink: bool | None = None
    fit: Literal["auto", "crop-pad", "crop", "pad", "stretch"] = "auto"
    accept: float | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    batch_size: int | None = None
    class_weight: ClassWeight = "sqrt"
    shuffle_pixels: int | None = None
    allow_overlap: bool = False
    init: str | os.PathLike[str] | None = None

    def __post_init__(self) -> None:
        given = [
            option
            for option, value in (
                ("--budget", self.budget),
                ("--epochs", self.epochs),
                ("--plan", self.plan),
            )
            if value is not None
        ]
        if len(given) > 1:
            raise UsageError("choose_one", options=", ".join(given))
        self._check_types()
        if self.epochs is not None and self.epochs < 1:
            raise UsageError("bad_epochs", epochs=self.epochs)
        if self.class_weight not in CLASS_WEIGHTS:
            raise UsageError("bad_class_weight", received=str(self.class_weight))
        if self.other_from is not None and self.other is None:
            object.__setattr__(self, "other", t("learning.other"))
        for seed in (self.seed, self.shuffle_pixels or 0):
            if not 0 <= seed <= MOST_SEED:
                raise UsageError("bad_seed", seed=seed, most=MOST_SEED)

    def _check_types(self) -> None:
        """Refuse what the command line cannot give and Python can: `epochs=1.5`, `loss=3`."""
        for name in ("epochs", "seed", "batch_size", "shuffle_pixels"):
            if name == "seed" or getattr(self, name) is not None:
                least = 1 if name == "batch_size" else None
                object.__setattr__(self, name, whole(name, getattr(self, name), least=least))
        for name, example in TEXTS.items():
            if name == "network" or getattr(self, name) is not None:
                text(name, getattr(self, name), example=example)
        for name in PATHS:
            if getattr(self, name) is not None:
                path(name, getattr(self, name), example=f"{name}.csv")
        for name in ("strict", "pictures", "allow_overlap", *([] if self.ink is None else ["ink"])):
            flag(name, getattr(self, name))
        one_of("loss", self.loss, LOSSES)
        one_of("fit", self.fit, FITS)
        if self.accept is not None:
            number("accept", self.accept, most=1)
        if self.learning_rate is not None:
            number("learning_rate", self.learning_rate, above=0, most=None)
        texts("classes", self.classes, example=["cat", "dog"])

    @property
    def table(self) -> TableOptions:
        """What is said about the columns and paths of a table."""
        return TableOptions(
            path_column=self.path_column,
            label_column=self.label_column,
            images=self.images,
            ending=self.ending,
            group=self.group,
        )

    @property
    def networks(self) -> tuple[str, ...]:
        """The networks to compare, one or several, as typed."""
        return tuple(name.strip() for name in self.network.split(";") if name.strip()) or ("",)

    @property
    def is_reader(self) -> bool:
        """Whether a network is asked for that reads lines of characters."""
        return any(name.partition(":")[0].lower() == READER for name in self.networks)

    def of_gradient_descent(self) -> list[str]:
        """List the options given that matter only where a gradient is followed, as typed."""
        given = {
            "--loss": self.loss != DEFAULT_LOSS,
            "--optimizer": self.optimizer is not None,
            "--learning-rate": self.learning_rate is not None,
            "--batch-size": self.batch_size is not None,
        }
        return [option for option, is_given in given.items() if is_given]

    def decisive(self, *, key: str = "") -> dict[str, Any]:
        """Give what decides the weights, as JSON values: a resumed run must ask the same.

        Args:
            key: The key of a run whose model is to name no file: its files are hashed under it.
                With none they are called by their own names, without the folders they stand in.
        """
        values = asdict(self)
        for name in UNDECISIVE:
            del values[name]
        for name in LATER:
            if not values[name]:  # runs begun before there was such an option
                del values[name]
        if self.class_weight == "sqrt":
            del values["class_weight"]
        for name in PATHS:
            if values.get(name) is not None:
                values[name] = keyed_hash(_identity(Path(values[name])), key)
        networks = ";".join(map(backbone_name, self.network.split(";")))
        own = {"network": networks, "budget": self.seconds, "classes": list(self.classes)}
        return values | own | ({"key": key} if key else {})

    @property
    def seconds(self) -> float | None:
        """The budget in force; None when epochs or a plan decide."""
        if self.epochs is not None or self.plan is not None:
            return None
        return DEFAULT_BUDGET if self.budget is None else self.budget


def _identity(path: Path) -> str:
    """Tell one file or folder from another by its own name, and by what a file or a model says."""
    name = path.name or path.resolve().name
    for file in (path, path / CARD_FILE):
        with suppress(OSError):  # a folder, or too large
            return f"{name} ({content_hash(read_regular(file, limit=MOST_COMPARED))[:8]})"
    return name


def parse_budget(length: str | float) -> float:
    """Read a length of time in seconds.

    >>> parse_budget("60s"), parse_budget("10m"), parse_budget("1.5 h"), parse_budget(90)
    (60.0, 600.0, 5400.0, 90.0)

    Raises:
        UsageError: `bad_budget`.
    """
    is_length = isinstance(length, str | int | float) and not isinstance(length, bool)
    found = BUDGET.fullmatch(str(length)) if is_length else None
    seconds = float(found[1].replace(",", ".")) * UNITS[found[2] or ""] if found else 0.0
    if not 0 < seconds < 1e7:
        raise UsageError("bad_budget", budget=length if is_length else received(length))
    return seconds
