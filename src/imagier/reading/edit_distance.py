"""How far is what was read from what is written? The edit distance, and the edits themselves.

A text becomes another one by three kinds of edit: a character is *taken for* another, *left out*,
or *added*. The fewest edits that do it are the edit distance. With D[i, j] for the first i
characters that are written and the first j that were read,

    D[i, j] = min( D[i−1, j−1] + (1 unless they are equal),  D[i−1, j] + 1,  D[i, j−1] + 1 )

and whoever walks back from the last corner, always to where the minimum came from, meets the edits
one by one. Of several ways the one is taken that ends with characters side by side.

The table of many pairs of texts is filled at once, a row at a time: within a row the last of the
three is a running minimum of D[i, j] − j.

>>> align("2026", "202")
(('2', '2'), ('0', '0'), ('2', '2'), ('6', ''))
>>> align_texts(["kitten"], ["sitting"]).distances
array([3])

Source: V. Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals",
1966; R. Wagner, M. Fischer, "The string-to-string correction problem", Journal of the ACM, 1974.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["NOTHING", "Alignment", "align", "align_texts"]

NOTHING = -1  # where no character stands beside the other
MOST_CELLS = 2**22  # of the tables that are filled at once

Integers = NDArray[np.int64]
Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alignment:
    """Texts set beside what was read of them, character by character, over all n pairs.

    Attributes:
        n: Pairs of texts.
        lines: The pair that each step belongs to, in their order, (M,).
        true: Code point that is written; `NOTHING` where one was added, (M,).
        read: Code point that was read; `NOTHING` where one was left out, (M,).
    """

    n: int
    lines: Integers
    true: Codes
    read: Codes

    @property
    def is_edit(self) -> NDArray[np.bool_]:
        """Whether the two sides of each step differ, (M,)."""
        differs: NDArray[np.bool_] = self.true != self.read
        return differs

    @property
    def distances(self) -> Integers:
        """Edit distance of each pair, (n,)."""
        return np.bincount(self.lines[self.is_edit], minlength=self.n)


def align(true: str, read: str) -> tuple[tuple[str, str], ...]:
    """Set one text beside what was read of it: pairs of characters, `""` where there is none.

    Args:
        true: What is written.
        read: What was read.
    """
    found = align_texts([true], [read])
    pairs = zip(found.true.tolist(), found.read.tolist(), strict=True)
    return tuple((_character(one), _character(other)) for one, other in pairs)


def align_texts(true: Sequence[str], read: Sequence[str]) -> Alignment:
    """Set texts beside what was read of them, with the fewest edits.

    Args:
        true: What is written, (n,).
        read: What was read, (n,).

    Raises:
        ValueError: They are not as many.
    """
    if len(true) != len(read):
        raise ValueError("as many texts as readings are needed")
    written, seen = _lengths(true), _lengths(read)
    pieces = [_align_some(true, read, rows) for rows in _batches(written, seen)]
    lines, left, right = (
        np.concatenate([piece[side] for piece in pieces]) if pieces else np.empty(0, np.int64)
        for side in range(3)
    )
    order = np.argsort(lines, kind="stable")
    return Alignment(
        n=len(true),
        lines=lines[order],
        true=left[order].astype(np.int32),
        read=right[order].astype(np.int32),
    )


def _batches(written: Integers, seen: Integers) -> Iterator[Integers]:
    """Give rows of about one length together, so that tables are small and few."""
    longest = np.maximum(written, seen)
    order = np.argsort(-longest, kind="stable")
    start = 0
    while start < len(order):
        size = max(1, MOST_CELLS // (int(longest[order[start]]) + 1) ** 2)
        yield order[start : start + size]
        start += size


def _align_some(
    true: Sequence[str], read: Sequence[str], rows: Integers
) -> tuple[Integers, Codes, Codes]:
    left, right = (_codes([texts[row] for row in rows]) for texts in (true, read))
    i, j = (_lengths([texts[row] for row in rows]) for texts in (true, read))
    table = _distances(left, right)
    every = np.arange(len(rows))
    steps = []
    while (is_open := (i > 0) | (j > 0)).any():
        k = every[is_open]
        a, b = i[k], j[k]
        here = table[a, k, b]
        can_pair = (a > 0) & (b > 0)
        beside = table[a - 1, k, b - 1] + (left[k, a - 1] != right[k, b - 1])
        is_pair = can_pair & (beside == here)
        is_left_out = ~is_pair & (a > 0) & (table[a - 1, k, b] + 1 == here)
        takes, gives = is_pair | is_left_out, ~is_left_out
        steps.append(
            (
                k,
                np.where(takes, left[k, a - 1], NOTHING),
                np.where(gives, right[k, b - 1], NOTHING),
            )
        )
        i[k] -= takes
        j[k] -= gives
    if not steps:
        nothing = np.empty(0, np.int64)
        return nothing, nothing.astype(np.int32), nothing.astype(np.int32)
    k, one, other = (np.concatenate(side) for side in zip(*reversed(steps), strict=True))
    return rows[k], one, other


def _distances(left: Codes, right: Codes) -> NDArray[np.int32]:
    """Fill the tables of n pairs, (A + 1, n, B + 1), from texts (n, A) and (n, B)."""
    (n, height), width = left.shape, right.shape[1]
    place = np.arange(width + 1, dtype=np.int32)
    table = np.empty((height + 1, n, width + 1), np.int32)
    table[0] = place
    for i in range(height):
        above, row = table[i], table[i + 1]
        row[:, 0] = i + 1
        np.add(above[:, :-1], left[:, i, None] != right, out=row[:, 1:])
        np.minimum(row[:, 1:], above[:, 1:] + 1, out=row[:, 1:])
        row -= place
        np.minimum.accumulate(row, axis=1, out=row)
        row += place
    return table


def _codes(texts: Sequence[str]) -> Codes:
    """Write texts as rows of code points, filled up with zeros, at least one column wide."""
    lengths = _lengths(texts)
    codes = np.zeros((len(texts), max(1, int(lengths.max(initial=0)))), np.int32)
    content = "".join(texts).encode("utf-32-le", "surrogatepass")
    codes[np.arange(codes.shape[1]) < lengths[:, None]] = np.frombuffer(content, np.int32)
    return codes


def _lengths(texts: Sequence[str]) -> Integers:
    return np.fromiter(map(len, texts), np.int64, len(texts))


def _character(code: int) -> str:
    return "" if code == NOTHING else chr(code)
