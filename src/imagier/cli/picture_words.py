"""The pictures that `imagier predict` and `imagier read` are given, and what is said about them."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import click

from imagier.cli.framework import Advance, note
from imagier.errors import PictureError, UsageError
from imagier.files import printable
from imagier.i18n import integer, t

if TYPE_CHECKING:
    from imagier.images.file_search import PictureStream

__all__ = ["Tally", "check_words", "count_words", "find_words", "tell_tally", "without_table"]

EXIT_BAD_INPUTS: Final = 3


class _Answer(Protocol):
    @property
    def status(self) -> str:
        """`ok` or `error`."""

    @property
    def abstained(self) -> bool:
        """Whether it is left to a person."""


Told = TypeVar("Told", bound=_Answer)


@dataclass(slots=True, kw_only=True)
class Tally:
    """How much was answered.

    Attributes:
        n: Answers.
        good: Answers that are no errors.
        pictures: Pictures that they are about.
        bad: Pictures that could not be read.
        unsaid: Answers that are left to a person.
    """

    n: int = 0
    good: int = 0
    pictures: int = 0
    bad: int = 0
    unsaid: int = 0

    def count(
        self,
        answers: Iterable[Told],
        advance: Advance,
        total: int | None,
        *,
        number: Callable[[Told], int | None] = lambda _: None,
    ) -> Iterator[Told]:
        """Count answers as they pass.

        Args:
            answers: What was answered.
            advance: Called with the pictures done.
            total: How many there are; None where nobody knows.
            number: Gives the place of an answer among those about one picture, from 1; None where
                there is one about each.
        """
        for answer in answers:
            self.n += 1
            is_error, place = answer.status == "error", number(answer)
            self.good += not is_error
            self.pictures += place in {None, 1}
            self.bad += is_error and place is None
            self.unsaid += answer.abstained
            advance(self.pictures, total)
            yield answer

    def exit_code(self, *, strict: bool) -> int:
        """Give 3 where nothing could be read, or where something could not and all must; else 0."""
        return EXIT_BAD_INPUTS if self.good < self.n and (strict or not self.good) else 0


def check_words(context: click.Context, words: tuple[str, ...], paths_from: str | None) -> None:
    """Refuse pictures named in two ways, or in none.

    Raises:
        UsageError: `paths_twice`.
    """
    if words and paths_from:
        raise UsageError("paths_twice")
    if not (words or paths_from):
        raise click.MissingParameter(ctx=context, param=context.command.params[1])


def find_words(words: tuple[str, ...], paths_from: str | None, stack: ExitStack) -> "PictureStream":
    """Find the pictures: files, folders, patterns, a pipe; or those of a list of paths.

    Args:
        words: As typed.
        paths_from: The file of a list, or `-`; None for no list.
        stack: Closes the list.

    Raises:
        UsageError: `path_list_empty`, or as `stream_pictures`.
    """
    from imagier.images.file_search import PictureStream, stream_pictures
    from imagier.images.path_list import open_paths, read_paths

    if paths_from is None:
        return stream_pictures(words)
    paths = read_paths(stack.enter_context(open_paths(paths_from)), name=paths_from)
    first = next(paths, None)
    if first is None:
        raise UsageError("path_list_empty", path=printable(paths_from))
    return PictureStream(paths=chain([first], paths))


def count_words(words: tuple[str, ...], *, is_quiet: bool) -> int | None:
    """Count the pictures for a bar that somebody sees, else not; those of a list are not known."""
    from imagier.images.file_search import stream_pictures

    is_seen = words and not is_quiet and sys.stderr.isatty()
    return sum(1 for _ in stream_pictures(words).paths) if is_seen else None


def without_table(
    paths: Iterable[str | PictureError], table: str | None
) -> Iterator[str | PictureError]:
    """Leave out the table of an earlier run, which stands in the folder that it is about."""
    for path in paths:
        if table is None or isinstance(path, PictureError) or not _is_same(path, table):
            yield path


def tell_tally(
    found: "PictureStream",
    tally: Tally,
    *,
    table: str | None,
    more: Iterable[str] = (),
    quiet: bool,
) -> None:
    """Say on stderr what the answers themselves do not: what was written, left out, not read.

    Args:
        found: The pictures.
        tally: What became of them.
        table: The file that was written; None where none was.
        more: Sentences about what else was written.
        quiet: Whether nothing is said.
    """
    if found.passed_over:
        from imagier.images.filenames import passed_over_note

        note("\n".join(passed_over_note(found.passed_over)), quiet=quiet)
    if table:
        path = printable(table)
        note(t("cli.predict.written", n=tally.n, count=integer(tally.n), path=path), quiet=quiet)
    for sentence in more:
        note(sentence, quiet=quiet)
    if tally.bad:
        bad, count = integer(tally.bad), integer(tally.pictures)
        note(t("cli.predict.bad", n=tally.bad, bad=bad, count=count), quiet=quiet)


def _is_same(path: str, table: str) -> bool:
    """Tell whether a picture's path is the table of an earlier run, in the same folder."""
    if Path(path).name != Path(table).name:
        return False
    return os.path.realpath(path) == os.path.realpath(table)
