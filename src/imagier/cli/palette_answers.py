"""What `imagier palette` answers about one picture: JSON, a page, a line, lines of a table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagier.cli.framework import note, print_json
from imagier.cli.seeing import Seen
from imagier.errors import ImagierError
from imagier.files import printable
from imagier.i18n import decimal, integer, percent, t

if TYPE_CHECKING:
    from imagier.palette import Reduced

__all__ = ["TABLE_HEAD", "Answer", "tell", "tell_error"]

TABLE_HEAD = "path,k,bits_per_pixel,mse,psnr,ssim,bytes"
MOST_SHOWN = 32
EMPTY = dict.fromkeys(("out", "k", "mse", "psnr", "bits_per_pixel", "bytes", "colours", "seconds"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A picture, the same with few colours, and its file."""

    seen: Seen
    reduced: "Reduced"
    file: bytes

    @classmethod
    def of(cls, seen: Seen, reduced: "Reduced") -> "Answer":
        """Write the file, in memory."""
        from imagier.palette import to_indexed_png

        return cls(seen=seen, reduced=reduced, file=to_indexed_png(reduced))

    @property
    def colours(self) -> list[list[int]]:
        """Give number, red, green, blue and pixels of each entry."""
        rows = zip(self.reduced.palette.tolist(), self.reduced.counts.tolist(), strict=True)
        return [[number, *colour, pixels] for number, (colour, pixels) in enumerate(rows)]

    def table_lines(
        self, reduce: "Callable[[int], Reduced]", *, least: int | None
    ) -> Iterator[str]:
        """Give a line of the table for each k from `least` to 256; for the own k where None."""
        from imagier.palette import LADDER, compare

        own = len(self.reduced.palette)
        ks = [own] if least is None else [k for k in sorted({*LADDER, own}) if k >= least]
        name = self.seen.name.replace('"', '""')
        name = f'"{name}"' if any(mark in name for mark in ',"\n') else name
        for rung in compare(self.seen.pixels, ks, reduce):
            ratio = "" if rung.psnr is None else f"{rung.psnr:.3f}"
            figures = f"{rung.mse:.4f},{ratio},{rung.ssim:.5f},{rung.bytes}"
            yield f"{name},{rung.k},{rung.bits_per_pixel},{figures}"


def tell(answer: Answer, place: Path | None, *, is_alone: bool, as_json: bool) -> None:
    """Print the answer: for programs, as a page for one picture, as a line for each of many."""
    if as_json:
        print_json(_to_json(answer, place))
        return
    for line in _page(answer) if is_alone else [_line(answer)]:
        click.echo(line)


def tell_error(name: str, error: ImagierError, *, as_json: bool) -> None:
    """Say why one of several pictures was left out."""
    if as_json:
        said = {"code": error.code, "message": error.message}
        print_json({"path": printable(name), **EMPTY, "transparent": None, "error": said})
    note(t("cli.said", message=error.message, next=error.next_step))


def _to_json(answer: Answer, place: Path | None) -> dict[str, object]:
    reduced = answer.reduced
    return {
        "path": answer.seen.name,
        "out": None if place is None else printable(place),
        "k": len(reduced.palette),
        "mse": reduced.mse,
        "psnr": reduced.psnr,
        "bits_per_pixel": reduced.depth,
        "bytes": len(answer.file),
        "colours": answer.colours,
        "seconds": reduced.seconds,
        "transparent": 0 if reduced.has_transparent else None,
        "error": None,
    }


def _page(answer: Answer) -> Iterator[str]:
    from imagier.palette import Size

    reduced = answer.reduced
    height, width = reduced.labels.shape
    size = Size.of(height=height, width=width, k=len(reduced.palette))
    yield t(
        "cli.palette.title", path=answer.seen.name, height=height, width=width, **_numbers(answer)
    )
    yield ""
    yield from _entries(answer)
    yield ""
    yield t("cli.palette.error", mse=decimal(reduced.mse, 2), psnr=_decibels(reduced))
    yield t(
        "cli.palette.memory",
        bits=size.bits_per_pixel,
        pixels=integer(size.pixels),
        table=integer(size.table),
        colour=integer(size.colour),
        gain=decimal(size.gain, 3),
    )
    yield t("cli.palette.file", rows=integer(size.rows), bytes=integer(len(answer.file)))
    yield t("cli.palette.seconds", seconds=decimal(reduced.seconds, 3))


def _entries(answer: Answer) -> Iterator[str]:
    """Write the table of colours, from 0: number, colour, how many pixels have it."""
    total = answer.reduced.labels.size
    for number, red, green, blue, pixels in answer.colours[:MOST_SHOWN]:
        code = f"#{red:02x}{green:02x}{blue:02x}  {red:>3} {green:>3} {blue:>3}"
        if number == 0 and answer.reduced.has_transparent:
            code = t("cli.palette.transparent").ljust(len(code))
        yield f"{number:>3}  {code}  {integer(pixels):>12}  {percent(pixels / total):>7}"
    if len(answer.colours) > MOST_SHOWN:
        yield t("cli.palette.more", n=len(answer.colours) - MOST_SHOWN)


def _line(answer: Answer) -> str:
    reduced = answer.reduced
    facts = {"bits": reduced.depth, "bytes": integer(len(answer.file)), "psnr": _decibels(reduced)}
    return t("cli.palette.line", path=answer.seen.name, **_numbers(answer), **facts)


def _numbers(answer: Answer) -> dict[str, str]:
    reduced = answer.reduced
    return {
        "pixels": integer(reduced.labels.size),
        "distinct": integer(reduced.distinct),
        "k": integer(len(reduced.palette)),
    }


def _decibels(reduced: "Reduced") -> str:
    return t("cli.palette.lossless") if reduced.psnr is None else f"{decimal(reduced.psnr, 2)} dB"
