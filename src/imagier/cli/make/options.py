"""What the commands of `imagier make` share: their options, their ranges, and their end."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from imagier.cli.framework import json_option, progress_bar, quiet_option, show
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import integer, t

if TYPE_CHECKING:
    from imagier.datasets.synthetic import Font, SetRecipe

__all__ = ["find", "finish", "font_option", "made_options", "read_range", "set_path"]

MOST = 10_000_000
STYLES = ("codes", "cheques", "print", "captcha")  # those of the room, not loaded for `--help`

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def made_options(kind: str, count: int) -> Callable[[Decorated], Decorated]:
    """Add what every made set is asked: how many, where, and from which seed.

    Args:
        kind: What is made, by which it is called unless it is said.
        count: How many pictures there are unless it is said.
    """
    usual = f"made-{kind}"

    def decorate(function: Decorated) -> Decorated:
        for option in (
            quiet_option,
            json_option,
            click.option("--force", is_flag=True, help=t("cli.make.force")),
            click.option(
                "--seed", type=click.IntRange(0), metavar="N", default=0, help=t("cli.make.seed")
            ),
            click.option(
                "--out",
                default=usual,
                metavar=t("cli.make.out_word"),
                help=t("cli.make.out", usual=usual),
            ),
            click.option(
                "--count",
                type=click.IntRange(1, MOST),
                metavar="N",
                default=count,
                help=t("cli.make.count", default=count),
            ),
        ):
            function = option(function)
        return function

    return decorate


def font_option(function: Decorated) -> Decorated:
    """Add `--fonts`: names, patterns, files, or all."""
    return click.option("--fonts", metavar=t("cli.make.fonts_word"), help=t("cli.make.fonts"))(
        function
    )


def find(fonts: str | None, characters: Sequence[str]) -> "tuple[tuple[Font, ...], list[str]]":
    """Find the fonts that were asked for, and say which of a pattern's lack characters.

    Raises:
        MachineError: `fonts_missing`.
        DataError: `font_unreadable` or `font_lacks`.
    """
    from imagier.datasets.synthetic import fonts_for, standard_fonts

    words = [word.strip() for word in (fonts or "").split(",") if word.strip()]
    found, left = fonts_for(words or [font.path for font in standard_fonts()], characters)
    names = ", ".join(printable(font.name) for font in left[:5])
    facts = {"n": len(left), "count": integer(len(left)), "names": names}
    return found, [t("make.fonts_left", **facts)] if left else []


def set_path(out: str, *, force: bool) -> Path:
    """Refuse early a place that is taken.

    Raises:
        UsageError: As `check_made_output`.
    """
    from imagier.datasets.synthetic import check_made_output

    path = Path(out)
    check_made_output(path, force=force)
    return path


def read_range(text: str, option: str, *, most: int) -> tuple[int, int]:
    """Read `5` or `4-6`.

    Raises:
        UsageError: `make_range`.
    """
    found = re.fullmatch(r"\s*(\d{1,4})\s*(?:[-–]\s*(\d{1,4})\s*)?", text, re.ASCII)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last <= most:
        raise UsageError("make_range", option=option, received=printable(text[:40]), most=most)
    return first, last


def finish(
    recipe: "SetRecipe",
    path: Path,
    *,
    force: bool,
    as_json: bool,
    quiet: bool,
    notes: Sequence[str],
) -> None:
    """Make the set, with a bar, and say what was made."""
    from imagier.datasets.synthetic import make_set

    with progress_bar(t("cli.make.progress"), quiet=quiet) as advance:
        made = make_set(recipe, path, force=force, notes=notes, progress=advance)
    show(made, as_json=as_json, quiet=quiet)
