"""A folder that is being named: its pictures, its decisions, its session, opened together."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from imagier.errors import UsageError
from imagier.files import is_within, natural_key, printable
from imagier.labelling.annotation.decisions import DecisionLog, open_log
from imagier.labelling.annotation.proposals import ModelAnswers
from imagier.labelling.annotation.session import Session
from imagier.labelling.descriptions import DescribedPictures, Describing, describe_pictures
from imagier.recognizer import Recognizer

__all__ = ["AnnotationProject", "decision_file", "open_project"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnnotationProject:
    """A folder while it is being named.

    Attributes:
        folder: The pictures; nothing in it is changed.
        pictures: What could be read, and what could not.
        log: The decisions.
        session: It asks.
        classes: The names that may be given; empty where any may be.
    """

    folder: Path
    pictures: DescribedPictures
    log: DecisionLog
    session: Session
    classes: tuple[str, ...]

    @property
    def known(self) -> tuple[str, ...]:
        """The names so far, in the order that numbers them."""
        given = sorted(set(self.log.state.names.values()) - set(self.classes), key=natural_key)
        return (*self.classes, *given)

    @property
    def gone(self) -> int:
        """How many named pictures are no longer there."""
        return len(set(self.log.state.names) - set(self.session.paths))

    def files(self, paths: Sequence[str]) -> list[str]:
        """Give the files of pictures below the folder."""
        return [str(self.folder / path) for path in paths]


def decision_file(folder: Path) -> Path:
    """Give the file of decisions that belongs to a folder: beside it, never inside."""
    whole = Path(os.path.abspath(folder))  # noqa: PTH100 - a link keeps its own name
    return whole.with_name(f"{whole.name}.annotations.jsonl")


@contextmanager
def open_project(
    folder: Path,
    *,
    decisions: Path | None = None,
    classes: Sequence[str] = (),
    model: Recognizer | None = None,
    groups: int | None = None,
    described_by: Describing | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[AnnotationProject]:
    """Open a folder to be named, or to go on naming it.

    Args:
        folder: The pictures.
        decisions: The file of decisions; None for the one beside the folder.
        classes: The names that may be given; none where any may be.
        model: A model whose answers are proposed until those learnt here are better.
        groups: How many groups; None for one of twenty pictures in the mean, of fewer in small
            folders.
        described_by: What to compare pictures by; None for the best that is installed.
        seed: Draws the first centres of the groups.
        progress: Called with the pictures described, and all.

    Raises:
        UsageError: `annotate_no_folder`, `annotate_inside`; `annotations_locked`, while another
            process names it.
        DataError: `annotations_foreign`; what `describe_pictures` refuses.
        MachineError: As `open_log` and `describe_pictures`.
    """
    if not folder.is_dir():
        raise UsageError("annotate_no_folder", path=printable(folder))
    path = decisions or decision_file(folder)
    if is_within(path.absolute().parent, folder):
        raise UsageError("annotate_inside", path=printable(path), folder=printable(folder))
    with open_log(path) as log:
        pictures = describe_pictures(str(folder), described_by=described_by, progress=progress)
        paths = [Path(os.path.relpath(one, folder)).as_posix() for one in pictures.paths]
        session = Session(
            paths,
            pictures.points,
            state=log.state,
            record=log.append,
            groups=groups,
            model=None if model is None else _answers(model, pictures.paths),
            seed=seed,
        )
        yield AnnotationProject(
            folder=folder,
            pictures=pictures,
            log=log,
            session=session,
            classes=tuple(classes),
        )


def _answers(model: Recognizer, paths: Sequence[str]) -> ModelAnswers:
    """Ask a model about all pictures; one that it cannot read gets equal probabilities."""
    k = len(model.classes)
    table = np.full((len(paths), k), 1 / k)
    columns = {name: place for place, name in enumerate(model.classes)}
    for row, answer in enumerate(model.predict_many(paths, top=k)):
        for name, share in answer.top:
            table[row, columns[name]] = share
    return ModelAnswers(names=model.classes, probabilities=table)
