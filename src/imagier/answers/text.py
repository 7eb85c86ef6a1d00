"""Text tables that line up on a terminal, whatever letters stand in them.

>>> for line in text_table([["name", "share"], ["猫", "0.5"], ["chien", "0.25"]]):
...     print(line)
name   share
猫       0.5
chien   0.25
"""

from collections.abc import Iterable, Iterator, Sequence

from imagier.i18n import printable

__all__ = ["text_table"]


def text_table(
    rows: Sequence[Sequence[str]],
    *,
    left: Iterable[int] = (0,),
    gap: str = "  ",
    rule: bool = False,
) -> Iterator[str]:
    """Line up the columns of a table by the cells that its letters take on a terminal.

    Args:
        rows: The cells, as many in each row; titles, where there are some, are the first row. A
            cell is one line, whatever stands in it.
        left: The columns whose cells stand to the left, -1 for the last; others to the right.
        gap: What stands between two columns.
        rule: Whether a line as long as the longest row is drawn under the first.
    """
    from rich.cells import cell_len

    rows = [[printable(cell) for cell in row] for row in rows]
    columns = list(zip(*rows, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    lefts = {place % max(1, len(columns)) for place in left}
    lines = []
    for row in rows:
        cells = []
        for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
            blank = " " * (width - cell_len(cell))
            cells.append(cell + blank if place in lefts else blank + cell)
        lines.append(gap.join(cells).rstrip())
    yield from lines[:1]
    if rule and lines:
        yield "─" * max(map(cell_len, lines))
    yield from lines[1:]
