"""What `imagier annotate` answers: how many pictures bear which name, and what comes next."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from imagier.answers import AnswerFigure, AnswerTable, Shown, text_table
from imagier.files import natural_key, printable
from imagier.i18n import BOLD, PLAIN, integer, percent, t
from imagier.labelling.annotation.project import AnnotationProject
from imagier.labelling.annotation.tables import (
    FilledTable,
    is_beside,
    label_table,
    question_table,
)

__all__ = ["AnnotationResult"]

_MOST_NAMES = 30
_NAMED = 5


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AnnotationResult(Shown):
    """How far a folder is named.

    Attributes:
        project: The folder, its pictures and its decisions.
        filled: What became of a table that was filled in; None without one.
        next_pictures: How many pictures to give as the next questions; 0 for none.
        export: Where the table to learn from will stand; None for the decisions' own folder.
    """

    project: AnnotationProject
    filled: FilledTable | None = None
    next_pictures: int = 0
    export: Path | None = None

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many pictures bear each name, most first."""
        found = set(self.project.session.paths)
        names = self.project.log.state.names
        counts = Counter(name for path, name in names.items() if path in found)
        return dict(sorted(counts.items(), key=lambda one: (-one[1], natural_key(one[0]))))

    @cached_property
    def questions(self) -> AnswerTable:
        """The next questions, a row a picture."""
        return question_table(self.project.session, self.next_pictures)

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be read, and what became of a filled table."""
        project = self.project
        bad = project.pictures.skipped
        said = [t("labelling.skipped", message=error.message) for error in bad]
        n = project.pictures.passed_over
        if n:
            said.append(t("labelling.passed_over", n=n, number=integer(n)))
        if project.log.damaged:
            facts = {"n": project.log.damaged, "count": integer(project.log.damaged)}
            said.append(t("annotation.damaged", path=printable(project.log.path), **facts))
        if project.gone:
            said.append(t("annotation.gone", n=project.gone, count=integer(project.gone)))
        if self.filled is not None:
            said += _filled_notes(self.filled)
        return tuple(said)

    def lines(self) -> Iterator[str]:
        """Give the counts, and the next questions where they were asked for."""
        project = self.project
        n, left = len(project.session.paths), len(project.session.left)
        if self.filled is not None:
            yield t("annotation.applied", n=self.filled.named, count=integer(self.filled.named))
        text = t("annotation.named", count=integer(n - left), total=integer(n))
        yield f"{BOLD}{text}{PLAIN}"
        rows = [[name, integer(count)] for name, count in list(self.counts.items())[:_MOST_NAMES]]
        yield from text_table(rows) if rows else ()
        more = len(self.counts) - _MOST_NAMES
        if more > 0:
            yield t("annotation.more_names", n=more, count=integer(more))
        accuracy = project.session.accuracy
        if left and accuracy is not None:
            yield t("annotation.accuracy", share=percent(accuracy))
        if self.next_pictures:
            yield ""
            yield from _question_lines(self.questions)
        if self.export is not None:
            way = (
                "annotation.learn"
                if is_beside(project.folder, self.export)
                else "annotation.learn_images"
            )
            yield t(way, table=self.export, folder=project.folder)
        yield t("annotation.where", path=printable(project.log.path))

    def to_json(self) -> dict[str, Any]:
        """Give all of it, the next questions among it."""
        project, left = self.project, len(self.project.session.left)
        return {
            "folder": printable(project.folder),
            "decisions": printable(project.log.path),
            "described_by": project.pictures.described_by,
            "pictures": len(project.session.paths),
            "named": len(project.session.paths) - left,
            "left": left,
            "classes": self.counts,
            "accuracy": project.session.accuracy,
            "next": [
                dict(zip(("path", "group", "proposed", "probability"), row[:4], strict=True))
                for row in (self.questions.rows if self.next_pictures else ())
            ],
            "applied": None if self.filled is None else _filled_json(self.filled),
            "gone": project.gone,
            "damaged": project.log.damaged,
            "skipped": [
                {"path": str(error.facts["path"]), "code": error.code, "message": error.message}
                for error in project.pictures.skipped
            ],
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give none."""
        return {}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give the named pictures as a table to learn from, and the next questions."""
        project = self.project
        out = self.export or project.log.path
        named = label_table(project.folder, project.log.state, out)
        return {"table": named, "next": self.questions}


def _question_lines(table: AnswerTable) -> Iterator[str]:
    if not table.rows:
        yield t("annotation.none_left")
        return
    titles = [t(f"annotation.column.{title}") for title in table.columns[:4]]
    rows = [["" if cell is None else str(cell) for cell in row[:4]] for row in table.rows]
    yield from text_table([titles, *rows], left=(0, 2))


def _filled_notes(filled: FilledTable) -> Iterator[str]:
    if filled.empty:
        yield t("annotation.empty", n=filled.empty, count=integer(filled.empty))
    for key in ("unknown", "refused"):
        found: tuple[str, ...] = getattr(filled, key)
        if found:
            names = printable(", ".join(found[:_NAMED])) + ", …" * (len(found) > _NAMED)
            yield t(f"annotation.{key}", n=len(found), count=integer(len(found)), names=names)
    for name, hint in filled.new.items():
        if hint:
            yield t("annotation.new_name", name=name, hint=hint)


def _filled_json(filled: FilledTable) -> dict[str, Any]:
    return {
        "named": filled.named,
        "empty": filled.empty,
        "unknown": list(filled.unknown),
        "refused": list(filled.refused),
        "new": list(filled.new),
    }
