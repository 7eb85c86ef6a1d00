r"""From columns to numbers: which explain, which is explained, and what a word is worth.

A word cannot be multiplied by a weight. A column of words with L different ones becomes L - 1
columns of 0 and 1 ("one-hot", as the deck writes labels): the first word, in alphabetical order, is
the reference that the others are compared with. With all L columns the constant could be computed
from them, and no coefficient would have one single value.

>>> from imagier.tables import parse_table
>>> table = parse_table(b"m2,district,price\n50,north,150\n60,south,240\n", name="flats")
>>> variables = choose_variables(table, target="price")
>>> variables.names, variables.read(table).tolist()
(('m2', 'district=south'), [[50.0, 0.0], [60.0, 1.0]])
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError, UsageError
from imagier.files import printable
from imagier.tables import Table

__all__ = ["Variable", "Variables", "choose_target", "choose_variables"]

_MOST_WORDS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One column of numbers.

    Attributes:
        title: The column of the table it comes from.
        word: The word it is 1 for, in a column of words.
    """

    title: str
    word: str | None = None

    @property
    def name(self) -> str:
        """Its name among the coefficients."""
        return self.title if self.word is None else f"{self.title}={self.word}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """What explains, in the order of the columns.

    Attributes:
        columns: The columns of numbers, m of them.
        words: For each title that holds words, all of them, the reference first.
    """

    columns: tuple[Variable, ...]
    words: dict[str, tuple[str, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns of numbers."""
        return tuple(column.name for column in self.columns)

    @property
    def titles(self) -> tuple[str, ...]:
        """The columns of the table, each once."""
        return tuple(dict.fromkeys(column.title for column in self.columns))

    @property
    def groups(self) -> tuple[int, ...]:
        """The number of the word column each variable is made from; -1 for numbers."""
        titles = list(self.words)
        return tuple(
            -1 if column.word is None else titles.index(column.title) for column in self.columns
        )

    def read(self, table: Table) -> NDArray[np.float64]:
        """Read the same columns from any table, (n, m).

        Raises:
            UsageError: `table_unknown_column`.
            DataError: `fit_new_word`, for a word that was not learned from; see also `Table`.
        """
        found = np.empty((len(table), len(self.columns)))
        for title in self.titles:
            self._check_words(table, table.known(title))
        for place, column in enumerate(self.columns):
            if column.word is None:
                found[:, place] = table.numbers(column.title)
            else:
                found[:, place] = [word == column.word for word in table.words(column.title)]
        return found

    def _check_words(self, table: Table, title: str) -> None:
        known = self.words.get(title)
        for row, word in zip(table.lines, table.column(title), strict=True) if known else ():
            if word not in (known or ()):
                raise DataError(
                    "fit_new_word",
                    path=table.name,
                    row=row,
                    column=printable(title),
                    received=printable(word),
                    words=printable(", ".join(known or ())),
                )


def choose_target(table: Table, title: str | None) -> str:
    """Find the column to explain.

    Raises:
        UsageError: `fit_no_target` when it is not said, `table_unknown_column`.
    """
    if title is None:
        columns = printable(", ".join(table.titles))
        raise UsageError("fit_no_target", path=table.name, columns=columns)
    return table.known(title)


def choose_variables(
    table: Table, *, target: str, titles: Sequence[str] | None = None
) -> Variables:
    """Find the columns that explain, and what words they hold.

    Args:
        table: Where they stand.
        target: The column to explain.
        titles: The columns that explain it; every other column when None.

    Raises:
        UsageError: `table_unknown_column`, `fit_target_explains`, `fit_no_variable`.
        DataError: `fit_constant`, `fit_many_words`.
    """
    wanted = [title for title in table.titles if title != target] if titles is None else titles
    if target in wanted:
        raise UsageError("fit_target_explains", column=printable(target))
    columns: list[Variable] = []
    words: dict[str, tuple[str, ...]] = {}
    for title in dict.fromkeys(table.known(title) for title in wanted):
        if table.is_numeric(title):
            columns.append(_number(table, title))
        else:
            words[title] = _words(table, title)
            columns += [Variable(title=title, word=word) for word in words[title][1:]]
    if not columns:
        raise UsageError("fit_no_variable", path=table.name, column=printable(target))
    return Variables(columns=tuple(columns), words=words)


def _number(table: Table, title: str) -> Variable:
    if len(table) > 1 and np.ptp(table.numbers(title)) == 0:
        raise DataError("fit_constant", path=table.name, column=printable(title))
    return Variable(title=title)


def _words(table: Table, title: str) -> tuple[str, ...]:
    words = tuple(sorted(set(table.words(title))))
    if len(words) == 1:
        raise DataError("fit_constant", path=table.name, column=printable(title))
    if len(words) > max(2, min(_MOST_WORDS, len(table) // 2)):
        raise DataError(
            "fit_many_words", path=table.name, column=printable(title), count=len(words)
        )
    return words
