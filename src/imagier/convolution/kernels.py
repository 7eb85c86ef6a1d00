"""Kernels by name, and kernels typed by hand: `edges`, `"1 2; 3 0"`.

Each looks for one thing. Those whose numbers add up to 0 answer 0 wherever the picture is even, and
far from 0 where it changes; those that add up to 1 keep the brightness.

>>> KERNELS["edges"].numbers.astype(int).tolist(), float(KERNELS["edges"].numbers.sum())
([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], 0.0)
>>> round(float(KERNELS["blur"].numbers.sum()), 12)
1.0
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from imagier.errors import UsageError, did_you_mean
from imagier.files import printable
from imagier.i18n import t

__all__ = ["KERNELS", "Kernel", "parse_kernel", "parse_matrix"]

LARGEST_SIDE = 99
NUMBER = re.compile(r"[+-]?(\d{1,12}(\.\d{0,12})?|\.\d{1,12})(/\d{1,12})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kernel:
    """A small table of numbers that slides over a picture.

    Attributes:
        name: What it is called; its own text when it was typed by hand.
        rows: Its numbers before they are divided, (h, w).
        divisor: By what they are divided.
    """

    name: str
    rows: NDArray[np.float64]
    divisor: int = 1

    @property
    def numbers(self) -> NDArray[np.float64]:
        """The numbers that multiply, (h, w)."""
        return self.rows / self.divisor

    def __str__(self) -> str:
        rows = "; ".join(" ".join(f"{number:g}" for number in row) for row in self.rows)
        return rows if self.divisor == 1 else f"1/{self.divisor} × ({rows})"


def parse_kernel(text: str) -> Kernel:
    """Find a kernel by its name, or read one that was typed.

    Args:
        text: A name of `KERNELS`, or rows between semicolons.

    Raises:
        UsageError: `unknown_kernel`, `kernel_malformed`.

    >>> parse_kernel("horizontal").numbers.astype(int).tolist()
    [[-1, -1, -1], [2, 2, 2], [-1, -1, -1]]
    >>> str(parse_kernel("1 2; 3 0"))
    '1 2; 3 0'
    """
    word = text.strip().lower()
    if word in KERNELS:
        return KERNELS[word]
    if re.fullmatch(r"[^\W\d][\w -]*", word):
        known, hint = ", ".join(KERNELS), did_you_mean(word, KERNELS)
        raise UsageError("unknown_kernel", received=printable(text[:60]), hint=hint, known=known)
    rows = parse_matrix(text)
    return Kernel(name=" ".join(text.split()), rows=rows)


def parse_matrix(text: str, *, largest: int = LARGEST_SIDE) -> NDArray[np.float64]:
    """Read a table of numbers: rows between semicolons, numbers between spaces or commas.

    Decimals may have a comma where spaces stand between the numbers; 1/9 is a ninth.

    Args:
        text: The table.
        largest: The most rows or columns it may have.

    Raises:
        UsageError: `kernel_malformed`, with the reason.

    >>> parse_matrix("1 2; 3 0").astype(int).tolist()
    [[1, 2], [3, 0]]
    >>> parse_matrix("0,5 -1; 1/4 2").tolist()
    [[0.5, -1.0], [0.25, 2.0]]
    """
    lines = [line.strip() for line in re.split(r"[;\n]", text.replace("−", "-").rstrip("; \n"))]
    rows = [_cells(line) for line in lines]
    for number, row in enumerate(rows, start=1):
        if not row:
            _refuse(text, "kernel_malformed.empty_row", row=number)
        if len(row) != len(rows[0]):
            facts = {"row": number, "received": len(row), "expected": len(rows[0])}
            _refuse(text, "kernel_malformed.ragged", **facts)
    if max(len(rows), len(rows[0])) > largest:
        _refuse(text, "kernel_malformed.too_large", limit=largest)
    return np.array([[_number(text, cell) for cell in row] for row in rows])


def _cells(line: str) -> list[str]:
    """Cut a row at its spaces, else at its commas."""
    if re.search(r"\S\s+\S", line) and not re.search(r",\s", line):
        return line.replace(",", ".").split()
    return [cell for cell in re.split(r"[,\s]+", line) if cell]


def _number(text: str, cell: str) -> float:
    if not NUMBER.fullmatch(cell):
        _refuse(text, "kernel_malformed.cell", cell=printable(cell[:40]))
    top, _, bottom = cell.partition("/")
    if bottom and int(bottom) == 0:
        _refuse(text, "kernel_malformed.cell", cell=printable(cell[:40]))
    return float(Fraction(top) / int(bottom or 1))


def _refuse(text: str, key: str, **facts: object) -> NoReturn:
    received = printable(text if len(text) <= 60 else text[:59] + "…")
    raise UsageError("kernel_malformed", received=received, reason=t(key, **facts))


def _named(name: str, text: str, divisor: int = 1) -> Kernel:
    return Kernel(name=name, rows=parse_matrix(text), divisor=divisor)


KERNELS: dict[str, Kernel] = {
    kernel.name: kernel
    for kernel in (
        _named("edges", "-1 -1 -1; -1 8 -1; -1 -1 -1"),
        _named("horizontal", "-1 -1 -1; 2 2 2; -1 -1 -1"),
        _named("vertical", "-1 2 -1; -1 2 -1; -1 2 -1"),
        _named("falling", "2 -1 -1; -1 2 -1; -1 -1 2"),
        _named("rising", "-1 -1 2; -1 2 -1; 2 -1 -1"),
        _named("sobel-x", "-1 0 1; -2 0 2; -1 0 1"),
        _named("sobel-y", "-1 -2 -1; 0 0 0; 1 2 1"),
        _named("emboss", "-2 -1 0; -1 1 1; 0 1 2"),
        _named("sharpen", "0 -1 0; -1 5 -1; 0 -1 0"),
        _named("blur", "1 1 1; 1 1 1; 1 1 1", 9),
        _named("gauss", "1 2 1; 2 4 2; 1 2 1", 16),
        _named("identity", "0 0 0; 0 1 0; 0 0 0"),
    )
}
