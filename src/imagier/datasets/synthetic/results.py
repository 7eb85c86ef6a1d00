"""What `imagier make` answers: how many pictures there are, where, and what is known of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagier.answers import AnswerFigure, AnswerTable, Shown
from imagier.datasets.synthetic.made_set import Progress, write_made
from imagier.datasets.synthetic.recipes import LABELS, PICTURES, SetRecipe
from imagier.files import printable
from imagier.i18n import integer, storage, t

__all__ = ["MadeSet", "make_set"]

FACTS = ("characters", "fonts", "source", "style", "size", "captcha")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class MadeSet(Shown):
    """A set of pictures that was made and written.

    Attributes:
        recipe: How it was made.
        out: The folder or the zip.
        counts: How many pictures each folder in it got.
        bytes: What all files take.
        notes: What the user should know beside.
    """

    recipe: SetRecipe
    out: Path
    counts: Mapping[str, int]
    bytes: int
    notes: Sequence[str] = ()

    @property
    def has_classes(self) -> bool:
        """Whether there is a folder for each class."""
        return PICTURES not in self.counts

    def lines(self) -> Iterator[str]:
        """Give the number, the place, what is known, and how to learn from it."""
        facts = {"n": self.recipe.count, "count": integer(self.recipe.count)}
        size = storage(self.bytes)
        yield t(f"make.done.{self.recipe.kind}", path=printable(self.out), size=size, **facts)
        for table, columns in self.recipe.columns.items():
            yield t("make.table", table=table, columns=", ".join(("path", *columns)))
        if self.recipe.kind == "shapes" or "label" in self.recipe.columns[LABELS]:
            yield t("make.learn", source=self._source())

    def _source(self) -> str:
        in_folder = not self.has_classes and self.out.suffix.lower() != ".zip"
        return str(self.out / LABELS if in_folder else self.out)

    def to_json(self) -> dict[str, Any]:
        """Give the figures."""
        facts = {name: self.recipe.facts.get(name) for name in FACTS}
        return {
            "out": printable(self.out),
            "kind": self.recipe.kind,
            "n": self.recipe.count,
            "seed": self.recipe.seed,
            "bytes": self.bytes,
            "classes": dict(self.counts) if self.has_classes else None,
            "tables": {name: ["path", *titles] for name, titles in self.recipe.columns.items()},
            **facts,
            "notes": list(self.notes),
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give none."""
        return {}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give none: they stand in the set."""
        return {}


def make_set(
    recipe: SetRecipe,
    out: Path,
    *,
    force: bool = False,
    notes: Sequence[str] = (),
    progress: Progress | None = None,
) -> MadeSet:
    """Make a set and write it.

    Args:
        recipe: What is made.
        out: A folder, or a zip where its name ends so.
        force: Whether a made set that is already there gives way.
        notes: What the user should know beside.
        progress: Told after each picture.

    Raises:
        UsageError: As `write_made`.
        MachineError: `disk_full` or `cannot_write`.
    """
    counts, size = write_made(recipe, out, force=force, progress=progress)
    return MadeSet(recipe=recipe, out=out, counts=counts, bytes=size, notes=tuple(notes))
